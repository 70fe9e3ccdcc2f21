package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Periods counts each period, in their order.
func (s *Store) Periods(ctx context.Context, q model.PeriodsQuery) ([]model.PeriodCount, error) {
	type period struct{ From, To time.Time }
	view := struct {
		Periods      []period
		Cancellation bool
		AsOf         time.Time
		LookbackDays int
	}{Cancellation: q.Definition.Kind == model.Cancellation, AsOf: q.AsOf.UTC(), LookbackDays: wholeDays(q.Definition.Lookback)}
	for i := 1; i < len(q.Bounds); i++ {
		view.Periods = append(view.Periods, period{q.Bounds[i-1].UTC(), q.Bounds[i].UTC()})
	}
	out := []model.PeriodCount{}
	if len(view.Periods) == 0 {
		return out, nil
	}
	script, err := s.queries.Render("boards/periods", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "periods", err)
	}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var c model.PeriodCount
			err := scan(&c.From, &c.To, &c.Customers, &c.Left, &c.Newcomers, &c.Buyers, &c.Orders, &c.Revenue,
				&c.Answers, &c.Respondents, &c.Net, &c.NetSquares, &c.NetAnswers, &c.AnswerSquares)
			c.From, c.To = c.From.UTC(), c.To.UTC()
			out = append(out, c)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("periods before %s: %w", q.AsOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}

// IncidentCounts counts incidents by pain point, in the order of their names.
func (s *Store) IncidentCounts(ctx context.Context, q model.IncidentsQuery) ([]model.IncidentCount, error) {
	view, err := incidentsViewOf(q.AsOf, q.Own)
	if err != nil {
		return nil, err
	}
	script, err := s.queries.Render("boards/incidents", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "incidents", err)
	}
	out := []model.IncidentCount{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var c model.IncidentCount
			err := scan(&c.PainPoint, &c.Incidents, &c.Touched, &c.Revenue, &c.Weeks, &c.WeekSquares)
			out = append(out, c)
			return err
		}, sql.Named("from", q.From.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("incidents before %s: %w", q.AsOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}

// Programme counts what became of triggers in [from, asOf).
func (s *Store) Programme(ctx context.Context, from, asOf time.Time) (model.Programme, error) {
	out := model.Programme{Playbooks: []model.ProgrammePlaybook{}, Suppressions: []model.ProgrammeReason{}, Owners: []model.ProgrammeOwner{}}
	span := []sql.NamedArg{sql.Named("from", from.UTC()), sql.Named("as_of", asOf.UTC())}
	err := s.read(ctx, func(tx *sql.Tx) error {
		err := each(ctx, tx, s.queries.Script("boards/programme"), func(scan func(...any) error) error {
			var p model.ProgrammePlaybook
			err := scan(&p.Playbook, &p.Opened, &p.Done, &p.InTime, &p.Late, &p.Escalated, &p.Expired, &p.Open, &p.Suppressed)
			out.Playbooks = append(out.Playbooks, p)
			return err
		}, span...)
		if err != nil {
			return err
		}
		err = each(ctx, tx, s.queries.Script("boards/suppressions"), func(scan func(...any) error) error {
			var r model.ProgrammeReason
			err := scan(&r.Code, &r.Triggers)
			out.Suppressions = append(out.Suppressions, r)
			return err
		}, span...)
		if err != nil {
			return err
		}
		return each(ctx, tx, s.queries.Script("boards/owners"), func(scan func(...any) error) error {
			var o model.ProgrammeOwner
			err := scan(&o.Owner, &o.Done, &o.Open, &o.Overdue)
			out.Owners = append(out.Owners, o)
			return err
		}, span...)
	})
	if err != nil {
		return out, fmt.Errorf("retention programme before %s: %w", asOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}

// WeightedOrders counts the orders known as of an instant that have a sampling
// weight other than 1.
func (s *Store) WeightedOrders(ctx context.Context, asOf time.Time) (n int64, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("boards/weighted_orders"), []any{&n}, sql.Named("as_of", asOf.UTC()))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("orders of a sample: %w", err)
	}
	return n, nil
}
