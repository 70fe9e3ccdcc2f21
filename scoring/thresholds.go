package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/threshold"
)

const (
	// thresholdCutoffs is the most past cutoffs that a threshold is chosen and
	// judged at, a horizon apart so that no outcome is in two of them.
	thresholdCutoffs = 4
	// fixedProbability is the threshold that needs no thought.
	fixedProbability = 0.5
)

// ThresholdRequest says for which contacts a threshold is wanted.
type ThresholdRequest struct {
	// AsOf is before what it is chosen; zero is the published snapshot's instant,
	// or the watermark.
	AsOf time.Time
	// Channel is that of the contact, which decides its cost; "" is any.
	Channel string
	// Capacity is the most contacts at one time; nil is the configured one, 0 no
	// bound.
	Capacity *int
}

// Thresholds says from which risk on contacting a customer pays: chosen on past
// cutoffs by fits that saw nothing after them, and judged at cutoffs whose
// outcomes came after the choice.
func (s *Service) Thresholds(ctx context.Context, req ThresholdRequest) (model.Thresholds, error) {
	asOf, err := s.snapshotOr(ctx, req.AsOf, s.settings.Definition.Kind)
	if err != nil {
		return model.Thresholds{}, err
	}
	if err := s.TryReadRemarks(ctx); err != nil {
		return model.Thresholds{}, err
	}
	economics, err := s.economics(ctx, asOf)
	if err != nil {
		return model.Thresholds{}, err
	}
	if req.Capacity != nil {
		economics.Capacity = *req.Capacity
	}
	out := model.Thresholds{
		AsOf: asOf, Definition: s.settings.Definition.Kind, HorizonDays: s.settings.Definition.HorizonDays(),
		Channel: req.Channel, Cost: economics.CostOf(req.Channel), Economics: economics,
		Status: model.PartStatus{Status: statusOK}, BreakEven: []model.BreakEven{}, Cutoffs: []model.ThresholdCutoff{},
		Curve: []model.ThresholdPoint{}, Warnings: unsaid(economics),
	}
	tests, err := s.foretold(ctx, asOf, &out)
	if err != nil {
		return out, err
	}
	t := s.newThresholding(tests, economics, &out)
	if err := t.decide(); err != nil {
		return out, model.Wrap(model.KindInternal, "thresholds", err)
	}
	if out.Spend, err = s.spendOfKept(ctx, tests); err != nil {
		return out, err
	}
	if r := out.Spend; r != nil && (r.Ratio.High < 0.8 || r.Ratio.Low > 1.25) {
		out.Warnings = append(out.Warnings, fmt.Sprintf(
			"those who stayed spent %.2f times what was expected of them: read money by so much", r.Ratio.Value))
	}
	return out, s.contactNow(ctx, &out)
}

// foretold predicts at past cutoffs a horizon apart, oldest first, by fits on
// what was complete before each.
func (s *Service) foretold(ctx context.Context, asOf time.Time, out *model.Thresholds) ([]tested, error) {
	watermark, err := s.at(ctx, time.Time{}, s.settings.Definition.Kind)
	if err != nil {
		return nil, err
	}
	end, horizon := asOf, s.settings.Definition.Horizon
	if known := watermark.Add(model.Day); known.Before(end) {
		end = known // What follows on the newest order's day is not known yet.
	}
	start, err := s.start(ctx, end)
	if err != nil {
		return nil, err
	}
	source := s.newPanels(start, s.newTimeline(end), thresholdCutoffs*len(s.settings.Calendar.Cutoffs(start, end, horizon)))
	source.values = true
	var tests []tested
	for k := thresholdCutoffs; k > 0; k-- {
		cutoff := end.Add(-time.Duration(k) * horizon)
		if len(s.settings.Calendar.Cutoffs(start, cutoff, horizon)) == 0 {
			continue
		}
		t, err := s.foretell(ctx, source, cutoff)
		switch {
		case err == nil:
			t.fit.data = nil
			tests = append(tests, t)
		case model.KindOf(err) == model.KindNoData && ctx.Err() == nil:
			out.Warnings = append(out.Warnings, fmt.Sprintf("not tested at %s: %v", cutoff.Format(time.DateOnly), err))
		default:
			return nil, err
		}
	}
	if len(tests) > 0 {
		cluster(tests)
	}
	return tests, nil
}

// thresholding chooses and judges on tests.
type thresholding struct {
	service *Service
	tests   []tested
	cutoffs []threshold.Cutoff
	// economics are those of the mathematics, whole those that were asked for.
	economics threshold.Economics
	whole     model.Economics
	out       *model.Thresholds
}

func (s *Service) newThresholding(tests []tested, e model.Economics, out *model.Thresholds) *thresholding {
	t := &thresholding{
		service: s, whole: e, out: out,
		economics: threshold.Economics{Effect: e.Effect.Value, Cost: e.CostOf(out.Channel), Capacity: e.Capacity},
	}
	for _, test := range tests {
		cutoff, about := atStake(test, e.Margin)
		if len(cutoff.Customer) == 0 {
			out.Warnings = append(out.Warnings, "not tested at "+test.panel.AsOf.Format(time.DateOnly)+": nobody's value is known there")
			continue
		}
		t.tests, t.cutoffs = append(t.tests, test), append(t.cutoffs, cutoff)
		out.Cutoffs = append(out.Cutoffs, about)
	}
	return t
}

// atStake restates a test as money; customers of unknown value are left out.
func atStake(t tested, margin float64) (threshold.Cutoff, model.ThresholdCutoff) {
	var c threshold.Cutoff
	about := model.ThresholdCutoff{AsOf: t.panel.AsOf, TrainCutoffs: len(t.fit.cutoffs)}
	tie := ties(t.panel)
	var lost, all float64
	for i, value := range t.panel.Values {
		if math.IsNaN(value) {
			about.Unvalued++
			continue
		}
		stake := margin * max(value, 0)
		c.Customer, c.Tie = append(c.Customer, t.cluster[i]), append(c.Tie, tie[i])
		c.Probability, c.AtStake = append(c.Probability, t.predicted[i]), append(c.AtStake, stake)
		c.Churned = append(c.Churned, t.panel.Churned[i])
		weight := weightAt(t.panel.Weight, i)
		if t.panel.Weight != nil {
			c.Weight = append(c.Weight, weight)
		}
		all += weight
		if t.panel.Churned[i] {
			lost += weight
			about.AtStake += weight * stake
		}
	}
	about.Customers, about.Treatment = len(c.Customer), t.treatment
	if all > 0 {
		about.BaseRate = lost / all
	}
	return c, about
}

func (t *thresholding) options() threshold.Options {
	s := t.service.settings
	return threshold.Options{Resamples: s.Resamples, Seed: s.Seed, Confidence: realisedConfidence, Threads: s.Threads}
}

// decide chooses on all cutoffs, and judges at each but the oldest what the
// ones before it would have chosen.
func (t *thresholding) decide() error {
	t.breakEven()
	if n := len(t.cutoffs); n < 2 {
		t.out.Status = model.PartStatus{Status: statusNoData, Needs: []string{fmt.Sprintf(
			"two cutoffs with complete outcomes, %d days apart, one to choose on and one to judge at; there %s %d",
			t.out.HorizonDays, map[bool]string{true: "is", false: "are"}[n == 1], n)}}
		return nil
	}
	choice, err := threshold.Choose(t.cutoffs, t.economics, t.options())
	if err != nil {
		return err
	}
	for _, p := range choice.Curve {
		t.out.Curve = append(t.out.Curve, model.ThresholdPoint{Return: p.Return, Contacted: p.Contacted, Expected: p.Said, Net: p.Net})
	}
	t.out.Chosen = &model.ThresholdChoice{Return: choice.Least, Best: choice.Best, Probability: t.probability(choice.Least.Value)}
	return t.judge()
}

// judge compares the chosen rule with simpler ones on fresh outcomes.
func (t *thresholding) judge() error {
	fresh := t.cutoffs[1:]
	chosen := make([]threshold.Policy, len(fresh))
	for j := range fresh {
		choice, err := threshold.Choose(t.cutoffs[:j+1], t.economics, t.options())
		if err != nil {
			return err
		}
		chosen[j] = threshold.Policy{Least: choice.Least.Value}
		about := &t.out.Cutoffs[j+1]
		about.Judged, about.Return = true, &choice.Least.Value
	}
	n := len(fresh)
	plans := []struct {
		rule string
		plan []threshold.Policy
	}{
		{model.RuleNetValue, chosen},
		{model.RuleBreakEven, threshold.Always(threshold.Policy{Least: 1}, n)},
		{model.RuleProbability, threshold.Always(threshold.Policy{By: threshold.ByProbability, Least: fixedProbability}, n)},
		{model.RuleEverybody, threshold.Always(threshold.Everybody(), n)},
		{model.RuleNobody, threshold.Always(threshold.Nobody(), n)},
	}
	all := make([][]threshold.Policy, len(plans))
	for k := range plans {
		all[k] = plans[k].plan
	}
	judged, err := threshold.Judge(fresh, all, t.economics, t.options())
	if err != nil {
		return err
	}
	verdict := &model.ThresholdVerdict{Cutoffs: n}
	for k, p := range plans {
		o := judged.Of(k)
		rule := model.ThresholdRule{
			Rule: p.rule, Contacted: o.Contacted, Expected: o.Said, Net: o.Net,
			AtLow: judged.At(k, t.whole.Effect.Low), AtHigh: judged.At(k, t.whole.Effect.High),
		}
		if k > 0 {
			d := judged.Difference(0, k)
			rule.Difference = &d
		}
		verdict.Rules = append(verdict.Rules, rule)
	}
	if from, ok := judged.PaysFrom(0); ok {
		verdict.PaysFrom = &from
	}
	t.out.Judged = verdict
	t.warn(verdict)
	return nil
}

// warn says where a verdict does not show that contacting pays.
func (t *thresholding) warn(v *model.ThresholdVerdict) {
	warn := func(format string, args ...any) {
		t.out.Warnings = append(t.out.Warnings, fmt.Sprintf(format, args...))
	}
	chosen := v.Rules[0]
	if chosen.Net.Contains(0) {
		warn("the net on fresh outcomes is %.0f [%.0f, %.0f]: the interval holds 0, so that contacting at all is not shown to pay",
			chosen.Net.Value, chosen.Net.Low, chosen.Net.High)
	}
	if chosen.AtLow.Low < 0 && !chosen.Net.Contains(0) {
		warn("at the low end of the effect (%g) the net is %.0f [%.0f, %.0f]: it may not pay", t.whole.Effect.Low, chosen.AtLow.Value, chosen.AtLow.Low, chosen.AtLow.High)
	}
	for _, rule := range v.Rules[1:] {
		if rule.Rule == model.RuleProbability && rule.Difference.Contains(0) {
			warn("against a fixed probability of %g the chosen rule brings %+.0f [%+.0f, %+.0f]: the interval holds 0",
				fixedProbability, rule.Difference.Value, rule.Difference.Low, rule.Difference.High)
		}
	}
}

// breakEven tells from which probability on a contact pays, by what customers
// were worth at the newest cutoff.
func (t *thresholding) breakEven() {
	for _, q := range []float64{0.25, 0.5, 0.75, 0.9} {
		if stake, ok := t.usual(q); ok {
			t.out.BreakEven = append(t.out.BreakEven, model.BreakEven{
				Quantile: q, Value: stake / t.whole.Margin, Probability: reachable(t.economics.BreakEven(stake)),
			})
		}
	}
}

// usual is a quantile of the money at stake at the newest cutoff.
func (t *thresholding) usual(q float64) (float64, bool) {
	if len(t.cutoffs) == 0 {
		return 0, false
	}
	stakes := slices.Sorted(slices.Values(t.cutoffs[len(t.cutoffs)-1].AtStake))
	return stakes[int(q*float64(len(stakes)-1))], true
}

// probability is from which one on the customer of usual value is contacted
// under a least return.
func (t *thresholding) probability(least float64) *float64 {
	stake, ok := t.usual(0.5)
	if !ok {
		return nil
	}
	if least == 0 {
		return new(float64)
	}
	return reachable(least * t.economics.BreakEven(stake))
}

// reachable is a probability, nil above 1.
func reachable(p float64) *float64 {
	if p > 1 {
		return nil
	}
	return &p
}
