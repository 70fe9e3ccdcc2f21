package quality

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// stabilityBins is the number of quantile bins that a distribution is cut
// into, beside the one of what is missing.
const stabilityBins = 10

// Stability returns the population stability index between what a predictor
// was fitted on and what it is used on now: how far the distribution of one
// feature has moved.
//
// Bins are the tenths of reference (or its ten most frequent levels), and one
// for what is missing. With p and q the shares of a bin, each with half a row
// added so that an empty bin says as much as its size allows,
//
//	PSI = sum over bins of (p - q) log(p / q)
//
// The value is PSI; N is the smaller sample. Low and High bound what two
// samples of these sizes from one distribution would show: (B-1)(1/n + 1/m)
// times a chi-squared over its B-1 degrees of freedom, by Wilson and
// Hilferty's cube; a value within them is no movement at all. Confidence 0
// means 0.95. Errors: [ErrShape] for an empty sample, or numbers against
// levels.
//
// Siddiqi (2006); its law under no change: Yurdakul and Naranjo (2020).
func Stability(reference, now Sample, confidence float64) (estimate.Estimate, error) {
	if reference.Len() == 0 || now.Len() == 0 || (reference.Levels == nil) != (now.Levels == nil) {
		return estimate.Estimate{}, fmt.Errorf("stability: %d against %d values: %w", reference.Len(), now.Len(), ErrShape)
	}
	if confidence == 0 {
		confidence = 0.95
	}
	b := newBins(reference, stabilityBins)
	first, second := b.counts(reference), b.counts(now)
	used := 0
	var value float64
	n, m := float64(reference.Len()), float64(now.Len())
	for i := range first {
		if first[i]+second[i] == 0 {
			continue
		}
		used++
		p, q := (first[i]+0.5)/(n+1), (second[i]+0.5)/(m+1)
		value += (p - q) * math.Log(p/q)
	}
	scale := 1/n + 1/m
	e := estimate.Estimate{Value: value, Confidence: confidence, N: min(reference.Len(), now.Len())}
	if free := float64(used - 1); free > 0 {
		z := estimate.Quantile(confidence)
		e.StandardError = scale * math.Sqrt(2*free)
		e.Low, e.High = scale*chiSquared(free, -z), scale*chiSquared(free, z)
	}
	return e, nil
}

// chiSquared returns about the quantile of a chi-squared variable with so many
// degrees of freedom that lies z standard deviations from the middle.
func chiSquared(free, z float64) float64 {
	c := 2 / (9 * free)
	root := max(0, 1-c+z*math.Sqrt(c))
	return free * root * root * root
}
