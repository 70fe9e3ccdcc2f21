package additive

import (
	"fmt"
	"math"
)

// Kind says how a column's values are read.
type Kind string

// The kinds of columns and terms.
const (
	// Numeric is a number, NaN where missing.
	Numeric Kind = "numeric"
	// Category is a level's name, "" where missing.
	Category Kind = "category"
)

// Column is one named feature over all rows. Exactly one of Numbers and
// Levels is set.
type Column struct {
	Name string
	// Numbers are a numeric feature's values; NaN is missing, infinities are
	// refused.
	Numbers []float64
	// Levels are a category's values; "" is missing.
	Levels []string
	// Prior is the slope, in log-odds per unit, that the penalty draws a
	// numeric term towards; 0 is no effect.
	Prior float64
	// PriorDeviation is the standard deviation of that slope a priori: the
	// term is drawn towards Prior by its own precision beside the penalty's.
	// 0 adds none.
	PriorDeviation float64
}

// Kind returns Category where Levels are set and Numeric otherwise.
func (c *Column) Kind() Kind {
	if c.Levels != nil {
		return Category
	}
	return Numeric
}

func (c *Column) rows() int { return max(len(c.Numbers), len(c.Levels)) }

// Design is a table of columns with what the fit must know of its rows.
type Design struct {
	// Columns become one [Term] each, in the same order; names are unique.
	Columns []Column
	// Weight of the rows, >= 0; nil is 1 each. A weight counts as that many
	// rows, in knots and pooled levels too.
	Weight []float64
	// Cluster of the rows: those of one customer share a number. Rows of a
	// cluster need not be contiguous; nil makes every row its own.
	Cluster []int
}

// Rows returns the number of rows, that of the first column.
func (d *Design) Rows() int {
	if len(d.Columns) == 0 {
		return 0
	}
	return d.Columns[0].rows()
}

// Row returns row i as input to a predictor fitted on d. dst is used when it
// has room.
func (d *Design) Row(i int, dst Row) Row {
	dst = dst[:0]
	for j := range d.Columns {
		c := &d.Columns[j]
		if c.Levels != nil {
			dst = append(dst, Value{Level: c.Levels[i]})
		} else {
			dst = append(dst, Value{Number: c.Numbers[i]})
		}
	}
	return dst
}

// Subset returns a copy of the given rows, in the given order.
func (d *Design) Subset(rows []int) *Design {
	out := &Design{Columns: make([]Column, len(d.Columns))}
	for j := range d.Columns {
		c := d.Columns[j]
		if c.Levels != nil {
			c.Levels = take(c.Levels, rows)
		} else {
			c.Numbers = take(c.Numbers, rows)
		}
		out.Columns[j] = c
	}
	if d.Weight != nil {
		out.Weight = take(d.Weight, rows)
	}
	if d.Cluster != nil {
		out.Cluster = take(d.Cluster, rows)
	}
	return out
}

func take[T any](values []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = values[r]
	}
	return out
}

func (d *Design) weight(i int) float64 {
	if d.Weight == nil {
		return 1
	}
	return d.Weight[i]
}

func (d *Design) cluster(i int) int {
	if d.Cluster == nil {
		return i
	}
	return d.Cluster[i]
}

// check says what is wrong with d and y.
func (d *Design) check(y []float64) error {
	n := d.Rows()
	if n == 0 {
		return fmt.Errorf("no rows: %w", ErrInput)
	}
	if len(y) != n || (d.Weight != nil && len(d.Weight) != n) || (d.Cluster != nil && len(d.Cluster) != n) {
		return fmt.Errorf("%d rows: %d labels, %d weights, %d clusters: %w", n, len(y), len(d.Weight), len(d.Cluster), ErrInput)
	}
	seen := make(map[string]bool, len(d.Columns))
	for j := range d.Columns {
		if err := d.Columns[j].check(n); err != nil {
			return err
		}
		if seen[d.Columns[j].Name] {
			return fmt.Errorf("column %q twice: %w", d.Columns[j].Name, ErrInput)
		}
		seen[d.Columns[j].Name] = true
	}
	var total, positive float64
	for i, v := range y {
		if v != 0 && v != 1 {
			return fmt.Errorf("row %d: label %v, want 0 or 1: %w", i, v, ErrInput)
		}
		w := d.weight(i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("row %d: weight %v: %w", i, w, ErrInput)
		}
		total += w
		positive += w * v
	}
	if positive == 0 || positive == total {
		return fmt.Errorf("%d rows: %w", n, ErrOneClass)
	}
	return nil
}

func (c *Column) check(n int) error {
	if c.Numbers != nil && c.Levels != nil {
		return fmt.Errorf("column %q has numbers and levels: %w", c.Name, ErrInput)
	}
	if c.rows() != n {
		return fmt.Errorf("column %q has %d rows, want %d: %w", c.Name, c.rows(), n, ErrInput)
	}
	for i, v := range c.Numbers {
		if math.IsInf(v, 0) {
			return fmt.Errorf("column %q: row %d: %v: %w", c.Name, i, v, ErrInput)
		}
	}
	if math.IsNaN(c.Prior) || math.IsInf(c.Prior, 0) || (c.Levels != nil && c.Prior != 0) {
		return fmt.Errorf("column %q: prior slope %v: %w", c.Name, c.Prior, ErrInput)
	}
	if !(c.PriorDeviation >= 0) || math.IsInf(c.PriorDeviation, 1) || (c.Levels != nil && c.PriorDeviation != 0) {
		return fmt.Errorf("column %q: deviation %v of the prior slope: %w", c.Name, c.PriorDeviation, ErrInput)
	}
	return nil
}
