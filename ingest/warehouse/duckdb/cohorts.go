package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// How far back a cohort's orders and NPS answers count.
const (
	ordersWindow  = 30 * model.Day
	answersWindow = 90 * model.Day
)

// Cohorts implements model.ScoreStore. Profiles are those known at the
// snapshot's as_of; a missing value is the cohort "unknown". Rows come in the
// order of the dimensions, largest cohorts first, ties by name. A max of 0
// folds nothing into "other".
//
// ChurnRisk and RevenueAtRisk are over scores with status ok, the interval of
// the latter as that of model.ScoringSummary; NPS is
// 100*(promoters - detractors)/answers of the 90 days before as_of, orders
// and revenue are of the 30 days before it. ChurnRate is the share of those
// eligible one horizon before as_of who churned since.
func (s *Store) Cohorts(ctx context.Context, run int64, dimensions []string, most int) ([]model.CohortRow, error) {
	rows, err := s.cohorts(ctx, run, dimensions, most)
	if err != nil {
		return nil, fmt.Errorf("summarise cohorts: %w", err)
	}
	return rows, nil
}

func (s *Store) cohorts(ctx context.Context, run int64, dimensions []string, most int) (rows []model.CohortRow, err error) {
	if err := checkCohorts(dimensions, most); err != nil {
		return nil, err
	}
	rows = []model.CohortRow{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		p, err := s.publishedRun(ctx, tx, run)
		if err != nil || len(dimensions) == 0 {
			return err
		}
		script, err := s.queries.Render("scores/cohorts", cohortViewOf(p, dimensions))
		if err != nil {
			return err
		}
		return each(ctx, tx, script, func(scan func(...any) error) error {
			row, err := scanCohort(scan, dimensions, p.intervalLevel())
			rows = append(rows, row)
			return err
		}, cohortArguments(p, most)...)
	})
	return rows, err
}

func checkCohorts(dimensions []string, most int) error {
	for _, d := range dimensions {
		if !slices.Contains(CohortDimensions(), d) {
			return model.Errorf(model.KindInvalid, "dimension %q: want one of %s", d, strings.Join(CohortDimensions(), ", "))
		}
	}
	if most < 0 {
		return model.Errorf(model.KindInvalid, "cohorts at most %d: want 0 or more", most)
	}
	return nil
}

// cohortView is what scores/cohorts is rendered on. AsOf to LabelEnd are the
// horizon that ends at the snapshot, whose labels are complete.
type cohortView struct {
	Dimensions           []string
	Cancellation, Labels bool
	Lookback             time.Time
	AsOf, LabelEnd       time.Time
}

func cohortViewOf(p published, dimensions []string) cohortView {
	cutoff := p.AsOf.Add(-p.definition.Horizon)
	return cohortView{
		Dimensions: dimensions, Cancellation: p.definition.Kind == model.Cancellation, Labels: true,
		Lookback: cutoff.Add(-p.definition.Lookback), AsOf: cutoff, LabelEnd: p.AsOf,
	}
}

// intervalLevel returns the level of the intervals of revenue at risk.
func (p published) intervalLevel() *float64 {
	if p.Summary.RevenueAtRiskInterval == nil {
		return nil
	}
	return &p.Summary.RevenueAtRiskInterval.Level
}

func cohortArguments(p published, most int) []sql.NamedArg {
	return []sql.NamedArg{
		sql.Named("run", p.Run), sql.Named("most", most), sql.Named("as_of", p.AsOf),
		sql.Named("orders_from", p.AsOf.Add(-ordersWindow)), sql.Named("answers_from", p.AsOf.Add(-answersWindow)),
	}
}

// scanCohort reads a row; level is that of the scores' intervals, nil where they
// have none.
func scanCohort(scan func(...any) error, dimensions []string, level *float64) (model.CohortRow, error) {
	var r model.CohortRow
	var position int
	var margin *float64
	err := scan(&position, &r.Cohort, &r.Customers, &r.Scored, &r.ChurnRisk, &r.RevenueAtRisk, &margin,
		&r.SatisfactionIndex, &r.NPS, &r.NPSAnswers, &r.Drifting, &r.Orders30d, &r.Revenue30d, &r.ChurnRate, &r.Values)
	if err != nil {
		return model.CohortRow{}, err
	}
	r.Dimension = dimensions[position]
	if r.RevenueAtRisk != nil && margin != nil && level != nil {
		r.RevenueAtRiskInterval = &model.Interval{Low: max(*r.RevenueAtRisk-*margin, 0), High: *r.RevenueAtRisk + *margin, Level: *level}
	}
	return r, nil
}

// Dimensions returns the profile columns by which scores can be divided.
func Dimensions() []string {
	schema, _ := model.SchemaOf(model.Customers)
	var names []string
	for _, c := range schema.Columns {
		named := slices.Contains(schema.Key, c.Name) || c.Name == "first_name"
		if (c.Type == model.Text || c.Type == model.Boolean) && !named {
			names = append(names, c.Name)
		}
	}
	return names
}

// CohortDimensions returns what cohorts are told apart by: the profile columns,
// the category that a customer bought most of in the year before, and how long he
// has been one.
func CohortDimensions() []string { return append(Dimensions(), "category", "tenure") }

func checkDimension(name string) error {
	if !slices.Contains(Dimensions(), name) {
		return model.Errorf(model.KindInvalid, "dimension %q: want one of %s", name, strings.Join(Dimensions(), ", "))
	}
	return nil
}
