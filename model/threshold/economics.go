package threshold

import (
	"fmt"
	"math"
)

// Economics are what a contact costs and does.
type Economics struct {
	// Effect is the share of those who would churn that a contact keeps, in
	// [-1, 1]; below 0 contacts drive customers away.
	Effect float64
	// Cost is that of one contact, more than 0.
	Cost float64
	// Capacity is the most contacts at a cutoff; 0 is no bound.
	Capacity int
}

// Net returns what a contact is expected to bring: p e v - k.
func (e Economics) Net(probability, atStake float64) float64 {
	return probability*e.Effect*atStake - e.Cost
}

// Return returns how many times its cost a contact is expected to bring:
// p e v / k.
func (e Economics) Return(probability, atStake float64) float64 {
	return probability * e.Effect * atStake / e.Cost
}

// BreakEven returns the probability from which on a contact pays, k / (e v). It
// is above 1 where none does, and +Inf where there is nothing to gain.
func (e Economics) BreakEven(atStake float64) float64 {
	if gain := e.Effect * atStake; gain > 0 {
		return e.Cost / gain
	}
	return math.Inf(1)
}

func (e Economics) check() error {
	switch {
	case !(e.Effect >= -1 && e.Effect <= 1):
		return fmt.Errorf("effect %v: %w", e.Effect, ErrValue)
	case !(e.Cost > 0) || math.IsInf(e.Cost, 1):
		return fmt.Errorf("cost %v: %w", e.Cost, ErrValue)
	case e.Capacity < 0:
		return fmt.Errorf("capacity %d: %w", e.Capacity, ErrValue)
	}
	return nil
}

// By is what customers are ranked and contacted by.
type By int

// The rankings.
const (
	// ByReturn ranks by what a contact is expected to bring.
	ByReturn By = iota
	// ByProbability ranks by the probability of churn alone.
	ByProbability
)

// Policy contacts the customers who reach Least, highest first up to the
// capacity: a return in times the cost, or a probability.
type Policy struct {
	By    By
	Least float64
}

// Everybody contacts everybody, the largest expected net first where there is a
// capacity.
func Everybody() Policy { return Policy{ByReturn, math.Inf(-1)} }

// Nobody contacts nobody.
func Nobody() Policy { return Policy{ByReturn, math.Inf(1)} }
