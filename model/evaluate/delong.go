package evaluate

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// DeLong returns the ROC-AUC of one cutoff with DeLong's standard error.
//
// Each churned row i has a placement V_i, the share of kept rows below it
// (ties half), and each kept row j a placement V_j, the share of churned rows
// above it. With m churned and n kept rows:
//
//	AUC = mean(V_i),  var = var(V_i)/m + var(V_j)/n
//
// The interval is normal, cut to [0, 1]. Rows must be of distinct customers.
// Confidence 0 means 0.95. Errors as [AUC]; a class of a single row has no
// variance and gives [ErrOneClass]. DeLong, DeLong and Clarke-Pearson (1988).
// O(n log n).
func DeLong(score []float64, churned []bool, confidence float64) (estimate.Estimate, error) {
	one, kept, err := placements(score, churned)
	if err != nil {
		return estimate.Estimate{}, fmt.Errorf("delong: %w", err)
	}
	auc, v1 := moments(one)
	_, v0 := moments(kept)
	se := math.Sqrt(v1/float64(len(one)) + v0/float64(len(kept)))
	e := estimate.Normal(auc, se, orDefault(confidence), len(score))
	e.Low, e.High = math.Max(0, e.Low), math.Min(1, e.High)
	return e, nil
}

// DeLongDifference returns AUC(a) - AUC(b) of two scores for the same rows of
// one cutoff, with the standard error that allows for their correlation: that
// of [DeLong] on the differences of the two scores' placements. Errors as
// [DeLong].
func DeLongDifference(a, b []float64, churned []bool, confidence float64) (estimate.Estimate, error) {
	oneA, keptA, err := placements(a, churned)
	if err != nil {
		return estimate.Estimate{}, fmt.Errorf("delong difference: first score: %w", err)
	}
	oneB, keptB, err := placements(b, churned)
	if err != nil {
		return estimate.Estimate{}, fmt.Errorf("delong difference: second score: %w", err)
	}
	for i := range oneA {
		oneA[i] -= oneB[i]
	}
	for i := range keptA {
		keptA[i] -= keptB[i]
	}
	difference, v1 := moments(oneA)
	_, v0 := moments(keptA)
	se := math.Sqrt(v1/float64(len(oneA)) + v0/float64(len(keptA)))
	return estimate.Normal(difference, se, orDefault(confidence), len(a)), nil
}

// orDefault replaces a confidence of 0.
func orDefault(confidence float64) float64 {
	if confidence == 0 {
		return defaultConfidence
	}
	return confidence
}

// placements returns the placement of every churned and every kept row, each
// in the caller's order.
func placements(score []float64, churned []bool) (one, kept []float64, err error) {
	r, err := twoClasses(score, churned, nil)
	if err != nil {
		return nil, nil, err
	}
	var m, n float64
	for _, c := range churned {
		if c {
			m++
		} else {
			n++
		}
	}
	if m < 2 || n < 2 {
		return nil, nil, fmt.Errorf("%v churned and %v kept rows, need 2 of each: %w", m, n, ErrOneClass)
	}
	place := r.place(m, n)
	for i, c := range churned {
		if c {
			one = append(one, place[i])
		} else {
			kept = append(kept, place[i])
		}
	}
	return one, kept, nil
}

// place returns each row's placement among the other class, by the caller's
// order; m and n count churned and kept rows.
func (r *Ranking) place(m, n float64) []float64 {
	place := make([]float64, r.Len())
	var churnedAbove, keptAbove float64
	begin := 0
	for _, end := range r.end {
		var churnedHere, keptHere float64
		for i := begin; i < end; i++ {
			if r.churned[i] {
				churnedHere++
			} else {
				keptHere++
			}
		}
		for i := begin; i < end; i++ {
			if r.churned[i] {
				place[r.row[i]] = (n - keptAbove - keptHere/2) / n
			} else {
				place[r.row[i]] = (churnedAbove + churnedHere/2) / m
			}
		}
		churnedAbove += churnedHere
		keptAbove += keptHere
		begin = end
	}
	return place
}

// moments returns mean and unbiased variance of at least two values, summed in
// ascending order so that the order of rows changes no bit.
func moments(values []float64) (mean, variance float64) {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	for _, v := range sorted {
		mean += v
	}
	mean /= float64(len(sorted))
	for _, v := range sorted {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(sorted)-1)
}
