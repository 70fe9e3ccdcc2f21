package experiment

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Boundary bounds an estimate at all looks together.
//
// It is the normal mixture of Robbins (1970) with an estimated variance, which
// Waudby-Smith et al. (2021, theorem 2.2) show to be a confidence sequence for
// means as the first look moves out. With s the standard error at a look and t
// the spread of the mixture, both in the unit of the estimate,
//
//	P(some look has |estimate - truth| > s sqrt((1 + s^2/t^2) log((1 + t^2/s^2) / alpha^2))) <= alpha
//
// In the paper's symbols t^2/s^2 is n rho^2. So the boundary depends on the
// information 1/s^2 alone, and not on how it is shared between the arms.
type Boundary struct {
	// Alpha is the error at all looks together, in (0, 1).
	Alpha float64
	// Spread is that of the mixture over effects, > 0.
	Spread float64
	// tightest is n rho^2 where the boundary is tightest.
	tightest float64
}

// Tune returns the boundary that is tightest where an effect of size least > 0
// is proven with the given power: there its ratio of radius to standard error
// is the smallest that any mixture has. Away from there it is larger: for an
// alpha of 0.05 by 4 % at a third of that information, by 2 % at three times.
//
// n rho^2 = x solves x - log(1 + x) = -2 log alpha, the paper's appendix B.2
// (there by the Lambert function), and the ratio is then sqrt(1 + x): 3.04 for
// an alpha of 0.05. Errors: [ErrValue] for alpha outside (0, 1), power outside
// [0.5, 1) or least not above 0.
func Tune(alpha, least, power float64) (Boundary, error) {
	if !(alpha > 0 && alpha < 1) || !(power >= 0.5 && power < 1) || !(least > 0) || math.IsInf(least, 1) {
		return Boundary{}, fmt.Errorf("tune boundary: alpha %g, least %g, power %g: %w", alpha, least, power, ErrValue)
	}
	x := tightestAt(alpha)
	s := least / (math.Sqrt(1+x) + upper(power))
	return Boundary{Alpha: alpha, Spread: s * math.Sqrt(x), tightest: x}, nil
}

// tightestAt solves x - log(1 + x) = -2 log alpha for x > 0, by Newton's
// method from above, where the function is convex.
func tightestAt(alpha float64) float64 {
	target := -2 * math.Log(alpha)
	x := 2*target + 4
	for range 60 {
		step := (x - math.Log1p(x) - target) * (1 + x) / x
		x -= step
		if math.Abs(step) <= 1e-14*x {
			break
		}
	}
	return x
}

// upper returns the standard normal quantile of p.
func upper(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

// Ratio returns the radius in units of the standard error se >= 0; +Inf at 0.
func (b Boundary) Ratio(se float64) float64 {
	information := b.Spread * b.Spread / (se * se)
	return math.Sqrt((1 + 1/information) * (math.Log1p(information) - 2*math.Log(b.Alpha)))
}

// Around returns the interval around a value with standard error se > 0.
func (b Boundary) Around(value, se float64, n int) estimate.Estimate {
	radius := se * b.Ratio(se)
	return estimate.Estimate{
		Value: value, Low: value - radius, High: value + radius, StandardError: se, Confidence: 1 - b.Alpha, N: n,
	}
}
