package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// SurveyOccasions implements model.SurveyStore.
func (s *Store) SurveyOccasions(ctx context.Context, q model.OccasionQuery) ([]model.SurveyOccasion, error) {
	moments := slices.Sorted(maps.Keys(q.Moments))
	names, after := make([]string, len(moments)), make([]int64, len(moments))
	for i, m := range moments {
		names[i], after[i] = string(m), q.Moments[m].Microseconds()
	}
	out := []model.SurveyOccasion{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("surveys/occasions"), func(scan func(...any) error) error {
			var o model.SurveyOccasion
			err := scan(&o.CustomerID, &o.Moment, &o.Cause, &o.At, &o.VisibleAt)
			o.At, o.VisibleAt = o.At.UTC(), o.VisibleAt.UTC()
			out = append(out, o)
			return err
		},
			sql.Named("moments", names), sql.Named("after", after), sql.Named("customer", q.Customer),
			sql.Named("from", q.From.UTC()), sql.Named("to", q.To.UTC()), sql.Named("day_before", q.DayBefore.UTC()),
			sql.Named("stale", q.Stale.UTC()), sql.Named("lookback", q.Lookback.UTC()),
			sql.Named("salt", q.Salt), sql.Named("slot_from", q.SlotFrom), sql.Named("slot_to", q.SlotTo))
	})
	if err != nil {
		return nil, fmt.Errorf("find occasions of surveys: %w", err)
	}
	return out, nil
}

// SurveyTraits implements model.SurveyStore.
func (s *Store) SurveyTraits(ctx context.Context, asOf time.Time, customers []string) ([]model.SurveyTraits, error) {
	out := []model.SurveyTraits{}
	if len(customers) == 0 {
		return out, nil
	}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("surveys/traits"), func(scan func(...any) error) error {
			t, err := scanSurveyTraits(scan)
			out = append(out, t)
			return err
		}, sql.Named("customers", customers), sql.Named("as_of", asOf.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("read customers to survey: %w", err)
	}
	return out, nil
}

func scanSurveyTraits(scan func(...any) error) (model.SurveyTraits, error) {
	var t model.SurveyTraits
	var industry, tier, plan, region, language, channel, shipping string
	var since sql.NullTime
	err := scan(&t.CustomerID, &industry, &tier, &plan, &region, &language, &channel, &shipping, &since,
		&t.Probability, &t.ExpectedValue, &t.Satisfaction, &t.Answers)
	t.Since = instantOf(since)
	t.Segments = map[string]string{
		"industry": industry, "tier": tier, "plan": plan, "region": region, "language": language, "channel": channel, "shipping_method": shipping,
	}
	return t, err
}

// AnswersOf implements model.SurveyStore.
func (s *Store) AnswersOf(ctx context.Context, from, until time.Time) ([]model.CustomerAnswers, error) {
	out := []model.CustomerAnswers{}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("surveys/answers"), func(scan func(...any) error) error {
			var a model.CustomerAnswers
			err := scan(&a.CustomerID, &a.Answers)
			out = append(out, a)
			return err
		}, sql.Named("from", from.UTC()), sql.Named("until", until.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("count answers: %w", err)
	}
	return out, nil
}

// SurveyPlan implements model.SurveyStore.
func (s *Store) SurveyPlan(ctx context.Context, day string) (p model.SurveyPlan, found bool, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		if p, found, err = s.surveyPlan(ctx, tx, day); err != nil || !found {
			return err
		}
		p.Surveys, err = s.plannedSurveys(ctx, tx, day, "")
		return err
	})
	if err != nil {
		return p, false, fmt.Errorf("plan of surveys of %s: %w", day, err)
	}
	return p, found, nil
}

func (s *Store) surveyPlan(ctx context.Context, tx *sql.Tx, day string) (p model.SurveyPlan, found bool, err error) {
	var at time.Time
	var text string
	if found, err = one(ctx, tx, s.queries.Script("surveys/plan"), []any{&at, &text}, sql.Named("day", day)); err != nil || !found {
		return p, found, err
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, false, err
	}
	at = at.UTC()
	p.PlannedAt = &at
	return p, true, nil
}

// SaveSurveyPlan implements model.SurveyStore.
func (s *Store) SaveSurveyPlan(ctx context.Context, p model.SurveyPlan, seen model.Sequence) error {
	if p.PlannedAt == nil {
		return model.Errorf(model.KindInternal, "save plan of surveys: it has no instant")
	}
	rows, err := plannedRows(p.Surveys)
	if err != nil {
		return model.Wrap(model.KindInternal, "save plan of surveys", err)
	}
	head := p
	head.Surveys = nil
	text, err := json.Marshal(head)
	if err != nil {
		return model.Wrap(model.KindInternal, "save plan of surveys", err)
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		if _, found, err := s.surveyPlan(ctx, tx, p.Day); err != nil || found {
			if found {
				err = model.Errorf(model.KindConflict, "there is a plan of %s already", p.Day)
			}
			return err
		}
		if newest, err := s.triggerSequence(ctx, tx); err != nil || newest != seen {
			if err == nil {
				err = model.Errorf(model.KindConflict, "triggers changed meanwhile: plan again")
			}
			return err
		}
		if err := s.noneErased(ctx, tx, func(yield func(string) bool) {
			for i := range p.Surveys {
				if !yield(p.Surveys[i].CustomerID) {
					return
				}
			}
		}); err != nil {
			return err
		}
		if _, err := run(ctx, tx, s.queries.Script("surveys/save_plan"), sql.Named("day", p.Day),
			sql.Named("planned_at", p.PlannedAt.UTC()), sql.Named("plan", string(text))); err != nil {
			return err
		}
		_, err := run(ctx, tx, s.queries.Script("surveys/save_planned"), sql.Named("rows", rows))
		return err
	})
	if err != nil {
		return fmt.Errorf("save plan of surveys: %w", err)
	}
	return nil
}

// SurveyPlans implements model.SurveyStore.
func (s *Store) SurveyPlans(ctx context.Context) (n int64, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, s.queries.Script("surveys/plans"), []any{&n})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count plans of surveys: %w", err)
	}
	return n, nil
}

// PlannedSurveys implements model.SurveyStore.
func (s *Store) PlannedSurveys(ctx context.Context, customer string) (out []model.PlannedSurvey, err error) {
	err = s.read(ctx, func(tx *sql.Tx) error {
		out, err = s.plannedSurveys(ctx, tx, "", customer)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read planned surveys: %w", err)
	}
	return out, nil
}

// plannedSurveys reads those of a day, or of a customer.
func (s *Store) plannedSurveys(ctx context.Context, tx *sql.Tx, day, customer string) ([]model.PlannedSurvey, error) {
	out := []model.PlannedSurvey{}
	err := each(ctx, tx, s.queries.Script("surveys/planned"), func(scan func(...any) error) error {
		p, err := scanPlanned(scan)
		out = append(out, p)
		return err
	}, sql.Named("day", day), sql.Named("customer", customer))
	return out, err
}

// SurveyReports implements model.SurveyStore.
func (s *Store) SurveyReports(ctx context.Context, since, until time.Time, customers []string) ([]model.SurveyReport, error) {
	out := []model.SurveyReport{}
	if len(customers) == 0 {
		return out, nil
	}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("surveys/reports"), func(scan func(...any) error) error {
			var r model.SurveyReport
			err := scan(&r.CustomerID, &r.At, &r.Answered, &r.ID, &r.SurveyID, &r.Kind, &r.Score, &r.Replied, &r.Touchpoint, &r.Channel, &r.Template)
			r.At = r.At.UTC()
			out = append(out, r)
			return err
		}, sql.Named("customers", customers), sql.Named("since", since.UTC()), sql.Named("until", until.UTC()))
	})
	if err != nil {
		return nil, fmt.Errorf("read surveys that were sent: %w", err)
	}
	return out, nil
}

// plannedRow is a planned survey as surveys/save_planned reads it; instants in
// microseconds.
type plannedRow struct {
	ID       string   `json:"survey_id"`
	Day      string   `json:"day"`
	Customer string   `json:"customer_id"`
	Moment   string   `json:"moment"`
	Kind     string   `json:"kind"`
	Template string   `json:"template"`
	Channel  string   `json:"channel"`
	Cause    *string  `json:"cause"`
	MomentAt int64    `json:"moment_at"`
	From     int64    `json:"send_from"`
	Until    int64    `json:"send_until"`
	Expires  int64    `json:"expires_at"`
	By       string   `json:"chosen_by"`
	Included float64  `json:"inclusion_probability"`
	Random   float64  `json:"random_probability"`
	Value    *float64 `json:"value_of_answer"`
	About    string   `json:"about"`
}

// plannedAbout is what a planned survey says of the choice.
type plannedAbout struct {
	Segments map[string]string `json:"segments"`
	Why      string            `json:"why"`
}

func plannedRows(all []model.PlannedSurvey) (string, error) {
	rows := make([]plannedRow, len(all))
	for i := range all {
		p := &all[i]
		about, err := json.Marshal(plannedAbout{p.Segments, p.Why})
		if err != nil {
			return "", err
		}
		rows[i] = plannedRow{
			ID: p.ID, Day: p.Day, Customer: p.CustomerID, Moment: string(p.Moment), Kind: p.Kind, Template: p.Template, Channel: p.Channel,
			Cause: p.Cause, MomentAt: p.MomentAt.UnixMicro(), From: p.SendFrom.UnixMicro(), Until: p.SendUntil.UnixMicro(),
			Expires: p.ExpiresAt.UnixMicro(), By: string(p.ChosenBy), Included: p.InclusionProbability, Random: p.RandomProbability,
			Value: p.ValueOfAnswer, About: string(about),
		}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

func scanPlanned(scan func(...any) error) (model.PlannedSurvey, error) {
	p := model.PlannedSurvey{Status: model.SurveyPlanned, Personal: map[string]string{}}
	var about string
	err := scan(&p.ID, &p.Day, &p.CustomerID, &p.Moment, &p.Kind, &p.Template, &p.Channel, &p.Cause, &p.MomentAt, &p.SendFrom, &p.SendUntil,
		&p.ExpiresAt, &p.ChosenBy, &p.InclusionProbability, &p.RandomProbability, &p.ValueOfAnswer, &about)
	if err != nil {
		return p, err
	}
	p.MomentAt, p.SendFrom, p.SendUntil, p.ExpiresAt = p.MomentAt.UTC(), p.SendFrom.UTC(), p.SendUntil.UTC(), p.ExpiresAt.UTC()
	var said plannedAbout
	err = json.Unmarshal([]byte(about), &said)
	p.Segments, p.Why = said.Segments, said.Why
	return p, err
}
