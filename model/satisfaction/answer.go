package satisfaction

import (
	"fmt"
	"math"
)

// defaultConfidence is used where a confidence of 0 is given.
const defaultConfidence = 0.95

// Answer is one answer of one customer, known before T.
type Answer struct {
	// Customer is any code of the customer, Cohort of the customer's cohort
	// (one code, such as 0, where there are none).
	Customer int
	Cohort   int
	// Moment is any code of the occasion, such as the month: answers of one
	// customer at one moment are taken to be about the same satisfaction.
	Moment int
	Kind   Kind
	// Points is the score on 0-100, see [Points].
	Points float64
	// AgeDays is T minus the time of the answer, at least 0.
	AgeDays float64
}

// check verifies ranges of all answers.
func check(answers []Answer) error {
	if len(answers) == 0 {
		return ErrNoAnswers
	}
	for i, a := range answers {
		if _, _, err := Range(a.Kind); err != nil {
			return fmt.Errorf("answer %d: %w", i, err)
		}
		if !(a.Points >= 0 && a.Points <= 100) {
			return fmt.Errorf("answer %d has %v points: %w", i, a.Points, ErrValue)
		}
		if !(a.AgeDays >= 0) || math.IsInf(a.AgeDays, 1) {
			return fmt.Errorf("answer %d is %v days old: %w", i, a.AgeDays, ErrValue)
		}
	}
	return nil
}

// Weight returns how much an answer counts: 2^(-ageDays/halfLifeDays), rounded
// to six decimals so that decimal arithmetic elsewhere gives the same sums.
// Both are in days, halfLifeDays positive.
func Weight(ageDays, halfLifeDays float64) float64 {
	return math.Round(1e6*math.Exp2(-ageDays/halfLifeDays)) / 1e6
}
