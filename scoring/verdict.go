package scoring

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// slopes outside of these, by more than twice their standard error, hold a
// model back.
const (
	leastSlope = 0.6
	mostSlope  = 1.5
)

// judge gives the verdict on an evaluation and the reasons for it. A gap in
// level is a warning only: one season can't foresee the next.
func judge(e *model.Evaluation) {
	e.Verdict = model.Activate
	if rare := rarest(e); len(e.Cutoffs) > 0 && rare < leastClasses {
		e.Warnings = append(e.Warnings, fmt.Sprintf(
			"almost everyone had the same outcome: the tests hold only %d of the other kind, so the ranking is hardly tested and there is little to predict", rare))
	}
	if len(e.Cutoffs) == 0 {
		e.Verdict = model.Hold
		e.Reasons = append(e.Reasons, "not validated out of time: no past cutoff has both a training set and a complete label")
		return
	}
	hold := func(format string, args ...any) {
		e.Verdict = model.Hold
		e.Reasons = append(e.Reasons, fmt.Sprintf(format, args...))
	}
	for _, b := range e.Baselines {
		switch {
		case b.Name == recency && e.Mean.ROCAUC < b.Mean.ROCAUC:
			hold("ROC-AUC %.3f is below recency's %.3f", e.Mean.ROCAUC, b.Mean.ROCAUC)
		case b.Name == recency && e.Mean.Brier > b.Mean.Brier:
			hold("Brier %.4f is worse than recency's %.4f", e.Mean.Brier, b.Mean.Brier)
		case b.Name == majority && e.Mean.Brier > b.Mean.Brier:
			hold("Brier %.4f is worse than %.4f for the base rate alone", e.Mean.Brier, b.Mean.Brier)
		}
	}
	c := e.Mean.Calibration
	switch {
	case c.Slope == nil || c.SlopeStandardError == nil:
		e.Warnings = append(e.Warnings, "calibration slope unknown: scores are equal or separate the outcomes at every cutoff")
	case *c.Slope+2**c.SlopeStandardError < leastSlope || *c.Slope-2**c.SlopeStandardError > mostSlope:
		hold("calibration slope %.2f (standard error %.2f) is outside %.1f to %.1f", *c.Slope, *c.SlopeStandardError, leastSlope, mostSlope)
	}
	if c.Level > 0.05 || c.Level < -0.05 {
		e.Warnings = append(e.Warnings, fmt.Sprintf(
			"level: predicted churn was %.1f points %s what happened; rankings hold, levels follow the season", 100*abs(c.Level), side(c.Level)))
	}
}

// rarest counts the rows of the rarer outcome over all cutoffs.
func rarest(e *model.Evaluation) int {
	churned, kept := 0.0, 0.0
	for _, c := range e.Cutoffs {
		churned += c.BaseRate * float64(c.N)
		kept += (1 - c.BaseRate) * float64(c.N)
	}
	return int(min(churned, kept) + 0.5)
}

// usable reports whether a first model is better than the base rate alone, so
// that it may be activated with its warnings.
func usable(e *model.Evaluation) bool {
	for _, b := range e.Baselines {
		if b.Name == majority {
			return e.Mean.Brier <= b.Mean.Brier
		}
	}
	return true
}

func side(level float64) string {
	if level > 0 {
		return "above"
	}
	return "below"
}

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}
