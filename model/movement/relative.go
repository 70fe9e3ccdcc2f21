package movement

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// ErrValue is returned for amounts that are negative, NaN or infinite.
var ErrValue = errors.New("an amount is not a finite number of 0 or more")

// ErrNothing is returned where a sum that something is divided by is 0, or there
// are fewer than two customers.
var ErrNothing = errors.New("nothing to compare")

// Pair is what one customer did in the period before and in the one after.
type Pair struct{ Before, After float64 }

// Shop is everybody.
type Shop struct {
	pairs []Pair
	sum   Pair
	// Movement is the sum after over the sum before.
	Movement float64
	squares  float64
}

// NewShop sums everybody up. Errors: [ErrValue], and [ErrNothing] where either
// sum is 0.
func NewShop(pairs []Pair) (*Shop, error) {
	s := &Shop{pairs: pairs}
	for i, p := range pairs {
		if !(p.Before >= 0 && p.After >= 0) || math.IsInf(p.Before+p.After, 0) {
			return nil, fmt.Errorf("movement: customer %d: %+v: %w", i, p, ErrValue)
		}
		s.sum.Before += p.Before
		s.sum.After += p.After
	}
	if s.sum.Before == 0 || s.sum.After == 0 {
		return nil, fmt.Errorf("movement of everybody: %w", ErrNothing)
	}
	s.Movement = s.sum.After / s.sum.Before
	for _, p := range pairs {
		f := p.After - s.Movement*p.Before
		s.squares += f * f
	}
	return s, nil
}

// Relative returns by what share a group, given by its members' places, moved
// more than everybody: -0.2 is a fifth less. With B, A the sums before and after
// of the group (g) and of everybody, r = A/B,
//
//	value = r_g / r - 1
//	var log(r_g / r) = sum_i (1[i in g] (a_i - r_g b_i) / A_g - (a_i - r b_i) / A)^2
//
// with n/(n-1) for n members. N is the members. It is 0 without error for a group
// of everybody. Errors: [ErrNothing] for a group with a sum of 0 or fewer than two
// members.
func (s *Shop) Relative(members []int, confidence float64) (estimate.Estimate, error) {
	var sum Pair
	for _, m := range members {
		sum.Before += s.pairs[m].Before
		sum.After += s.pairs[m].After
	}
	n := len(members)
	if n < 2 || sum.Before == 0 || sum.After == 0 {
		return estimate.Estimate{}, fmt.Errorf("movement of %d customers: %w", n, ErrNothing)
	}
	ratio := sum.After / sum.Before
	variance := s.squares / (s.sum.After * s.sum.After)
	for _, m := range members {
		p := s.pairs[m]
		own := (p.After - ratio*p.Before) / sum.After
		variance += own * (own - 2*(p.After-s.Movement*p.Before)/s.sum.After)
	}
	variance = math.Max(0, variance) * float64(n) / float64(n-1)
	moved, se := ratio/s.Movement, math.Sqrt(variance)
	by := quantile(confidence, n-1) * se
	return estimate.Estimate{
		Value: moved - 1, Low: moved*math.Exp(-by) - 1, High: moved*math.Exp(by) - 1,
		StandardError: moved * se, Confidence: confidence, N: n,
	}, nil
}

// quantile returns Student's two-sided quantile.
func quantile(confidence float64, freedom int) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(freedom)}.Quantile((1 + confidence) / 2)
}
