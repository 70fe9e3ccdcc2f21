package experiment

import (
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Compare returns by how much the treated arm's mean exceeds the control's,
// with an interval that may be looked at any day, and false while the arms are
// not [Ready].
//
//	difference = mean1 - mean0,  se^2 = v1 / n1 + v0 / n0
//
// It is the estimator of the effect of assignment whatever came of it
// (intention to treat), which needs no equal arms: with the arms' means as its
// prediction, the doubly robust estimator of Waudby-Smith et al. (2021, section
// 3) is this difference. A variance never counts as less than that of both
// arms together.
func Compare(b Boundary, control, treated Arm) (estimate.Estimate, bool) {
	if !Ready(control, treated) {
		return estimate.Estimate{}, false
	}
	se := standardError(control, treated)
	return b.Around(treated.Mean-control.Mean, se, control.N+treated.N), true
}

// Relative returns by which share the treated arm's mean exceeds the
// control's, -0.2 being a fifth less, and false while the arms are not [Ready]
// or one of them has a mean of 0.
//
// The interval is made on the logarithm of the ratio, whose standard error is
// by the delta method: se^2 = v1 / (n1 mean1^2) + v0 / (n0 mean0^2). It is tuned
// to the effect that b is tuned to, as a share of both arms' mean.
func Relative(b Boundary, control, treated Arm) (estimate.Estimate, bool) {
	if !Ready(control, treated) || !(control.Mean > 0) || !(treated.Mean > 0) {
		return estimate.Estimate{}, false
	}
	all := Together(control, treated)
	se := math.Sqrt(spread(treated, all)/(float64(treated.N)*treated.Mean*treated.Mean) +
		spread(control, all)/(float64(control.N)*control.Mean*control.Mean))
	b.Spread /= all.Mean
	e := b.Around(math.Log(treated.Mean/control.Mean), se, all.N).Exp()
	e.Value, e.Low, e.High = e.Value-1, e.Low-1, e.High-1
	return e, true
}
