package duckdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// HotspotCounts returns the counts of every pain point seen in the window, by
// name; cells by dimension and cohort, weeks in their order.
func (s *Store) HotspotCounts(ctx context.Context, q model.HotspotQuery) ([]model.HotspotCounts, error) {
	out := []model.HotspotCounts{}
	script, err := s.outcomes("hotspots/counts", q)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			r, err := scanHotspotRecord(scan)
			if err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].PainPoint != r.painpoint {
				out = append(out, model.HotspotCounts{PainPoint: r.painpoint})
			}
			return r.addTo(&out[len(out)-1])
		}, sql.Named("as_of", q.AsOf.UTC()), sql.Named("from", q.From.UTC()), sql.Named("least", max(q.Least, 1)))
	})
	if err != nil {
		return nil, fmt.Errorf("count hotspots before %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return out, nil
}

// hotspotRecord is a row of hotspots/counts; n are its integers, of which the
// cents of a reach may be unknown.
type hotspotRecord struct {
	record, painpoint string
	cell              model.HotspotCell
	week, class       string
	n                 [8]int64
	cents, badCents   *int64
	number            float64
}

func scanHotspotRecord(scan func(...any) error) (r hotspotRecord, err error) {
	err = scan(&r.record, &r.painpoint, &r.cell.Dimension, &r.cell.Cohort, &r.week, &r.class,
		&r.n[0], &r.n[1], &r.n[2], &r.n[3], &r.cents, &r.badCents, &r.n[6], &r.n[7], &r.number)
	if r.cents != nil {
		r.n[4] = *r.cents
	}
	if r.badCents != nil {
		r.n[5] = *r.badCents
	}
	return r, err
}

// addTo puts the record where it belongs. The parts of a cell come before its
// reach, in the order of cells.
func (r hotspotRecord) addTo(c *model.HotspotCounts) error {
	n := r.n
	switch r.record {
	case "total":
		c.Weeks = append(c.Weeks, model.HotspotWeek{
			Week: r.week, Class: r.class, Exposures: n[0], Sum: n[1], Squares: n[2], Cubes: r.number, Base: n[3], Bad: n[7],
			BatchMembers: n[4], BatchSquare: n[5], BatchCross: n[5], DaySquare: n[6], DayCross: n[6],
		})
	case "part":
		if last := len(c.Cells) - 1; last < 0 || c.Cells[last].HotspotCell != r.cell {
			c.Cells = append(c.Cells, model.HotspotCellCounts{HotspotCell: r.cell})
		}
		cell := &c.Cells[len(c.Cells)-1]
		cell.Weeks = append(cell.Weeks, model.HotspotWeek{
			Week: r.week, Class: r.class, Exposures: n[0], Sum: n[1], Base: n[2],
			BatchMembers: n[3], BatchSquare: n[4], BatchCross: n[5], DaySquare: n[6], DayCross: n[7],
		})
	case "reach":
		r.addReach(c)
	case "batch", "day":
		cluster := model.HotspotCluster{Name: r.cell.Cohort, Week: r.week, Class: r.class, Exposures: n[0], Sum: n[1], Squares: n[2]}
		if r.record == "day" {
			c.Days = append(c.Days, cluster)
		} else {
			c.Batches = append(c.Batches, cluster)
		}
	case "size":
		c.Repeats = append(c.Repeats, model.HotspotRepeats{Exposures: n[0], Customers: n[1], Sum: n[2], Squares: n[3], SumSquares: n[4]})
	default:
		return fmt.Errorf("record %q is not known", r.record)
	}
	return nil
}

func (r hotspotRecord) addReach(c *model.HotspotCounts) {
	n := r.n
	reach := model.HotspotReach{
		Exposures: n[0], Bad: n[1], Customers: n[2], CustomersTouched: n[3], Cents: r.cents, CentsTouched: r.badCents, Square: n[6], Cross: n[7],
	}
	if r.cell.Dimension == "" {
		c.Whole = reach
		return
	}
	i, found := slices.BinarySearchFunc(c.Cells, r.cell, func(a model.HotspotCellCounts, b model.HotspotCell) int {
		return cmp.Or(cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Cohort, b.Cohort))
	})
	if found {
		c.Cells[i].Reach = reach
		return
	}
	c.Cells = slices.Insert(c.Cells, i, model.HotspotCellCounts{HotspotCell: r.cell, Reach: reach})
}

// HotspotCustomers returns, for each of some cells, the customers with an
// incident in it, in the order of their ids.
func (s *Store) HotspotCustomers(ctx context.Context, q model.HotspotQuery, cells []model.PainPointCell) ([][]string, error) {
	out := make([][]string, len(cells))
	if len(cells) == 0 {
		return out, nil
	}
	painpoints, dimensions, cohorts := make([]string, len(cells)), make([]string, len(cells)), make([]string, len(cells))
	for i, c := range cells {
		painpoints[i], dimensions[i], cohorts[i] = c.PainPoint, c.Dimension, c.Cohort
	}
	script, err := s.outcomes("hotspots/touched", q)
	if err != nil {
		return nil, err
	}
	before := q.BegunBefore.UTC()
	if before.IsZero() {
		before = q.AsOf.UTC()
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var position int
			var customer string
			if err := scan(&position, &customer); err != nil {
				return err
			}
			out[position-1] = append(out[position-1], customer)
			return nil
		},
			sql.Named("as_of", q.AsOf.UTC()), sql.Named("from", q.From.UTC()), sql.Named("painpoints", painpoints),
			sql.Named("dimensions", dimensions), sql.Named("cohorts", cohorts),
			sql.Named("begun_from", q.BegunFrom.UTC()), sql.Named("begun_before", before))
	})
	if err != nil {
		return nil, fmt.Errorf("customers of hotspots: %w", err)
	}
	return out, nil
}

// HotspotOverlaps returns how many exposures each two cells of a pain point
// share, by their places in cells.
func (s *Store) HotspotOverlaps(ctx context.Context, q model.HotspotQuery, painpoint string, cells []model.HotspotCell) ([][]int64, error) {
	out := make([][]int64, len(cells))
	n := len(cells)
	painpoints, dimensions, cohorts := make([]string, 0, n), make([]string, 0, n), make([]string, 0, n)
	for i, c := range cells {
		out[i] = make([]int64, len(cells))
		painpoints = append(painpoints, painpoint)
		dimensions = append(dimensions, c.Dimension)
		cohorts = append(cohorts, c.Cohort)
	}
	if len(cells) == 0 {
		return out, nil
	}
	script, err := s.outcomes("hotspots/overlaps", q)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var one, other int
			var shared int64
			if err := scan(&one, &other, &shared); err != nil {
				return err
			}
			out[one-1][other-1] = shared
			return nil
		},
			sql.Named("as_of", q.AsOf.UTC()), sql.Named("from", q.From.UTC()), sql.Named("painpoints", painpoints),
			sql.Named("dimensions", dimensions), sql.Named("cohorts", cohorts))
	})
	if err != nil {
		return nil, fmt.Errorf("overlaps of %s: %w", painpoint, err)
	}
	return out, nil
}
