package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model"
)

// Answers returns the answers before q.AsOf ordered by customer, instant and
// id, each with the incidents behind it as known when it was given: those of
// its order and of its ticket, or else the customer's in the last WindowDays;
// from q.Since on.
// With MaxRows whole customers are taken in the order of a hash of seed and
// id while their answers fit.
func (s *Store) Answers(ctx context.Context, q model.AnswersQuery) ([]model.Answer, error) {
	incidents, err := incidentsViewOf(q.AsOf, q.Own)
	if err != nil {
		return nil, err
	}
	if q.Dimension != "" {
		if err := checkDimension(q.Dimension); err != nil {
			return nil, err
		}
	}
	view := answersView{incidents, q.Dimension}
	script, err := s.queries.Render("features/answers", view)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "answers", err)
	}
	out := []model.Answer{}
	last := ""
	err = s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, script, func(scan func(...any) error) error {
			r, err := scanAnswer(scan)
			if err != nil {
				return err
			}
			if len(out) == 0 || r.id != last {
				out = append(out, withoutExposure(r.answer, len(q.PainPoints)))
				last = r.id
			}
			if a, i := out[len(out)-1], r.position-1; i >= 0 {
				a.Incidents[i], a.Severity[i], a.Latest[i] = r.incidents, r.severity, r.latest
			}
			return nil
		},
			sql.Named("as_of", q.AsOf.UTC()), sql.Named("painpoints", nonNil(q.PainPoints)),
			sql.Named("window_days", q.WindowDays), sql.Named("since", sql.NullTime{Time: q.Since.UTC(), Valid: !q.Since.IsZero()}),
			sql.Named("max_rows", q.MaxRows), sql.Named("seed", seedText(q.Seed)))
	})
	if err != nil {
		return nil, fmt.Errorf("answers before %s: %w", q.AsOf.UTC().Format("2006-01-02"), err)
	}
	return out, nil
}

// answersView is what features/answers is rendered on.
type answersView struct {
	incidentsView

	Dimension string
}

// answerRow is an answer and one pain point behind it; position counts from 1
// and is 0 for none.
type answerRow struct {
	id                          string
	answer                      model.Answer
	position                    int
	incidents, severity, latest float64
}

func scanAnswer(scan func(...any) error) (answerRow, error) {
	var r answerRow
	var position sql.NullInt64
	var incidents, severity, latest sql.NullFloat64
	a := &r.answer
	err := scan(&r.id, &a.Customer, &a.Cohort, &a.At, &a.Kind, &a.Score, &a.Weight, &position, &incidents, &severity, &latest)
	a.At = a.At.UTC()
	r.position = int(position.Int64)
	r.incidents, r.severity, r.latest = incidents.Float64, severity.Float64, latest.Float64
	return r, err
}

// withoutExposure gives an answer room for n pain points, none of which it is
// exposed to.
func withoutExposure(a model.Answer, n int) model.Answer {
	room := make([]float64, 3*n)
	a.Incidents, a.Severity, a.Latest = room[:n:n], room[n:2*n:2*n], room[2*n:]
	for i := range a.Latest {
		a.Latest[i] = math.NaN()
	}
	return a
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
