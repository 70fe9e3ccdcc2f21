package evaluate

import (
	"errors"
	"fmt"
	"math"
)

var (
	// ErrShape says that slices that belong together differ in length, or
	// that there is nothing to measure.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
	// ErrOneClass says that all rows churned or none did, so that a measure
	// that compares the two is not defined.
	ErrOneClass = errors.New("only one outcome among the rows")
)

// checkRows verifies lengths and that every score is a finite number.
func checkRows(score []float64, churned []bool) error {
	if len(score) == 0 || len(score) != len(churned) {
		return fmt.Errorf("%d scores, %d labels: %w", len(score), len(churned), ErrShape)
	}
	for i, s := range score {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("score of row %d is %v: %w", i, s, ErrValue)
		}
	}
	return nil
}

// checkProbabilities verifies lengths and that every score is in [0, 1].
func checkProbabilities(probability []float64, churned []bool) error {
	if err := checkRows(probability, churned); err != nil {
		return err
	}
	for i, p := range probability {
		if p < 0 || p > 1 {
			return fmt.Errorf("probability of row %d is %v: %w", i, p, ErrValue)
		}
	}
	return nil
}

// checkBoth verifies that some rows churned and some did not.
func checkBoth(churned []bool) error {
	first := churned[0]
	for _, c := range churned {
		if c != first {
			return nil
		}
	}
	return fmt.Errorf("%d rows: %w", len(churned), ErrOneClass)
}
