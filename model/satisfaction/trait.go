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

// design returns the columns of all traits, standardised, row after row:
//
//   - of values: the value, its excess over each quartile that parts the
//     customers, and whether it is missing;
//   - of words: one column a word of at least 30 customers, but for the most
//     frequent, at most 30; the rest are pooled with that one.
//
// Missing values take the mean. Constant columns are left out; with none left x
// is empty. Errors: [ErrValue] where a value is infinite or a length is wrong.
func design(traits []Trait, rows int) (x []float64, names []string, err error) {
	var columns [][]float64
	for _, t := range traits {
		if t.rows() != rows || t.Values != nil && t.Levels != nil {
			return nil, nil, fmt.Errorf("trait %s of %d rows, want %d of either values or words: %w", t.Name, t.rows(), rows, ErrValue)
		}
		made, named := t.words()
		if t.Levels == nil {
			if made, named, err = t.numbers(); err != nil {
				return nil, nil, err
			}
		}
		for i, column := range made {
			if standardise(column) {
				columns, names = append(columns, column), append(names, named[i])
			}
		}
	}
	x = make([]float64, 0, rows*len(columns))
	for i := range rows {
		for _, column := range columns {
			x = append(x, column[i])
		}
	}
	return x, names, nil
}

// numbers returns the value, its excess over the quartiles, and missingness.
func (t Trait) numbers() (columns [][]float64, names []string, err error) {
	known := make([]float64, 0, len(t.Values))
	missing := make([]float64, len(t.Values))
	for i, v := range t.Values {
		switch {
		case math.IsInf(v, 0):
			return nil, nil, fmt.Errorf("trait %s of row %d: %w", t.Name, i, ErrValue)
		case math.IsNaN(v):
			missing[i] = 1
		default:
			known = append(known, v)
		}
	}
	columns, names = append(columns, missing), append(names, t.Name+" is missing")
	if len(known) == 0 {
		return columns, names, nil
	}
	slices.Sort(known)
	columns, names = append(columns, slices.Clone(t.Values)), append(names, t.Name)
	last := known[0]
	for _, quarter := range []int{1, 2, 3} {
		knot := known[quarter*(len(known)-1)/4]
		if knot <= last || knot >= known[len(known)-1] {
			continue
		}
		last = knot
		above := make([]float64, len(t.Values))
		for i, v := range t.Values {
			above[i] = math.Max(v-knot, 0) // NaN stays
		}
		columns, names = append(columns, above), append(names, fmt.Sprintf("%s above %.6g", t.Name, knot))
	}
	return columns, names, nil
}

// words returns an indicator a frequent word.
func (t Trait) words() (columns [][]float64, names []string) {
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
		column := make([]float64, len(t.Levels))
		for i, l := range t.Levels {
			if l == level {
				column[i] = 1
			}
		}
		columns, names = append(columns, column), append(names, t.Name+" is "+level)
	}
	return columns, names
}

// standardise gives a column mean 0 and variance 1, missing values 0, and says
// whether it varies at all.
func standardise(column []float64) bool {
	var n, mean, squares float64
	for _, v := range column {
		if !math.IsNaN(v) {
			n++
			mean += (v - mean) / n
		}
	}
	for i, v := range column {
		if math.IsNaN(v) {
			column[i] = 0
			continue
		}
		column[i] = v - mean
		squares += column[i] * column[i]
	}
	deviation := math.Sqrt(squares / math.Max(n, 1))
	if !(deviation > 1e-9*math.Max(1, math.Abs(mean))) {
		return false
	}
	for i := range column {
		column[i] /= deviation
	}
	return true
}
