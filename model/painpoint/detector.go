package painpoint

import (
	"fmt"
	"math"
	"slices"
)

// Detector is one pain point's exposure of every row.
type Detector struct {
	Name string
	// Unit is that of Severity, such as "days late".
	Unit string
	// Count is the number of incidents that the row's customer had behind it, as
	// known then: 0, 1, 2, ...
	Count []float64
	// Severity is the sum of the severities of these incidents, 0 where there is
	// none; nil for a detector without.
	Severity []float64
	// AgeDays is how long before the row its newest incident was; read only
	// where Count is positive. Nil leaves the half-life out.
	AgeDays []float64
}

// check verifies shapes and ranges for n rows.
func (d Detector) check(n int) error {
	if len(d.Count) != n || d.Severity != nil && len(d.Severity) != n || d.AgeDays != nil && len(d.AgeDays) != n {
		return fmt.Errorf("detector %s: %d counts, %d severities, %d ages, want %d: %w",
			d.Name, len(d.Count), len(d.Severity), len(d.AgeDays), n, ErrShape)
	}
	for i, c := range d.Count {
		switch {
		case !(c >= 0) || math.IsInf(c, 0):
			return fmt.Errorf("detector %s: row %d has %v incidents: %w", d.Name, i, c, ErrValue)
		case d.Severity != nil && !finite(d.Severity[i]):
			return fmt.Errorf("detector %s: row %d has severity %v: %w", d.Name, i, d.Severity[i], ErrValue)
		case d.AgeDays != nil && c > 0 && !(d.AgeDays[i] >= 0 && finite(d.AgeDays[i])):
			return fmt.Errorf("detector %s: row %d has an incident %v days old: %w", d.Name, i, d.AgeDays[i], ErrValue)
		}
	}
	return nil
}

// finite reports whether x is a number.
func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// exposure is what a detector found.
type exposure struct {
	incidents int
	rows      int
	customers int
	// Weighted sums of counts and of severities over rows.
	count, severity float64
}

// meanSeverity is the weighted mean severity of an incident.
func (e exposure) meanSeverity() float64 {
	if e.count == 0 {
		return 0
	}
	return e.severity / e.count
}

// expose sums a detector up.
func (d Detector) expose(customer []int, weight []float64) exposure {
	var e exposure
	var exposed []int
	incidents := 0.0
	for i, c := range d.Count {
		if c == 0 {
			continue
		}
		incidents += c
		e.rows++
		exposed = append(exposed, customer[i])
		w := weightOf(weight, i)
		e.count += w * c
		if d.Severity != nil {
			e.severity += w * d.Severity[i]
		}
	}
	slices.Sort(exposed)
	e.customers = len(slices.Compact(exposed))
	e.incidents = int(math.Round(incidents))
	return e
}

// weightOf returns the weight of row i, 1 for nil.
func weightOf(weight []float64, i int) float64 {
	if weight == nil {
		return 1
	}
	return weight[i]
}

// overlap counts, for each two detectors, the rows that have both; the
// diagonal counts the rows exposed to each.
func overlap(detectors []Detector) [][]int {
	out := make([][]int, len(detectors))
	for a := range detectors {
		out[a] = make([]int, len(detectors))
		for b := range detectors {
			for i := range detectors[a].Count {
				if detectors[a].Count[i] > 0 && detectors[b].Count[i] > 0 {
					out[a][b]++
				}
			}
		}
	}
	return out
}

// checkRows verifies what the two fits have in common.
func checkRows(n int, customer []int, weight []float64, detectors []Detector, controls [][]float64) error {
	if n == 0 || len(customer) != n || weight != nil && len(weight) != n {
		return fmt.Errorf("%d rows, %d customers, %d weights: %w", n, len(customer), len(weight), ErrShape)
	}
	for i, w := range weight {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("weight of row %d is %v: %w", i, w, ErrValue)
		}
	}
	for _, d := range detectors {
		if err := d.check(n); err != nil {
			return err
		}
	}
	for j, c := range controls {
		if len(c) != n {
			return fmt.Errorf("control %d has %d rows, want %d: %w", j, len(c), n, ErrShape)
		}
		if i := slices.IndexFunc(c, func(x float64) bool { return !finite(x) }); i >= 0 {
			return fmt.Errorf("control %d of row %d is %v: %w", j, i, c[i], ErrValue)
		}
	}
	return nil
}
