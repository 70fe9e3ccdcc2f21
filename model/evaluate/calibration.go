package evaluate

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// calibrationBins is the number of equal-count bins of the calibration error.
const calibrationBins = 10

// defaultConfidence is used where a confidence of 0 is given.
const defaultConfidence = 0.95

// Calibration says whether probabilities can be taken at their word.
type Calibration struct {
	// Level is mean predicted minus observed share, in probability.
	Level estimate.Estimate `json:"level"`
	// Slope is the logistic recalibration slope on the log-odds: 1 is right,
	// below 1 too extreme, above 1 too timid.
	Slope estimate.Estimate `json:"slope"`
	// Intercept belongs to Slope, in log-odds.
	Intercept float64 `json:"intercept"`
	// Error is the mean |predicted - observed| over ten bins of equal count,
	// weighted by their rows.
	Error float64 `json:"error"`
	// ErrorAfterLevel is Error once the intercept is moved to the observed rate.
	ErrorAfterLevel float64 `json:"error_after_level"`
	// ErrorOfPerfect is the expected Error if every probability were true.
	ErrorOfPerfect float64  `json:"error_of_perfect"`
	N              int      `json:"n"`
	Warnings       []string `json:"warnings,omitempty"`
}

// Calibrate compares probabilities with outcomes.
//
// With p the probability, y the outcome and n rows:
//
//	level = mean(p - y), standard error sd(p - y) / sqrt(n)
//	slope = b of P(y = 1) = logistic(a + b logit p), by maximum likelihood,
//	        standard error from the information matrix
//	error = sum_b n_b/n |mean_b(p) - mean_b(y)| over the bins of [Reliability]
//
// ErrorOfPerfect is that sum's expectation when y_i is Bernoulli(p_i): exact
// by convolution in bins of up to 5,000 rows, by the normal limit above. An
// error near it is all that n rows can show. Rows must be of distinct
// customers for the standard errors to hold; use [Bootstrap] otherwise.
// Confidence 0 means 0.95. Errors: [ErrShape], [ErrValue], [ErrOneClass]. A
// slope that does not exist (equal or separating scores) is the zero Estimate
// with a warning. Cox (1958); Van Calster et al. (2019).
func Calibrate(probability []float64, churned []bool, confidence float64) (Calibration, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	r, err := probabilities(probability, churned)
	if err == nil {
		err = checkBoth(churned)
	}
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	n := r.Len()
	c := Calibration{N: n, Level: r.level(confidence)}
	if fit, ok := r.recalibrate(r.ones); ok {
		c.Slope = estimate.Normal(fit.slope, fit.slopeError, confidence, n)
		c.Intercept = fit.intercept
	} else {
		c.Slope = estimate.Estimate{Confidence: confidence, N: n}.Warn("scores are equal or separate the outcomes: no slope exists")
		c.Warnings = append(c.Warnings, "no calibration slope")
	}
	moved, err := Recalibrate(r.score, r.BaseRate(nil))
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	spans := r.spans(calibrationBins)
	if len(spans) < calibrationBins {
		c.Warnings = append(c.Warnings, fmt.Sprintf("repeated probabilities leave %d bins of %d", len(spans), calibrationBins))
	}
	for _, s := range spans {
		share := float64(s.to-s.from) / float64(n)
		raw, after := r.bin(s, r.score), r.bin(s, moved)
		c.Error += share * math.Abs(raw.Predicted-raw.Observed)
		c.ErrorAfterLevel += share * math.Abs(after.Predicted-after.Observed)
		c.ErrorOfPerfect += meanAbsoluteDeviation(r.score[s.from:s.to]) / float64(n)
	}
	return c, nil
}

// level returns mean(p - y) with its standard error.
func (r *Ranking) level(confidence float64) estimate.Estimate {
	n := float64(r.Len())
	mean := r.Level(nil)
	var squares float64
	for i, s := range r.score {
		if r.churned[i] {
			s--
		}
		squares += (s - mean) * (s - mean)
	}
	se := math.Sqrt(squares / math.Max(n-1, 1) / n)
	return estimate.Normal(mean, se, confidence, r.Len())
}
