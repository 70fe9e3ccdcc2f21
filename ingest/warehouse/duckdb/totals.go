package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Totals are what a monitoring system wants to know of the database.
type Totals struct {
	// Rows are by kind, Refused by kind and reason, both in that order.
	Rows    []RowTotal
	Refused []RefusedTotal
	// Incidents are of the window, by pain point.
	Incidents []IncidentTotal
}

// RowTotal counts the rows of a kind that were ever read.
type RowTotal struct {
	Kind              model.FactKind
	Read, Quarantined int64
}

// RefusedTotal counts the refused rows that are still kept: their text goes
// after some time, so that these can be fewer than RowTotal.Quarantined.
type RefusedTotal struct {
	Kind   model.FactKind
	Reason string
	Rows   int64
}

// IncidentTotal counts the incidents of a pain point and who met with them.
type IncidentTotal struct {
	PainPoint            string
	Incidents, Customers int64
}

// Totals reads the totals of all loads, and the incidents within window before
// asOf as known then.
func (s *Store) Totals(ctx context.Context, asOf time.Time, window time.Duration) (t Totals, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		t = Totals{}
		err := each(ctx, tx, s.queries.Script("totals/rows"), func(scan func(...any) error) error {
			var r RowTotal
			err := scan(&r.Kind, &r.Read, &r.Quarantined)
			t.Rows = append(t.Rows, r)
			return err
		})
		if err != nil {
			return err
		}
		err = each(ctx, tx, s.queries.Script("totals/refused"), func(scan func(...any) error) error {
			var r RefusedTotal
			err := scan(&r.Kind, &r.Reason, &r.Rows)
			t.Refused = append(t.Refused, r)
			return err
		})
		if err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("totals/incidents"), func(scan func(...any) error) error {
			var i IncidentTotal
			err := scan(&i.PainPoint, &i.Incidents, &i.Customers)
			t.Incidents = append(t.Incidents, i)
			return err
		}, sql.Named("as_of", asOf.UTC()), sql.Named("since", asOf.UTC().Add(-window)))
	})
	if err != nil {
		return Totals{}, fmt.Errorf("totals: %w", err)
	}
	return t, nil
}

// TriggerTotal counts the triggers of a playbook and urgency that ever had a
// status, have it now, and are overdue; of those done it adds up the time from
// opening to done.
type TriggerTotal struct {
	Playbook, Urgency, Status string
	Ever, Now, Overdue        int64
	LatencySeconds            float64
}

// TriggerTotals counts triggers by playbook, urgency and status, in that order.
func (s *Store) TriggerTotals(ctx context.Context, now time.Time) (out []TriggerTotal, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("totals/triggers"), func(scan func(...any) error) error {
			var t TriggerTotal
			err := scan(&t.Playbook, &t.Urgency, &t.Status, &t.Ever, &t.Now, &t.Overdue, &t.LatencySeconds)
			out = append(out, t)
			return err
		}, sql.Named("now", now.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("totals of triggers: %w", err)
	}
	return out, nil
}

// Usage is what the database takes, in bytes: of its file, 0 in memory, and of
// the memory that it manages, buffers included.
type Usage struct{ File, Memory int64 }

// Usage reads what the database takes now.
func (s *Store) Usage(ctx context.Context) (u Usage, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("totals/usage"), []any{&u.File, &u.Memory})
		return err
	})
	if err != nil {
		return Usage{}, fmt.Errorf("usage: %w", err)
	}
	return u, nil
}

// DriftStates counts the customers of the published snapshot by their state of
// drift; those who are not eligible are left out.
func (s *Store) DriftStates(ctx context.Context) (states map[model.DriftState]int64, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		states = map[model.DriftState]int64{}
		p, err := s.publishedRun(ctx, tx, 0)
		if err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("totals/drift"), func(scan func(...any) error) error {
			var state model.DriftState
			var customers int64
			err := scan(&state, &customers)
			states[state] = customers
			return err
		}, sql.Named("run", p.Run))
	})
	if err != nil {
		return nil, fmt.Errorf("states of drift: %w", err)
	}
	return states, nil
}

// NewestLoad returns the number of the newest load and when it arrived, zeros
// before the first. It tells whether data have come since.
func (s *Store) NewestLoad(ctx context.Context) (load int64, at time.Time, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("totals/newest_load"), []any{&load, &at})
		return err
	})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("newest load: %w", err)
	}
	return load, at, nil
}
