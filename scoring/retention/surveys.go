package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

const (
	// staleOccasion is how long ago an occasion may be that becomes known.
	staleOccasion = 3 * model.Day
	// quotaSpan is the time that quotas of answers are counted over.
	quotaSpan = 90 * model.Day
	// answerWithin is how long after a survey an answer that names none is its.
	answerWithin = silenceDays * model.Day
)

// SurveySettings say whom surveys ask.
type SurveySettings struct {
	survey.Settings

	// Channel is what they are sent by.
	Channel string
}

// SurveyRequest asks for a plan.
type SurveyRequest struct {
	// Day is written 2026-03-02; "" is today's, by [Service.Now].
	Day string
	// Capacity replaces the day's where it is set.
	Capacity *int
	// Look keeps nothing, and may look ahead.
	Look bool
}

// PlanSurveys says whom to ask on a day, and keeps it: asked again, the day's
// plan is the one that was kept, with what became of it since. A day that has
// not begun can only be looked at, by what is known so far.
func (s *Service) PlanSurveys(ctx context.Context, r SurveyRequest) (model.SurveyPlan, error) {
	now, err := s.Now(ctx)
	if err != nil {
		return model.SurveyPlan{}, err
	}
	in, err := s.surveyDay(r, now)
	if err != nil {
		return model.SurveyPlan{}, err
	}
	plan, err := s.planOnce(ctx, r, in, now)
	if errors.As(err, new(meanwhile)) {
		plan, err = s.planOnce(ctx, r, in, now)
	}
	return plan, err
}

// planOnce plans a day; where playbooks ran or somebody planned meanwhile it is
// to be done again.
func (s *Service) planOnce(ctx context.Context, r SurveyRequest, in survey.Input, now time.Time) (model.SurveyPlan, error) {
	seen, err := s.store.TriggerSequence(ctx)
	if err != nil {
		return model.SurveyPlan{}, err
	}
	kept, found, err := s.store.SurveyPlan(ctx, in.Day)
	if err != nil || found {
		if found && r.Capacity != nil && *r.Capacity != kept.Capacity {
			kept.Warnings = append(kept.Warnings, fmt.Sprintf("the plan of %s was kept with a capacity of %d and stands", kept.Day, kept.Capacity))
		}
		if found {
			err = s.followSurveys(ctx, &kept, in, now)
		}
		return kept, err
	}
	clock := s.clock().UTC().Truncate(time.Microsecond)
	if !r.Look && in.From.After(clock) {
		return kept, model.Errorf(model.KindInvalid, "%s has not begun: look ahead with --dry-run, which keeps nothing", in.Day)
	}
	if err := s.surveyInput(ctx, &in); err != nil {
		return kept, err
	}
	plan := survey.Make(in)
	if !r.Look {
		plan.PlannedAt = &clock
		if err := s.store.SaveSurveyPlan(ctx, plan, seen); err != nil {
			return plan, retried(err)
		}
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "surveys planned", slog.String("day", plan.Day), slog.Int("candidates", plan.Candidates),
		slog.Int("surveys", len(plan.Surveys)), slog.Bool("kept", !r.Look))
	personalise(&plan, in.Subjects)
	return plan, nil
}

// surveyDay is the day that is asked for, without facts.
func (s *Service) surveyDay(r SurveyRequest, now time.Time) (in survey.Input, err error) {
	in.Settings, in.Bounds, in.Day = s.settings.Surveys.Settings, s.surveyBounds(), r.Day
	if in.Day == "" {
		in.Day = s.settings.Rules.Day(now)
	}
	day, err := time.ParseInLocation(time.DateOnly, in.Day, s.settings.Rules.Zone)
	if err != nil {
		return in, model.Errorf(model.KindInvalid, "day %q: want such as 2026-08-01", in.Day)
	}
	in.From, in.To = day.UTC(), s.settings.Rules.Tomorrow(day)
	if now.After(in.From) && now.Before(in.To) {
		in.Now = now
	}
	if r.Capacity != nil {
		in.Capacity = *r.Capacity
	}
	return in, nil
}

// surveyBounds are those of messages, with what the playbooks say of triggers.
func (s *Service) surveyBounds() survey.Bounds {
	transactional, expires := map[string]bool{}, map[[2]string]time.Duration{}
	for i := range s.settings.Playbooks {
		p := &s.settings.Playbooks[i]
		transactional[p.Name] = p.Purpose == playbook.Transactional
		for _, step := range p.Steps {
			expires[[2]string{p.Name, step.Name}] = step.Expires.Std()
		}
	}
	return survey.Bounds{
		Rules: s.settings.Rules, Zones: guard.Zones{}, Channel: s.settings.Surveys.Channel,
		Asks:    func(t *model.Trigger) bool { return t.Action == playbook.ActionSurvey },
		Expires: func(t *model.Trigger) time.Duration { return expires[[2]string{t.Playbook, t.Step}] },
		Exempt: func(t *model.Trigger) bool {
			return t.Channel == playbook.ChannelInternal || transactional[t.Playbook] && !s.settings.Rules.CountTransactional
		},
	}
}

// surveyInput reads what a day's plan is made from.
func (s *Service) surveyInput(ctx context.Context, in *survey.Input) (err error) {
	if in.Occasions, err = s.store.SurveyOccasions(ctx, s.occasionQuery(*in)); err != nil {
		return err
	}
	var ids []string // in order, as the occasions are
	for _, o := range in.Occasions {
		ids = append(ids, o.CustomerID)
	}
	ids = slices.Compact(ids)
	if in.Subjects, err = s.subjects(ctx, ids, in.From); err != nil {
		return err
	}
	if in.Quota > 0 && len(ids) > 0 {
		if in.Answers, err = s.store.AnswersOf(ctx, in.From.Add(-quotaSpan), in.From); err != nil {
			return err
		}
	}
	for _, a := range in.Answers {
		ids = append(ids, a.CustomerID)
	}
	traits, err := s.store.SurveyTraits(ctx, in.From, slices.Compact(slices.Sorted(slices.Values(ids))))
	in.Traits = make(map[string]model.SurveyTraits, len(traits))
	for _, t := range traits {
		in.Traits[t.CustomerID] = t
	}
	return err
}

// occasionQuery asks for a day's occasions.
func (s *Service) occasionQuery(in survey.Input) model.OccasionQuery {
	day := in.From.In(s.settings.Rules.Zone)
	q := model.OccasionQuery{
		From: in.From, To: in.To, DayBefore: s.settings.Rules.Today(in.From.Add(-1)), Stale: in.From.Add(-staleOccasion),
		Moments: map[model.SurveyMoment]time.Duration{}, Salt: s.settings.Surveys.Salt(), Lookback: in.From.Add(-s.settings.Definition.Lookback),
	}
	for _, r := range in.Rates {
		q.Moments[r.Moment] = r.After
	}
	q.SlotFrom, q.SlotTo = survey.Slot(day)
	return q
}

// subjects reads what is known of customers before an instant, and what was
// decided about them.
func (s *Service) subjects(ctx context.Context, ids []string, asOf time.Time) (map[string]survey.Subject, error) {
	out := make(map[string]survey.Subject, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	since := asOf.Add(-s.lookBack())
	customers, err := s.store.RetentionCustomers(ctx, model.RetentionQuery{Customers: ids, Since: since, From: asOf, Until: asOf})
	if err != nil {
		return nil, err
	}
	triggers, err := s.store.Triggers(ctx, model.TriggerQuery{Customers: ids, CausedSince: since})
	if err != nil {
		return nil, err
	}
	last, _, err := s.store.RetentionProgress(ctx)
	if err != nil {
		return nil, err
	}
	for i := range customers {
		out[customers[i].ID] = survey.Subject{Customer: known.Customer{Of: &customers[i], Cut: asOf}, Decided: last.To}
	}
	for i := range triggers {
		c := out[triggers[i].CustomerID]
		c.Triggers = append(c.Triggers, &triggers[i])
		out[triggers[i].CustomerID] = c
	}
	return out, nil
}

// personalise adds what a template may name.
func personalise(p *model.SurveyPlan, of map[string]survey.Subject) {
	for i := range p.Surveys {
		c, ok := of[p.Surveys[i].CustomerID]
		if !ok {
			continue
		}
		to, profile := p.Surveys[i].Personal, c.Profile()
		for name, value := range map[string]string{"first_name": profile.FirstName, "language": profile.Language} {
			if value != "" {
				to[name] = value
			}
		}
		if p.Surveys[i].Cause == nil {
			continue
		}
		switch p.Surveys[i].Moment {
		case model.AfterPurchase, model.OnDelivery:
			to["order_id"] = *p.Surveys[i].Cause
		case model.AfterSupport:
			to["ticket_id"] = *p.Surveys[i].Cause
		case model.BeforeRenewal, model.OnExit:
			to["contract_id"] = *p.Surveys[i].Cause
		case model.DuringOnboarding, model.AfterTrial, model.EveryQuarter:
		}
	}
}

// followSurveys says what became of a kept plan until now. Its surveys stand;
// those against which something stands by now are withdrawn.
func (s *Service) followSurveys(ctx context.Context, p *model.SurveyPlan, in survey.Input, now time.Time) error {
	occasions, err := s.store.SurveyOccasions(ctx, s.occasionQuery(in))
	if err != nil {
		return err
	}
	customers := map[string]bool{}
	for _, o := range occasions {
		customers[o.CustomerID] = true
	}
	p.CandidatesNow = len(customers)
	if p.CandidatesNow != p.Candidates {
		p.Warnings = append(p.Warnings, fmt.Sprintf(
			"when the plan was kept %d customers were known to come to a moment on its day, now %d are: the plan stands", p.Candidates, p.CandidatesNow))
	}
	if now.Before(p.AsOf) {
		now = p.AsOf
	}
	var ids []string
	for i := range p.Surveys {
		ids = append(ids, p.Surveys[i].CustomerID)
	}
	subjects, err := s.subjects(ctx, ids, now)
	if err != nil {
		return err
	}
	reports, err := s.reports(ctx, p.AsOf, now, ids)
	if err != nil {
		return err
	}
	for i := range p.Surveys {
		o := &p.Surveys[i]
		s.follow(o, reports[o.CustomerID], subjects[o.CustomerID], now)
	}
	personalise(p, subjects)
	return nil
}

func (s *Service) reports(ctx context.Context, since, until time.Time, ids []string) (map[string][]model.SurveyReport, error) {
	all, err := s.store.SurveyReports(ctx, since, until, ids)
	out := map[string][]model.SurveyReport{}
	for _, r := range all {
		out[r.CustomerID] = append(out[r.CustomerID], r)
	}
	return out, err
}

// follow says what became of one planned survey.
func (s *Service) follow(p *model.PlannedSurvey, reports []model.SurveyReport, c survey.Subject, now time.Time) {
	status := func(is model.SurveyStatus, reason string) {
		p.Status, p.StatusReason = is, &reason
	}
	sent, answer := reported(*p, reports)
	switch {
	case answer != nil:
		status(model.SurveyAnswered, fmt.Sprintf("%s %g on %s", answer.Kind, answer.Score, answer.At.Format(time.DateOnly)))
		return
	case sent != nil:
		status(model.SurveySent, "on "+sent.At.Format(time.DateOnly))
		return
	case !now.Before(p.SendUntil):
		status(model.SurveyExpired, "nobody has reported it sent")
		return
	}
	ticket := ""
	if p.Moment == model.AfterSupport && p.Cause != nil {
		ticket = *p.Cause
	}
	if r, _, _, refused := s.surveyBounds().Refuse(c, ticket, p.ID, p.SendFrom, p.SendUntil); refused {
		status(model.SurveyWithdrawn, r.Reason)
	}
}

// reported finds the message and the answer of a planned survey: those that
// name it, or that name none and came in its time.
func reported(p model.PlannedSurvey, reports []model.SurveyReport) (sent, answer *model.SurveyReport) {
	for i := range reports {
		r := &reports[i]
		switch {
		case r.SurveyID != p.ID && r.SurveyID != "":
		case r.Answered && answer == nil && (r.SurveyID == p.ID || sent != nil && r.At.Before(sent.At.Add(answerWithin))):
			answer = r
		case !r.Answered && sent == nil && (r.SurveyID == p.ID || !r.At.Before(p.SendFrom) && r.At.Before(p.ExpiresAt)):
			sent = r
		}
	}
	return sent, answer
}
