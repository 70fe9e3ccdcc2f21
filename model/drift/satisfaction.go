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
	both := (first + second) / math.Sqrt(v1+v2+4*v0)
	return Signal{
		Usable: true, Kind: BySatisfaction, First: first / math.Sqrt(v1+v0), Second: second / math.Sqrt(v2+v0),
		Combined: both, Tail: both, Expected: expected, Observed: [2]float64{a.Mean[1], a.Mean[2]},
	}
}

// Survey is what a customer answered, and what is known of all answers.
type Survey struct {
	// Count and Mean are of the answers before both cycles, in the older and in
	// the newer one.
	Count [3]int
	Mean  [3]float64
	// WaveCount and WaveMean are of the answers before the two newest waves, in
	// the older and in the newer wave; a wave is a day with an answer. WaveAge
	// is how many days before T the two were.
	WaveCount [3]int
	WaveMean  [3]float64
	WaveAge   [2]float64
	// CycleDays is the length of a cycle.
	CycleDays float64
	// Level is the mean of the levels of customers like this one (of his cohort),
	// Prior its weight in his own level, in answers: Within, the variance of one
	// answer, over the variance of levels around that very mean.
	Level, Within, Prior float64
}

// InCycles says whether both cycles have an answer.
func (s Survey) InCycles() bool { return s.Count[1] > 0 && s.Count[2] > 0 }

// Cycles returns the satisfaction of the two cycles, with the own level before
// them drawn to the cohort's:
//
//	s0 = (n0 mean0 + k Level) / (n0 + k),   r0^2 = Within / (n0 + k)
//
// which leaves a level also to who answered for the first time.
func (s Survey) Cycles() Answers { return s.answers(s.Count, s.Mean) }

func (s Survey) answers(count [3]int, mean [3]float64) Answers {
	a := Answers{Mean: mean}
	for i, n := range count {
		weight := float64(n)
		if i == 0 {
			weight += s.Prior
			a.Mean[0] = s.Prior * s.Level
			if n > 0 {
				a.Mean[0] += float64(n) * mean[0]
			}
			a.Mean[0] /= weight
		}
		a.StandardError[i] = math.NaN()
		if weight > 0 && s.Within > 0 {
			a.StandardError[i] = math.Sqrt(s.Within / weight)
		}
	}
	return a
}

// Judge returns the decline of a customer's satisfaction: over the two cycles
// where both have an answer, else over his two newest waves where the newer
// lies in one of the cycles. A wave moves with the shop like the cycle that it
// lies in, and not at all before both.
func (s Shift) Judge(answers Survey) Signal {
	if answers.InCycles() {
		return s.Satisfaction(answers.Cycles())
	}
	if answers.WaveCount[1] < 1 || answers.WaveCount[2] < 1 || !(answers.WaveAge[1] <= 2*answers.CycleDays) {
		return Signal{}
	}
	var moved Shift
	for i, age := range answers.WaveAge {
		switch {
		case age <= answers.CycleDays:
			moved.Points[i] = s.Points[1]
		case age <= 2*answers.CycleDays:
			moved.Points[i] = s.Points[0]
		}
	}
	return moved.Satisfaction(answers.answers(answers.WaveCount, answers.WaveMean))
}
