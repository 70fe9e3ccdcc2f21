package drift

import (
	"fmt"
	"math"
)

// Answers is a customer's satisfaction, 0-100: the own level before both
// cycles, the mean of the older and that of the newer cycle.
type Answers struct {
	Mean [3]float64
	// StandardError belongs to Mean; a value that is not positive and finite
	// says that there is no answer.
	StandardError [3]float64
}

// usable reports whether place k has an answer.
func (a Answers) usable(k int) bool {
	r := a.StandardError[k]
	return r > 0 && !math.IsInf(r, 1)
}

// Shift is the shop's common change of satisfaction.
type Shift struct {
	// Points is the change of the older and of the newer cycle against the
	// customers' own levels.
	Points [2]float64 `json:"points"`
	// Customers is the number of customers behind each.
	Customers [2]int   `json:"customers"`
	Warnings  []string `json:"warnings,omitempty"`
}

// FitShift estimates the shop's common change in each of the two cycles as the
// mean over customers of s_c - s_0, weighted by 1 / (r_c^2 + r_0^2).
//
// With fewer than 30 customers in a cycle its shift is 0, with a warning: one
// could not tell it from the customers' own changes. Means that are NaN or
// infinite where their standard error is valid give [ErrValue].
func FitShift(customers []Answers) (Shift, error) {
	var s Shift
	var sum, weight [2]float64
	for i, a := range customers {
		for c := range 2 {
			if !a.usable(0) || !a.usable(c+1) {
				continue
			}
			change := a.Mean[c+1] - a.Mean[0]
			if math.IsNaN(change) || math.IsInf(change, 0) {
				return Shift{}, fmt.Errorf("fit shift: customer %d: change of %v points: %w", i, change, ErrValue)
			}
			w := 1 / (a.StandardError[c+1]*a.StandardError[c+1] + a.StandardError[0]*a.StandardError[0])
			sum[c] += w * change
			weight[c] += w
			s.Customers[c]++
		}
	}
	for c := range 2 {
		if s.Customers[c] < thin {
			s.Warnings = append(s.Warnings, fmt.Sprintf("cycle %d: %d customers answered, shift taken as 0", c+1, s.Customers[c]))
			continue
		}
		s.Points[c] = sum[c] / weight[c]
	}
	return s, nil
}

// Satisfaction returns the decline of a customer's satisfaction; the formulas
// stand in the package comment. It is usable where the own level and both
// cycles have answers.
func (s Shift) Satisfaction(a Answers) Signal {
	if !a.usable(0) || !a.usable(1) || !a.usable(2) {
		return Signal{}
	}
	expected := [2]float64{a.Mean[0] + s.Points[0], a.Mean[0] + s.Points[1]}
	v0 := a.StandardError[0] * a.StandardError[0]
	v1 := a.StandardError[1] * a.StandardError[1]
	v2 := a.StandardError[2] * a.StandardError[2]
	first, second := a.Mean[1]-expected[0], a.Mean[2]-expected[1]
	return Signal{
		Usable: true, First: first / math.Sqrt(v1+v0), Second: second / math.Sqrt(v2+v0),
		Combined: (first + second) / math.Sqrt(v1+v2+4*v0), Expected: expected,
	}
}
