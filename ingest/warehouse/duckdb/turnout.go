package duckdb

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// surveyOpenDays is how long a survey may yet be answered, so that it says
// nothing, neither by silence nor by an answer.
const surveyOpenDays = 14

// Turnout implements model.ScoreStore. Answers to the net promoter question
// are those of the 90 days before the snapshot. A survey that was sent in them
// counts once it is older than 14 days, answered or not: of younger ones only
// the quick have answered. It is answered where a reply to it is known, or an
// answer that names it, or, where the survey or the answer names none, an answer
// to the net promoter question within its 14 days.
func (s *Store) Turnout(ctx context.Context, run int64, dimensions []string, most int) (model.Turnout, error) {
	out, err := s.turnout(ctx, run, dimensions, most)
	if err != nil {
		return model.Turnout{}, fmt.Errorf("turnout: %w", err)
	}
	return out, nil
}

func (s *Store) turnout(ctx context.Context, run int64, dimensions []string, most int) (out model.Turnout, err error) {
	if err := checkCohorts(dimensions, most); err != nil {
		return out, err
	}
	out.Respondents = []model.Respondent{}
	err = s.read(ctx, func(tx *sql.Tx) error {
		p, err := s.publishedRun(ctx, tx, run)
		if err != nil {
			return err
		}
		out.AsOf, out.From, out.Definition = p.AsOf, p.AsOf.Add(-answersWindow), p.definition
		script, err := s.queries.Render("scores/turnout", cohortViewOf(p, dimensions))
		if err != nil || len(dimensions) == 0 {
			return err
		}
		return each(ctx, tx, script, func(scan func(...any) error) error {
			r, err := scanRespondent(scan)
			out.Respondents = append(out.Respondents, r)
			return err
		}, sql.Named("run", p.Run), sql.Named("most", most), sql.Named("as_of", p.AsOf),
			sql.Named("answers_from", out.From), sql.Named("open_days", surveyOpenDays))
	})
	return out, err
}

func scanRespondent(scan func(...any) error) (model.Respondent, error) {
	var r model.Respondent
	var cohorts any
	var span, since sql.NullFloat64
	err := scan(&r.CustomerID, &r.Eligible, &cohorts, &r.Promoters, &r.Passives, &r.Detractors,
		&r.AnswerDays, &span, &since, &r.Asked, &r.Replied, &r.ClosedSurveys, &r.UnansweredSurveys, &r.Inclusion, &r.InclusionOpen)
	if err != nil {
		return r, err
	}
	r.AnswerSpanDays, r.SinceAnswerDays = span.Float64, since.Float64
	r.Cohorts, err = cohortNames(cohorts)
	return r, err
}
