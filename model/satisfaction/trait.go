package satisfaction

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

const (
	// leastLevel is the number of customers below which a word is pooled.
	leastLevel = 30
	// mostLevels bounds the words of a trait that have a column of their own.
	mostLevels = 30
)

// Trait is one thing that was known of customers before a window: Values by
// customer, NaN where missing, or Levels, "" where missing; the other is nil.
type Trait struct {
	Name   string
	Values []float64
	Levels []string
}

func (t Trait) rows() int {
	if t.Levels != nil {
		return len(t.Levels)
	}
	return len(t.Values)
}

// column is one standardised column of a design.
type column struct {
	name            string
	raw             func(i int) float64 // NaN where missing
	mean, deviation float64
}

// at returns the standardised value of row i, 0 where missing.
func (c *column) at(i int) float64 {
	v := c.raw(i)
	if math.IsNaN(v) {
		return 0
	}
	return (v - c.mean) / c.deviation
}

// columnsOf returns the columns of all traits, standardised:
//
//   - of values: the value, its excess over each quartile that parts the
//     customers, and whether it is missing;
//   - of words: one column a word of at least 30 customers, but for the most
//     frequent, at most 30; the rest are pooled with that one.
//
// Missing values take the mean. Constant columns are left out. Errors:
// [ErrValue] where a value is infinite or a length is wrong.
func columnsOf(traits []Trait, rows int) (out []column, err error) {
	for _, t := range traits {
		if t.rows() != rows || t.Values != nil && t.Levels != nil {
			return nil, fmt.Errorf("trait %s of %d rows, want %d of either values or words: %w", t.Name, t.rows(), rows, ErrValue)
		}
		made := t.words()
		if t.Levels == nil {
			if made, err = t.numbers(); err != nil {
				return nil, err
			}
		}
		for _, c := range made {
			if c.standardise(rows) {
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// numbers returns missingness, the value, and its excess over the quartiles.
func (t Trait) numbers() ([]column, error) {
	known := make([]float64, 0, len(t.Values))
	for i, v := range t.Values {
		if math.IsInf(v, 0) {
			return nil, fmt.Errorf("trait %s of row %d: %w", t.Name, i, ErrValue)
		}
		if !math.IsNaN(v) {
			known = append(known, v)
		}
	}
	out := []column{{name: t.Name + " is missing", raw: func(i int) float64 {
		if math.IsNaN(t.Values[i]) {
			return 1
		}
		return 0
	}}}
	if len(known) == 0 {
		return out, nil
	}
	slices.Sort(known)
	out = append(out, column{name: t.Name, raw: func(i int) float64 { return t.Values[i] }})
	last := known[0]
	for _, quarter := range []int{1, 2, 3} {
		knot := known[quarter*(len(known)-1)/4]
		if knot <= last || knot >= known[len(known)-1] {
			continue
		}
		last = knot
		out = append(out, column{
			name: fmt.Sprintf("%s above %.6g", t.Name, knot),
			raw:  func(i int) float64 { return math.Max(t.Values[i]-knot, 0) }, // NaN stays
		})
	}
	return out, nil
}

// words returns an indicator a frequent word.
func (t Trait) words() (out []column) {
	count := map[string]int{}
	for _, level := range t.Levels {
		count[level]++
	}
	levels := make([]string, 0, len(count))
	for level := range count {
		levels = append(levels, level)
	}
	slices.SortFunc(levels, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	for _, level := range levels[min(1, len(levels)):min(1+mostLevels, len(levels))] {
		if count[level] < leastLevel {
			break
		}
		out = append(out, column{name: t.Name + " is " + level, raw: func(i int) float64 {
			if t.Levels[i] == level {
				return 1
			}
			return 0
		}})
	}
	return out
}

// standardise sets mean and deviation over the rows that have a value, and says
// whether they vary at all.
func (c *column) standardise(rows int) bool {
	var n, squares float64
	for i := range rows {
		if v := c.raw(i); !math.IsNaN(v) {
			n++
			d := v - c.mean
			c.mean += d / n
			squares += d * (v - c.mean)
		}
	}
	c.deviation = math.Sqrt(squares / math.Max(n, 1))
	return c.deviation > 1e-9*math.Max(1, math.Abs(c.mean))
}
