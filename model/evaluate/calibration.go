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
	return CalibrateWeighted(probability, churned, nil, confidence)
}

// CalibrateWeighted is [Calibrate] of rows each of which stands for as many as
// its weight, at least 0; nil is one each. Bins have equal counts of rows. The
// error of Level is that of the weighted mean; that of Slope takes the weights
// for counts, so that [CalibrationSlopes] tells it better. Errors as Calibrate,
// and [ErrShape] for weights that do not fit.
func CalibrateWeighted(probability []float64, churned []bool, weight []float64, confidence float64) (Calibration, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	r, err := probabilities(probability, churned)
	if err == nil {
		err = checkBoth(churned)
	}
	if err == nil && weight != nil && len(weight) != len(churned) {
		err = fmt.Errorf("%d labels, %d weights: %w", len(churned), len(weight), ErrShape)
	}
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	n := r.Len()
	w := r.weights(weight)
	_, all := r.totals(w)
	c := Calibration{N: n, Level: r.level(w, confidence)}
	if fit, ok := r.recalibrate(w); ok {
		c.Slope = estimate.Normal(fit.slope, fit.slopeError, confidence, n)
		c.Intercept = fit.intercept
	} else {
		c.Slope = estimate.Estimate{Confidence: confidence, N: n}.Warn("scores are equal or separate the outcomes: no slope exists")
		c.Warnings = append(c.Warnings, "no calibration slope")
	}
	moved, err := recalibrated(r.score, r.BaseRate(w), func(i int) float64 { return w[r.row[i]] })
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	spans := r.spans(calibrationBins)
	if len(spans) < calibrationBins {
		c.Warnings = append(c.Warnings, fmt.Sprintf("repeated probabilities leave %d bins of %d", len(spans), calibrationBins))
	}
	for _, s := range spans {
		c.Error += math.Abs(r.gap(s, r.score, w)) / all
		c.ErrorAfterLevel += math.Abs(r.gap(s, moved, w)) / all
		if weight == nil {
			c.ErrorOfPerfect += meanAbsoluteDeviation(r.score[s.from:s.to]) / all
		} else {
			c.ErrorOfPerfect += r.perfectGap(s, w) / all
		}
	}
	return c, nil
}

// gap returns the weight of what was predicted less that of what happened in a
// span, for probabilities in the ranking's order.
func (r *Ranking) gap(s span, p, w []float64) (sum float64) {
	for i := s.from; i < s.to; i++ {
		d := p[i]
		if r.churned[i] {
			d--
		}
		sum += w[r.row[i]] * d
	}
	return sum
}

// perfectGap is the expected |gap| of a span if every probability were true, by
// the normal limit.
func (r *Ranking) perfectGap(s span, w []float64) float64 {
	var variance float64
	for i := s.from; i < s.to; i++ {
		v := w[r.row[i]]
		variance += v * v * r.score[i] * (1 - r.score[i])
	}
	return math.Sqrt(2 * variance / math.Pi)
}

// level returns mean(p - y) with its standard error.
func (r *Ranking) level(w []float64, confidence float64) estimate.Estimate {
	n := float64(r.Len())
	mean := r.Level(w)
	var squares, all float64
	for i, s := range r.score {
		if r.churned[i] {
			s--
		}
		squares += w[r.row[i]] * w[r.row[i]] * (s - mean) * (s - mean)
		all += w[r.row[i]]
	}
	se := math.Sqrt(squares*n/math.Max(n-1, 1)) / all
	return estimate.Normal(mean, se, confidence, r.Len())
}
