package scoring

import (
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

const (
	// reliabilityBins is the number of bins of the reliability curve.
	reliabilityBins = 10
	// gainPoints is the number of points of the gains curve.
	gainPoints = 20
	// curveLevel is the nominal coverage of the observed shares' intervals.
	curveLevel = 0.90
)

// curvesOf draws the tests of all cutoffs together.
func curvesOf(tests []tested) (*model.Curves, error) {
	bins, err := reliabilityOf(tests)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "evaluate: reliability", err)
	}
	gains, err := gainsOf(tests)
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "evaluate: gains", err)
	}
	return &model.Curves{Reliability: bins, Gains: gains}, nil
}

// reliabilityOf puts what was said at any cutoff beside what happened.
func reliabilityOf(tests []tested) ([]model.ReliabilityBin, error) {
	var predicted, weight []float64
	var churned []bool
	var customer []string
	weighed := slices.ContainsFunc(tests, func(t tested) bool { return t.panel.Weight != nil })
	for _, t := range tests {
		for i := range t.predicted {
			if weighed {
				weight = append(weight, weightAt(t.panel.Weight, i))
			}
		}
		predicted = append(predicted, t.predicted...)
		churned = append(churned, t.panel.Churned...)
		customer = append(customer, t.panel.Customers...)
	}
	bins, err := evaluate.ReliabilityWeighted(predicted, churned, weight, reliabilityBins)
	if err != nil {
		return nil, err
	}
	out := make([]model.ReliabilityBin, len(bins))
	for b, bin := range bins {
		seen := map[string]bool{}
		for i, p := range predicted {
			if p >= bin.Low && p <= bin.High {
				seen[customer[i]] = true
			}
		}
		// The rows of a customer at neighbouring cutoffs say nearly the same.
		share := evaluate.Wilson(bin.Observed, float64(len(seen)), curveLevel)
		out[b] = model.ReliabilityBin{
			Predicted: bin.Predicted, Observed: bin.Observed, Low: share.Low, High: share.High,
			N: bin.N, Customers: len(seen),
		}
	}
	return out, nil
}

// gainsOf returns the mean gains curve of the cutoffs.
func gainsOf(tests []tested) ([]model.GainPoint, error) {
	out := make([]model.GainPoint, gainPoints)
	for k := range out {
		out[k].Share = float64(k+1) / gainPoints
	}
	n := float64(len(tests))
	for _, t := range tests {
		tie := ties(t.panel)
		ours, err := evaluate.NewRanking(t.predicted, t.panel.Churned, tie)
		if err != nil {
			return nil, err
		}
		var naive *evaluate.Ranking
		if p, ok := t.baselines[recency]; ok {
			if naive, err = evaluate.NewRanking(p, t.panel.Churned, tie); err != nil {
				return nil, err
			}
		}
		rate := shareChurned(t.panel)
		for k := range out {
			addGain(&out[k], ours, naive, t.panel.Weight, rate, n)
		}
	}
	return out, nil
}

// addGain adds one of n cutoffs to a point; the baseline may be nil.
func addGain(point *model.GainPoint, ours, naive *evaluate.Ranking, weight []float64, rate, n float64) {
	point.Gain += ours.Gain(weight, point.Share) / n
	point.Perfect += min(1, point.Share/rate) / n
	if naive == nil {
		return
	}
	if point.Recency == nil {
		point.Recency = new(float64)
	}
	*point.Recency += naive.Gain(weight, point.Share) / n
}
