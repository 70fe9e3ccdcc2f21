package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Standings returns the customers who were eligible as of an instant, ordered by
// id, with the group of their newest answer and what they bought; with an
// outcome also what they did in the horizon after, as known at its end.
func (s *Store) Standings(ctx context.Context, q model.StandingsQuery) ([]model.Standing, error) {
	if err := checkCohorts(q.Dimensions, q.Most); err != nil {
		return nil, err
	}
	script, err := s.queries.Render("boards/standings", standingsViewOf(q))
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "standings", err)
	}
	out := []model.Standing{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			var r model.Standing
			var cohorts any
			err := scan(&r.CustomerID, &r.Group, &cohorts, &r.Orders30d, &r.Revenue30d, &r.RevenueBefore, &r.RevenueAfter, &r.Churned)
			if err != nil {
				return err
			}
			r.Cohorts, err = cohortNames(cohorts)
			out = append(out, r)
			return err
		}, sql.Named("as_of", q.AsOf.UTC()), sql.Named("most", q.Most))
	})
	if err != nil {
		return nil, fmt.Errorf("standings before %s: %w", q.AsOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}

// standingsView is what boards/standings is rendered on.
type standingsView struct {
	Dimensions                    []string
	Cancellation, Labels, AnyKind bool
	AsOf, LabelEnd, Lookback      time.Time
	Month, Before, Since          time.Time
}

func standingsViewOf(q model.StandingsQuery) standingsView {
	asOf := q.AsOf.UTC()
	return standingsView{
		Dimensions: q.Dimensions, Cancellation: q.Definition.Kind == model.Cancellation, Labels: q.Outcome, AnyKind: q.AnyKind,
		AsOf: asOf, LabelEnd: asOf.Add(q.Definition.Horizon), Lookback: asOf.Add(-q.Definition.Lookback),
		Month: asOf.Add(-ordersWindow), Before: asOf.Add(-q.Definition.Horizon), Since: asOf.Add(-max(q.Definition.Horizon, ordersWindow)),
	}
}

// cohortNames reads a list of texts.
func cohortNames(list any) ([]string, error) {
	names, _ := list.([]any)
	out := make([]string, len(names))
	for i, name := range names {
		var ok bool
		if out[i], ok = name.(string); !ok {
			return nil, fmt.Errorf("a cohort's name is %T", name)
		}
	}
	return out, nil
}

// AnswerChanges returns customers' pairs of answers to the net promoter
// question, ordered by customer and instant.
func (s *Store) AnswerChanges(ctx context.Context, q model.AnswerChangesQuery) ([]model.AnswerChange, error) {
	out := []model.AnswerChange{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("boards/answer_changes"), func(scan func(...any) error) error {
			var c model.AnswerChange
			err := scan(&c.CustomerID, &c.At, &c.Scores[0], &c.Scores[1], &c.Orders[0], &c.Orders[1], &c.Shop[0], &c.Shop[1])
			c.At = c.At.UTC()
			out = append(out, c)
			return err
		}, sql.Named("as_of", q.AsOf.UTC()), sql.Named("window_days", q.WindowDays))
	})
	if err != nil {
		return nil, fmt.Errorf("changes of answers before %s: %w", q.AsOf.UTC().Format(time.DateOnly), err)
	}
	return out, nil
}
