package board

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/model/movement"
)

// TargetSettings are the goals and how long people have to do what is wanted.
type TargetSettings struct {
	// Goals are shares, of ResurveyChange points.
	Goals map[model.TargetName]float64
	// ReplyWindow is how long a reply may take, AskWindow a review or a referral,
	// OutcomeWindow the stay of detractors. Another answer of a passive is the first
	// one from AgainFrom until AgainUntil after the one before: surveys that ask
	// nobody twice in 90 days hear of a change only after them.
	ReplyWindow, AskWindow, OutcomeWindow, AgainFrom, AgainUntil time.Duration
	// Period before an instant, in which windows closed, is what is measured.
	Period time.Duration
	// Minimum is the least number of customers that a figure is given for.
	Minimum int
}

// Targets measures every target as of an instant (zero: the watermark), over the
// customers whose window closed in the period before it (zero: the settings').
// Where the data end before the instant, it is as of their end.
func (s *Service) Targets(ctx context.Context, asOf time.Time, period time.Duration) (model.TargetReport, error) {
	asOf, warnings, err := s.within(ctx, asOf)
	if err != nil {
		return model.TargetReport{}, err
	}
	t := s.settings.Targets
	if period == 0 {
		period = t.Period
	}
	out := model.TargetReport{AsOf: asOf, From: asOf.Add(-period), Targets: []model.Target{}, Warnings: warnings}
	counts, err := s.store.Targets(ctx, model.TargetsQuery{
		AsOf: asOf, From: out.From, Definition: s.settings.Definition,
		ReplyWindow: t.ReplyWindow, AskWindow: t.AskWindow, OutcomeWindow: t.OutcomeWindow,
		AgainFrom: t.AgainFrom, AgainUntil: t.AgainUntil,
	})
	if err != nil {
		return out, err
	}
	for _, name := range model.TargetNames() {
		i := slices.IndexFunc(counts, func(c model.TargetCount) bool { return c.Target == name })
		if i < 0 {
			return out, model.Errorf(model.KindInternal, "targets: nothing counts %s", name)
		}
		out.Targets = append(out.Targets, t.judge(counts[i]))
	}
	return out, nil
}

// judge says whether a target is met.
func (t TargetSettings) judge(c model.TargetCount) model.Target {
	out := model.Target{
		Name: c.Target, Unit: "share", Goal: t.Goals[c.Target], Denominator: c.Units, Open: c.Open,
		Status: model.TargetNotKnown, Notes: []string{},
	}
	t.describe(c, &out)
	switch {
	case c.Evidence == 0:
		out.Reason = because("no %s was ever imported", missing(c.Target))
		return out
	case c.Units < max(t.Minimum, 2) && c.Target == model.PassiveToPromoter:
		out.Reason = because("%d of %d passives whose time for it closed in the period answered again, %d are needed",
			c.Units, c.Units+c.Unanswered, max(t.Minimum, 2))
		return out
	case c.Units < max(t.Minimum, 2):
		out.Reason = because("%d customers' windows closed in the period, %d are needed", c.Units, max(t.Minimum, 2))
		return out
	}
	value := evaluate.Proportion(int(c.Sum), c.Units, confidence)
	if out.Unit == "points" {
		mean, err := movement.MeanOf(c.Units, c.Sum, c.Squares, confidence)
		if err != nil {
			out.Reason = because("%v", err)
			return out
		}
		value = mean
	}
	out.Value, out.Numerator = &value, &c.Sum
	switch {
	case value.Low >= out.Goal:
		out.Status = model.TargetMet
	case value.High < out.Goal:
		out.Status = model.TargetMissed
	default:
		out.Reason = because("the interval holds the goal%s", needed(value, out.Goal))
	}
	return out
}

// missing names the facts that a target is told by.
func missing(name model.TargetName) string {
	switch name {
	case model.PromoterReview:
		return "event review_posted"
	case model.PromoterReferral:
		return "event referral_made"
	default:
		return "outreach of kind retention"
	}
}

// needed says about how many customers would tell a value from the goal: the
// standard error falls with the root of their number.
func needed(value estimate.Estimate, goal float64) string {
	by := math.Abs(value.Value - goal)
	if by == 0 || value.StandardError == 0 {
		return ""
	}
	ratio := estimate.Quantile(confidence) * value.StandardError / by
	n := math.Ceil(float64(value.N) * ratio * ratio)
	if !(n > float64(value.N)) || n > 1e6 {
		return ""
	}
	return fmt.Sprintf("; about %.0f customers would tell, if it stays as it is", n)
}

// describe says in words what a target measures.
func (t TargetSettings) describe(c model.TargetCount, out *model.Target) {
	reply, ask, outcome := days(t.ReplyWindow), days(t.AskWindow), days(t.OutcomeWindow)
	switch c.Target {
	case model.DetractorResponse:
		out.Label = "detractors reply to outreach"
		out.Measured = fmt.Sprintf("detractors who were sent a retention message within %d days of their answer; replied within %d days of the first", outcome, reply)
	case model.DetractorRetention:
		out.Label = "detractors stay"
		out.Measured = fmt.Sprintf("customers who answered as detractors; ordered, or kept a contract, in the %d days after", outcome)
	case model.PromoterReview:
		out.Label = "promoters post a review"
		out.Measured = fmt.Sprintf("customers who answered as promoters, asked for it or not; event review_posted in the %d days after", ask)
	case model.PromoterReferral:
		out.Label = "promoters make a referral"
		out.Measured = fmt.Sprintf("customers who answered as promoters, asked for it or not; event referral_made in the %d days after", ask)
	case model.PassiveToPromoter:
		out.Label = "passives become promoters in about 90 days"
		out.Measured = fmt.Sprintf("passives who answered again, %d to %d days after; the first of these answers was a promoter's",
			days(t.AgainFrom), days(t.AgainUntil))
		if all := c.Units + c.Unanswered; all > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("of those who answered again alone: %d of %d passives (%.0f %%); nothing is known of the others",
				c.Units, all, 100*float64(c.Units)/float64(all)))
		}
	case model.ResurveyChange:
		out.Label, out.Unit = "re-survey of detractors, change in points", "points"
		out.Measured = "detractors who were sent a retention message and answered again; the new score less the old one"
		out.Notes = append(out.Notes, "a low answer is followed by a higher one by chance too (regression to the mean)")
		if c.Others >= max(t.Minimum, 2) {
			out.Notes = append(out.Notes, fmt.Sprintf("%d detractors who were not contacted answered %+.1f points otherwise", c.Others, c.OthersSum/float64(c.Others)))
		}
	}
}

func days(d time.Duration) int { return int(d / model.Day) }
