package threshold

import (
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Judgement is what plans would have earned. A plan is one policy for each
// cutoff.
type Judgement struct {
	sample *sample
	o      Options
	point  []sum   // by plan, the mean over cutoffs
	draws  [][]sum // by plan and resample
}

// Outcome is what a plan would have earned at a cutoff, on the mean over the
// cutoffs.
type Outcome struct {
	// Contacted is how many, Said the net that the predictions promised.
	Contacted float64
	Said      float64
	// AtStake is the money at stake with those of the contacted who left.
	AtStake float64
	// Net is e x AtStake - k x Contacted.
	Net estimate.Estimate
}

// Always is the plan of one policy at so many cutoffs.
func Always(p Policy, cutoffs int) []Policy {
	out := make([]Policy, cutoffs)
	for c := range out {
		out[c] = p
	}
	return out
}

// Judge says what plans would have earned at cutoffs. What a plan was chosen on
// must not be among them.
//
// Errors: [ErrShape] for no cutoff, rows whose lengths differ, or a plan that
// has not one policy for each cutoff; [ErrValue] for numbers out of range.
func Judge(cutoffs []Cutoff, plans [][]Policy, e Economics, o Options) (*Judgement, error) {
	s, err := newSample(cutoffs, e)
	if err != nil {
		return nil, fmt.Errorf("judge: %w", err)
	}
	rankings := make([][2]ranked, len(cutoffs))
	for c := range cutoffs {
		rankings[c] = [2]ranked{ByReturn: cutoffs[c].rank(ByReturn, e), ByProbability: cutoffs[c].rank(ByProbability, e)}
	}
	j := &Judgement{sample: s, o: o, point: make([]sum, len(plans)), draws: make([][]sum, len(plans))}
	for k, plan := range plans {
		if len(plan) != len(cutoffs) {
			return nil, fmt.Errorf("judge: plan %d has %d policies for %d cutoffs: %w", k, len(plan), len(cutoffs), ErrShape)
		}
		j.draws[k] = make([]sum, o.resamples())
	}
	s.resampled(o, func(b int, weights [][]float64) {
		for k, plan := range plans {
			var mean sum
			for c, policy := range plan {
				mean = mean.plus(rankings[c][policy.By].sweep([]float64{policy.Least}, weights[c], e.Capacity)[0], len(plan))
			}
			if b < 0 {
				j.point[k] = mean
			} else {
				j.draws[k][b] = mean
			}
		}
	})
	return j, nil
}

func (s sum) plus(t sum, of int) sum {
	return sum{s.contacted + t.contacted/float64(of), s.said + t.said/float64(of), s.lost + t.lost/float64(of)}
}

func (s sum) net(effect, cost float64) float64 { return effect*s.lost - cost*s.contacted }

// Of returns the outcome of a plan, by its position.
func (j *Judgement) Of(plan int) Outcome {
	e, p := j.sample.economics, j.point[plan]
	return Outcome{
		Contacted: p.contacted, Said: e.Effect*p.said - e.Cost*p.contacted, AtStake: p.lost,
		Net: j.At(plan, e.Effect),
	}
}

// At returns the net of a plan had a contact another effect. Whom it contacts
// stays the same.
func (j *Judgement) At(plan int, effect float64) estimate.Estimate {
	cost := j.sample.economics.Cost
	return j.spread(func(of func(plan int) sum) float64 { return of(plan).net(effect, cost) })
}

// Difference returns the net of a plan minus that of another one, on the same
// resamples, so that what they share cancels.
func (j *Judgement) Difference(plan, other int) estimate.Estimate {
	e := j.sample.economics
	return j.spread(func(of func(plan int) sum) float64 {
		return of(plan).net(e.Effect, e.Cost) - of(other).net(e.Effect, e.Cost)
	})
}

// PaysFrom returns the effect from which on a plan earns more than it costs,
// k x contacted / money at stake; false where in a resample none of the
// contacted left.
func (j *Judgement) PaysFrom(plan int) (estimate.Estimate, bool) {
	cost := j.sample.economics.Cost
	none := func(s sum) bool { return !(s.lost > 0) }
	if none(j.point[plan]) || slices.ContainsFunc(j.draws[plan], none) {
		return estimate.Estimate{}, false
	}
	return j.spread(func(of func(plan int) sum) float64 { return cost * of(plan).contacted / of(plan).lost }), true
}

// spread measures the sums as they are and in each resample.
func (j *Judgement) spread(measure func(of func(plan int) sum) float64) estimate.Estimate {
	draws := make([]float64, j.o.resamples())
	for b := range draws {
		draws[b] = measure(func(plan int) sum { return j.draws[plan][b] })
	}
	return j.sample.spread(measure(func(plan int) sum { return j.point[plan] }), draws, j.o)
}
