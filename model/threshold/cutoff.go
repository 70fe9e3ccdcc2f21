package threshold

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Cutoff is the customers of one cutoff: what was said of them then, and what
// became of those who were left alone.
type Cutoff struct {
	// Customer is a code of the row's customer, the same at every cutoff.
	Customer []int
	// Probability of churn in [0, 1], by a fit that saw nothing after the cutoff.
	Probability []float64
	// AtStake is the money that is lost if the customer leaves, at least 0.
	AtStake []float64
	Churned []bool
	// Tie orders rows that rank alike, a hash of the customer's id; nil: position.
	Tie []uint64
	// Weight of a row, at least 0: for how many customers it stands; nil: one each.
	Weight []float64
}

func (c *Cutoff) check() error {
	n := len(c.Customer)
	if n == 0 || len(c.Probability) != n || len(c.AtStake) != n || len(c.Churned) != n ||
		c.Tie != nil && len(c.Tie) != n || c.Weight != nil && len(c.Weight) != n {
		return fmt.Errorf("%d customers, %d probabilities, %d amounts, %d outcomes, %d ties, %d weights: %w",
			n, len(c.Probability), len(c.AtStake), len(c.Churned), len(c.Tie), len(c.Weight), ErrShape)
	}
	for i := range n {
		switch p, v := c.Probability[i], c.AtStake[i]; {
		case !(p >= 0 && p <= 1):
			return fmt.Errorf("probability of row %d is %v: %w", i, p, ErrValue)
		case !(v >= 0) || math.IsInf(v, 1):
			return fmt.Errorf("money at stake of row %d is %v: %w", i, v, ErrValue)
		case c.Weight != nil && (!(c.Weight[i] >= 0) || math.IsInf(c.Weight[i], 1)):
			return fmt.Errorf("weight of row %d is %v: %w", i, c.Weight[i], ErrValue)
		}
	}
	return nil
}

// ranked is a cutoff in the order of one ranking, highest first.
type ranked struct {
	cutoff *Cutoff
	row    []int
	key    []float64 // by position in row
}

func (c *Cutoff) rank(by By, e Economics) ranked {
	key := func(i int) float64 { return c.Probability[i] }
	if by == ByReturn {
		key = func(i int) float64 { return e.Return(c.Probability[i], c.AtStake[i]) }
	}
	keys := make([]float64, len(c.Customer))
	r := ranked{cutoff: c, row: make([]int, len(keys)), key: make([]float64, len(keys))}
	for i := range keys {
		keys[i], r.row[i] = key(i), i
	}
	slices.SortFunc(r.row, func(a, b int) int {
		order := cmp.Compare(keys[b], keys[a])
		if order == 0 && c.Tie != nil {
			order = cmp.Compare(c.Tie[a], c.Tie[b])
		}
		return cmp.Or(order, cmp.Compare(a, b))
	})
	for k, i := range r.row {
		r.key[k] = keys[i]
	}
	return r
}

// sum is what the contacted of a cutoff come to: how many they are, and the
// money at stake with those who left, as it was said and as it was.
type sum struct{ contacted, said, lost float64 }

// sweep sums under every bound of a list in descending order, in one pass. The
// row at the border of the capacity counts with the part of it that fits.
func (r ranked) sweep(least, weight []float64, capacity int) []sum {
	out := make([]sum, len(least))
	room := math.Inf(1)
	if capacity > 0 {
		room = float64(capacity)
	}
	var s sum
	next := 0
	for k, i := range r.row {
		for next < len(least) && r.key[k] < least[next] {
			out[next] = s
			next++
		}
		if next == len(least) || room <= 0 {
			break
		}
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		w = min(w, room)
		room -= w
		s.contacted += w
		s.said += w * r.cutoff.Probability[i] * r.cutoff.AtStake[i]
		if r.cutoff.Churned[i] {
			s.lost += w * r.cutoff.AtStake[i]
		}
	}
	for ; next < len(least); next++ {
		out[next] = s
	}
	return out
}
