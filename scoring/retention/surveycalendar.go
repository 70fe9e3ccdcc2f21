package retention

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

const (
	// calendarBack and calendarAhead are how much of the past and of the time to
	// come a calendar shows.
	calendarBack, calendarAhead = 365 * model.Day, 100 * model.Day
)

// SurveyCalendar tells a customer's past surveys and answers, when he may be
// asked again, and the moments that he comes to; zero is now.
func (s *Service) SurveyCalendar(ctx context.Context, customer string, asOf time.Time) (model.SurveyCalendar, error) {
	out := model.SurveyCalendar{CustomerID: customer, AsOf: asOf.UTC(), Entries: []model.SurveyEntry{}}
	if asOf.IsZero() {
		now, err := s.Now(ctx)
		if err != nil {
			return out, err
		}
		out.AsOf = now
	}
	known, err := s.store.Known(ctx, customer, out.AsOf)
	if err != nil {
		return out, err
	}
	if !known {
		return out, model.Errorf(model.KindNotFound, "nothing is known of this customer before %s", out.AsOf.Format(time.RFC3339))
	}
	subjects, err := s.subjects(ctx, []string{customer}, out.AsOf)
	if err != nil {
		return out, err
	}
	s.sayAllowed(&out, subjects[customer])
	for _, read := range []func(context.Context, *model.SurveyCalendar, survey.Subject) error{s.pastSurveys, s.comingSurveys} {
		if err := read(ctx, &out, subjects[customer]); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Entries, func(a, b model.SurveyEntry) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.What, b.What)) })
	return out, nil
}

// sayAllowed says whether he may be asked now, and if not, from when on.
func (s *Service) sayAllowed(out *model.SurveyCalendar, c survey.Subject) {
	bounds := s.surveyBounds()
	if r, _, _, refused := bounds.Refuse(c, "", "", out.AsOf, out.AsOf.Add(model.Day)); refused {
		out.WhyNot = &r.Reason
	}
	if next := bounds.NextAllowed(c); next.After(out.AsOf) {
		out.NextAllowedAt = &next
	}
}

// pastSurveys adds what was sent, answered and planned, and what playbooks ask.
func (s *Service) pastSurveys(ctx context.Context, out *model.SurveyCalendar, c survey.Subject) error {
	reports, err := s.store.SurveyReports(ctx, out.AsOf.Add(-calendarBack), out.AsOf, []string{out.CustomerID})
	if err != nil {
		return err
	}
	for i := range reports {
		out.Entries = append(out.Entries, entryOf(&reports[i]))
	}
	planned, err := s.store.PlannedSurveys(ctx, out.CustomerID)
	if err != nil {
		return err
	}
	for i := range planned {
		p := &planned[i]
		if p.SendFrom.Before(out.AsOf.Add(-calendarBack)) {
			continue
		}
		s.follow(p, reports, c, out.AsOf)
		status, note := string(p.Status), "chosen by: "+string(p.ChosenBy)
		if p.StatusReason != nil {
			note += "; " + *p.StatusReason
		}
		out.Entries = append(out.Entries, model.SurveyEntry{
			At: p.SendFrom, What: "planned", Moment: &p.Moment, Kind: &p.Kind, Rate: &p.InclusionProbability, ID: &p.ID, Note: note, Status: &status,
		})
	}
	for _, t := range c.Triggers {
		if !s.surveyBounds().Asks(t) {
			continue
		}
		at, status := t.PlannedAt, string(t.Status)
		if t.OpenedAt != nil {
			at = *t.OpenedAt
		}
		out.Entries = append(out.Entries, model.SurveyEntry{At: at, What: "trigger", ID: &t.ID, Note: "playbook " + t.Playbook, Status: &status})
	}
	return nil
}

func entryOf(r *model.SurveyReport) model.SurveyEntry {
	e := model.SurveyEntry{At: r.At, What: "sent", ID: &r.ID, Note: r.Template}
	if r.Answered {
		e.What, e.Kind, e.Score, e.Note = "answer", &r.Kind, &r.Score, ""
	} else if r.Replied {
		e.Note = "answered; " + e.Note
	}
	if slices.Contains(model.SurveyMoments(), model.SurveyMoment(r.Touchpoint)) {
		moment := model.SurveyMoment(r.Touchpoint)
		e.Moment = &moment
	}
	return e
}

// comingSurveys adds the moments ahead, as far as they can be foreseen.
func (s *Service) comingSurveys(ctx context.Context, out *model.SurveyCalendar, _ survey.Subject) error {
	rates := s.settings.Surveys.Rates
	q := model.OccasionQuery{
		From: out.AsOf, To: out.AsOf.Add(calendarAhead), DayBefore: out.AsOf, Stale: out.AsOf, Moments: map[model.SurveyMoment]time.Duration{},
		Salt: s.settings.Surveys.Salt(), Lookback: out.AsOf.Add(-s.settings.Definition.Lookback), Customer: out.CustomerID,
	}
	q.SlotFrom, q.SlotTo = survey.AnyDay()
	for _, r := range rates {
		q.Moments[r.Moment] = r.After
	}
	occasions, err := s.store.SurveyOccasions(ctx, q)
	if err != nil {
		return err
	}
	for i := range occasions {
		o := &occasions[i]
		rate := rates[slices.IndexFunc(rates, func(r survey.Rate) bool { return r.Moment == o.Moment })]
		for _, at := range s.daysOf(o, out.AsOf) {
			e := model.SurveyEntry{At: at, What: "moment", Moment: &o.Moment, Kind: &rate.Kind, Rate: &rate.Share}
			if o.Cause != "" {
				e.Note = "about " + o.Cause
			}
			if kept, is := s.settings.Surveys.KeptFor(at.In(s.settings.Rules.Zone), out.CustomerID, s.settings.Rules.SurveyEvery); is && survey.Keeps(o.Moment) {
				e.Note = "kept for the question of his quarter on " + kept.Format(time.DateOnly)
			}
			if out.NextAllowedAt != nil && at.Add(model.Day).Before(*out.NextAllowedAt) {
				e.Note = "too soon after another survey"
			}
			out.Entries = append(out.Entries, e)
		}
	}
	return nil
}

// daysOf is when an occasion ahead is: of every quarter the customer's own days.
func (s *Service) daysOf(o *model.SurveyOccasion, now time.Time) (out []time.Time) {
	if o.Moment != model.EveryQuarter {
		return []time.Time{o.At}
	}
	local := now.In(s.settings.Rules.Zone)
	for quarter := range 2 {
		day := survey.DayInQuarter(local.AddDate(0, 0, 1-local.Day()).AddDate(0, 3*quarter, 0), s.settings.Surveys.Salt(), o.CustomerID)
		if !day.Before(now) && day.Before(now.Add(calendarAhead)) {
			out = append(out, day.UTC())
		}
	}
	return out
}
