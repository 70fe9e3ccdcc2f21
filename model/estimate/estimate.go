// Package estimate is a number that says how sure it is.
package estimate

import "math"

// Estimate is a number with its uncertainty.
//
// Low and High bound an interval of nominal coverage Confidence in (0, 1);
// StandardError is in the unit of Value. N counts the independent units
// behind it (customers, not rows). Warnings say in words what limits it.
// The zero value means nothing is known; NaN never stands in a valid one.
type Estimate struct {
	Value         float64  `json:"value"`
	Low           float64  `json:"low"`
	High          float64  `json:"high"`
	StandardError float64  `json:"standard_error"`
	Confidence    float64  `json:"confidence"`
	N             int      `json:"n"`
	Warnings      []string `json:"warnings,omitempty"`
}

// Normal returns value with a symmetric interval value +- z*se, where z is
// the two-sided standard normal quantile of confidence.
//
// Confidence outside (0, 1) gives an interval of NaN.
func Normal(value, se, confidence float64, n int) Estimate {
	z := Quantile(confidence)
	return Estimate{
		Value: value, Low: value - z*se, High: value + z*se,
		StandardError: se, Confidence: confidence, N: n,
	}
}

// Quantile returns z with P(|Z| <= z) = confidence for a standard normal Z.
//
// It returns NaN for a confidence outside (0, 1).
func Quantile(confidence float64) float64 {
	if !(confidence > 0 && confidence < 1) {
		return math.NaN()
	}
	return math.Sqrt2 * math.Erfinv(confidence)
}

// At returns e with its interval restated at another confidence, assuming
// that the estimator is normal with e's standard error.
func (e Estimate) At(confidence float64) Estimate {
	out := Normal(e.Value, e.StandardError, confidence, e.N)
	out.Warnings = e.Warnings
	return out
}

// Exp returns the interval of exp(e), such as an odds ratio of log-odds;
// the standard error is by the delta method.
func (e Estimate) Exp() Estimate {
	v := math.Exp(e.Value)
	return Estimate{
		Value: v, Low: math.Exp(e.Low), High: math.Exp(e.High),
		StandardError: v * e.StandardError, Confidence: e.Confidence, N: e.N, Warnings: e.Warnings,
	}
}

// Log is the inverse of Exp: the interval of log(e) for a positive e, such as
// the log-odds of an odds ratio.
//
// A Low of 0 gives -Inf; a Value of 0 or below gives NaN.
func (e Estimate) Log() Estimate {
	return Estimate{
		Value: math.Log(e.Value), Low: math.Log(e.Low), High: math.Log(e.High),
		StandardError: e.StandardError / e.Value, Confidence: e.Confidence, N: e.N, Warnings: e.Warnings,
	}
}

// Contains reports whether x lies in [Low, High].
func (e Estimate) Contains(x float64) bool { return e.Low <= x && x <= e.High }

// Warn returns e with one more warning.
func (e Estimate) Warn(text string) Estimate {
	e.Warnings = append(append([]string(nil), e.Warnings...), text)
	return e
}
