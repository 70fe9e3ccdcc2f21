package scoring

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// sayTurnout fills in the net promoter score of every cohort with its interval,
// who answered and who is silent, and the score corrected for silence.
func (s *Service) sayTurnout(ctx context.Context, t model.Turnout, rows []model.CohortRow) error {
	c, err := s.newCorrected(ctx, t)
	if err != nil {
		return err
	}
	members := membersOf(t, s.settings.Dimensions)
	silence := silenceOf(t)
	for i := range rows {
		row := &rows[i]
		of := members[cohortKey{row.Dimension, row.Cohort}]
		if err := s.sayNPS(t, of, &row.CohortNPS); err != nil {
			return err
		}
		s.sayResponse(t, of, &row.CohortNPS)
		silence.say(t, of, &row.CohortNPS)
		if err := s.sayCorrected(c, of, &row.CohortNPS); err != nil {
			return err
		}
	}
	return nil
}

// cohortKey names a cohort.
type cohortKey struct{ dimension, cohort string }

// membersOf returns the positions of each cohort's customers.
func membersOf(t model.Turnout, dimensions []string) map[cohortKey][]int {
	out := map[cohortKey][]int{}
	for i, r := range t.Respondents {
		for d, cohort := range r.Cohorts {
			key := cohortKey{dimensions[d], cohort}
			out[key] = append(out[key], i)
		}
	}
	return out
}

func ballotOf(r model.Respondent) satisfaction.Ballot {
	return satisfaction.Ballot{Promoters: r.Promoters, Passives: r.Passives, Detractors: r.Detractors}
}

// sayNPS gives the score of the eligible who answered, whom the corrected one
// starts from too, or says that they are too few.
func (s *Service) sayNPS(t model.Turnout, members []int, out *model.CohortNPS) error {
	var ballots []satisfaction.Ballot
	out.NPSAnswers, out.NPSCustomers = 0, 0
	for _, m := range members {
		if r := t.Respondents[m]; r.Eligible {
			ballot := ballotOf(r)
			ballots = append(ballots, ballot)
			out.NPSAnswers += ballot.Answers()
			out.NPSCustomers += one(ballot.Answers() > 0)
		}
	}
	out.NPS, out.NPSInterval = nil, nil
	if out.NPSCustomers < s.settings.MinimumAnswers {
		out.NPSStatus = model.FigureInsufficient
		out.NPSReason = because("%d %s answered in %d days, need %d", out.NPSCustomers, plural(out.NPSCustomers, "customer"), windowDays(t), s.settings.MinimumAnswers)
		return nil
	}
	nps, err := satisfaction.NetPromoterOf(ballots, 0)
	if err != nil {
		return model.Wrap(model.KindInternal, "cohorts", err)
	}
	out.NPSStatus = model.FigureOK
	out.NPS, out.NPSInterval = &nps.Value, intervalOf(nps)
	return nil
}

// because is a reason in words.
func because(format string, args ...any) *string {
	reason := fmt.Sprintf(format, args...)
	return &reason
}

func windowDays(t model.Turnout) int { return int(t.AsOf.Sub(t.From) / model.Day) }

func intervalOf(e estimate.Estimate) *model.Interval {
	return &model.Interval{Low: e.Low, High: e.High, Level: e.Confidence}
}

// sayResponse gives the share that answered: of those asked where it is known
// whom the shop asked, else of its customers; none where nobody answered at all.
func (s *Service) sayResponse(t model.Turnout, members []int, out *model.CohortNPS) {
	var asked, replied, customers, answered int
	for _, m := range members {
		r := t.Respondents[m]
		if !r.Eligible {
			continue
		}
		customers++
		answered += one(ballotOf(r).Answers() > 0)
		asked += one(r.Asked)
		replied += one(r.Asked && r.Replied)
	}
	of, who := model.OfCustomers, customers
	if surveysKnown(t) {
		of, who, answered = model.OfAsked, asked, replied
		out.AskedCustomers = &asked
	}
	switch {
	case of == model.OfCustomers && !questionKnown(t):
		out.ResponseRateReason = because("nobody answered in %d days: whether anybody was asked is not known", windowDays(t))
	case who < s.settings.MinimumAnswers && of == model.OfAsked:
		out.ResponseRateReason = because("%d %s asked in %d days, need %d", who, plural(who, "customer"), windowDays(t), s.settings.MinimumAnswers)
	case who < s.settings.MinimumAnswers:
		out.ResponseRateReason = because("%d %s, need %d", who, plural(who, "customer"), s.settings.MinimumAnswers)
	default:
		rate := float64(answered) / float64(who)
		out.ResponseRateStatus, out.ResponseRate, out.ResponseRateBasis = model.FigureOK, &rate, &of
		return
	}
	out.ResponseRateStatus = model.FigureInsufficient
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// questionKnown reports whether anybody was asked the net promoter question in
// the window, by what was answered.
func questionKnown(t model.Turnout) bool {
	return slices.ContainsFunc(t.Respondents, func(r model.Respondent) bool { return ballotOf(r).Answers() > 0 })
}

// surveysKnown reports whether a survey of the window that is over is known.
func surveysKnown(t model.Turnout) bool {
	return slices.ContainsFunc(t.Respondents, func(r model.Respondent) bool { return r.Asked })
}

// corrected corrects for silence, or says why it can't. at holds the position of
// each respondent among those it is fitted on, -1 for others.
type corrected struct {
	correction *satisfaction.Correction
	assumption string
	reason     string
	ballots    []satisfaction.Ballot
	at         []int
}

// newCorrected fits who of the eligible customers answers, on what was known of
// them before the window. Where plans of surveys drew customers, it is who of
// those does, each weighing the inverse of the probability of being drawn: of
// others nobody knows how they came to be asked, so they are left out. A shop
// most of whose answers come from others, and too few from plans, is corrected
// as one without plans.
func (s *Service) newCorrected(ctx context.Context, t model.Turnout) (*corrected, error) {
	planned, others := answersByPlans(t)
	if planned == 0 {
		return s.correctedOf(ctx, t, nil)
	}
	c, err := s.correctedOf(ctx, t, &others)
	if err == nil && c.correction == nil && others > planned {
		return s.correctedOf(ctx, t, nil)
	}
	return c, err
}

// answersByPlans counts the eligible customers who answered the net promoter
// question: whom a plan drew for it, and the others.
func answersByPlans(t model.Turnout) (planned, others int) {
	for _, r := range t.Respondents {
		switch {
		case !r.Eligible || ballotOf(r).Answers() == 0:
		case r.Inclusion != nil:
			planned++
		default:
			others++
		}
	}
	return planned, others
}

// correctedOf fits on all eligible customers, or, with a number of others who
// answered, on those whom plans drew.
func (s *Service) correctedOf(ctx context.Context, t model.Turnout, others *int) (*corrected, error) {
	c := &corrected{at: make([]int, len(t.Respondents))}
	sampled := others != nil
	var answered []bool
	var asked []model.Respondent
	var inclusion []float64
	for i, r := range t.Respondents {
		c.at[i] = -1
		if !r.Eligible || sampled && (r.Inclusion == nil || r.InclusionOpen) {
			continue
		}
		c.at[i] = len(asked)
		asked = append(asked, r)
		c.ballots = append(c.ballots, ballotOf(r))
		answered = append(answered, ballotOf(r).Answers() > 0)
		if sampled {
			inclusion = append(inclusion, *r.Inclusion)
		}
	}
	if !slices.Contains(answered, true) {
		c.reason = "no eligible customer answered"
		return c, nil
	}
	traits, names, err := s.traits(ctx, t, asked)
	if err != nil {
		return nil, err
	}
	propensity, err := satisfaction.FitPropensity(traits, answered, satisfaction.PropensityOptions{Stop: stopper(ctx)})
	if errors.Is(err, satisfaction.ErrTooFewAnswers) {
		c.reason = err.Error()
		return c, nil
	}
	if err != nil {
		return nil, s.fitError(ctx, "who answers", err)
	}
	c.assumption = "who keeps silent would answer like those who speak and were alike before the window in " + names
	if sampled {
		c.assumption = "plans of surveys drew whom to ask, with known probabilities" + leftOut(*others) + "; of those asked, " + c.assumption
	}
	c.correction, err = satisfaction.NewCorrection(propensity, c.ballots, satisfaction.SilenceOptions{Inclusion: inclusion})
	return c, s.fitErrorOrNil(ctx, err)
}

// leftOut says how many answers are left out, and what is assumed by that.
func leftOut(others int) string {
	if others == 0 {
		return ""
	}
	return fmt.Sprintf(" and stand for all; %d %s who answered without being drawn, such as to a playbook, left out",
		others, plural(others, "customer"))
}

func (s *Service) fitErrorOrNil(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return s.fitError(ctx, "who answers", err)
}

// sayCorrected gives a cohort's score as it would be had everybody answered.
// Where everybody did it is the plain one, which is of the same customers.
func (s *Service) sayCorrected(c *corrected, members []int, out *model.CohortNPS) error {
	out.CorrectedStatus = model.FigureInsufficient
	switch {
	case c.correction == nil:
		out.CorrectedReason = &c.reason
		return nil
	case out.NPSStatus != model.FigureOK:
		out.CorrectedReason = out.NPSReason
		return nil
	}
	var group []int
	for _, m := range members {
		if at := c.at[m]; at >= 0 {
			group = append(group, at)
		}
	}
	nps, err := c.correction.NetPromoter(group)
	if errors.Is(err, satisfaction.ErrNoAnswers) {
		out.CorrectedReason = because("no customer answered a survey whose time is over")
		return nil
	}
	if err != nil {
		return model.Wrap(model.KindInternal, "cohorts", err)
	}
	out.CorrectedStatus, out.Assumption = model.FigureOK, &c.assumption
	out.Corrected, out.CorrectedInterval = &nps.Value, intervalOf(nps.Estimate)
	out.EffectiveCustomers, out.CutCustomers = &nps.Effective, &nps.Cut
	return nil
}
