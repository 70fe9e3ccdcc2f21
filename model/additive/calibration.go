package additive

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Calibration moves log-odds to Intercept + Slope * log-odds.
//
// Contributions are multiplied by Slope and go on adding up. The variances
// are those of the two numbers; they count in a predictor's intervals.
type Calibration struct {
	Slope             float64 `json:"slope"`
	Intercept         float64 `json:"intercept"`
	SlopeVariance     float64 `json:"slope_variance"`
	InterceptVariance float64 `json:"intercept_variance"`
	Covariance        float64 `json:"covariance"`
	// Method is "none" or "shrunk_logistic".
	Method   string   `json:"method"`
	Rows     int      `json:"rows,omitempty"`
	Clusters int      `json:"clusters,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// NoCalibration returns slope 1 and intercept 0, held for certain.
func NoCalibration() Calibration { return Calibration{Slope: 1, Method: "none"} }

// The prior of a calibration: normal, independent.
const (
	// PriorSlopeDeviation is the standard deviation of the slope around 1.
	PriorSlopeDeviation = 0.25
	// PriorInterceptDeviation is the standard deviation of the intercept around 0.
	PriorInterceptDeviation = 0.5
	// lowestSlope keeps a ranking from being turned over by calibration.
	lowestSlope = 0.05
)

// Calibrate fits y on held-out log-odds (Cox 1958, Biometrika 45(3/4); Platt
// 1999), shrunk to slope 1 and intercept 0 by its own evidence:
//
//	intercept ~ N(0, 0.5^2), slope ~ N(1, 0.25^2) a priori
//
// Rows of one customer count once: where the clustered covariance is D times
// the plain one (mean over the two numbers, at least 1), the likelihood counts
// 1/D. So thin or much repeated data keep (1, 0) and say so by their standard
// errors. weight nil is 1 each, cluster nil makes every row its own. A slope
// below 0.05 is set to 0.05, with a warning.
func Calibrate(logOdds, y, weight []float64, cluster []int) (Calibration, error) {
	n := len(y)
	if n == 0 || len(logOdds) != n || (weight != nil && len(weight) != n) || (cluster != nil && len(cluster) != n) {
		return Calibration{}, fmt.Errorf("calibrate: %d log-odds, %d labels, %d weights, %d clusters: %w",
			len(logOdds), n, len(weight), len(cluster), ErrInput)
	}
	design, err := logistic.NewDense(logOdds, 1)
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	f, err := calibrationFit(design, y, weight, 1)
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	effect, clusters, err := designEffect(f, design, cluster)
	if err != nil {
		return Calibration{}, fmt.Errorf("calibrate: %w", err)
	}
	if effect > 1 {
		if f, err = calibrationFit(design, y, weight, effect); err != nil {
			return Calibration{}, fmt.Errorf("calibrate: %w", err)
		}
	}
	v := f.Covariance()
	c := Calibration{
		Slope: f.Coefficients[0], Intercept: f.Intercept,
		SlopeVariance: v.At(1, 1), InterceptVariance: v.At(0, 0), Covariance: v.At(0, 1),
		Method: "shrunk_logistic", Rows: n, Clusters: clusters,
	}
	if c.Slope < lowestSlope {
		c.Warnings = append(c.Warnings, fmt.Sprintf("slope %.3f is set to %v: the held-out ranking is no better than chance", c.Slope, lowestSlope))
		c.Slope = lowestSlope
	}
	return c, nil
}

func calibrationFit(design *logistic.Dense, y, weight []float64, effect float64) (*logistic.Fit, error) {
	scaled := make([]float64, len(y))
	for i := range scaled {
		scaled[i] = 1 / effect
		if weight != nil {
			scaled[i] *= weight[i]
		}
	}
	return logistic.New(design, y, logistic.Options{
		Weights: scaled,
		Penalty: mat.NewSymDense(1, []float64{math.Pow(PriorSlopeDeviation, -2)}), Center: []float64{1},
		InterceptPenalty: math.Pow(PriorInterceptDeviation, -2),
	})
}

// designEffect returns how much more than independent rows the clusters make
// the two numbers vary: the mean ratio of the middles of the sandwich, which
// are free of the prior.
func designEffect(f *logistic.Fit, design *logistic.Dense, cluster []int) (float64, int, error) {
	clustered, clusters, err := f.Clustered(design, cluster)
	if err != nil {
		return 0, 0, err
	}
	alone, _, err := f.Clustered(design, nil)
	if err != nil {
		return 0, 0, err
	}
	effect := 0.0
	for i := range 2 {
		if v := alone.At(i, i); v > 0 {
			effect += clustered.At(i, i) / v / 2
		}
	}
	return math.Max(1, effect), clusters, nil
}
