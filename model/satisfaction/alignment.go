package satisfaction

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/regression"
)

const (
	// defaultOffsetPrior is the standard deviation, in points, of offsets
	// between kinds before any is measured: an assumption.
	defaultOffsetPrior = 10
	// enoughCustomers is the number of customers from which the clustered
	// standard error of an offset is believed when it is below the plain one.
	enoughCustomers = 30
)

// AlignOptions say how to align. The zero value is usable.
type AlignOptions struct {
	// Reference is the kind that the others are aligned on; "" takes the one with
	// most answers, by name among equals.
	Reference Kind
	// OffsetPrior is the standard deviation of offsets in points that the
	// shrinkage assumes; 0 means 10.
	OffsetPrior float64
	// Confidence of the intervals; 0 means 0.95.
	Confidence float64
}

// Alignment is how many points each kind answers above the reference kind.
type Alignment struct {
	Reference Kind `json:"reference"`
	// Offsets per kind that has answers, shrunk to 0; the reference's is 0. N
	// counts customers who gave both.
	Offsets map[Kind]estimate.Estimate `json:"offsets"`
}

// Align measures the offset of each kind against a reference kind by least
// squares with a fixed effect for each customer and moment:
//
//	points_a = u_{customer, moment} + offset_{kind} + noise
//
// Only moments with at least two kinds say anything. Standard errors are
// clustered by customer; with fewer than 30 customers they are at least the
// plain ones. The estimate b with standard error s is then shrunk to 0 with
// prior standard deviation t = OffsetPrior:
//
//	offset = b t^2 / (t^2 + s^2),  error = t s / sqrt(t^2 + s^2)
//
// A kind that no chain of shared moments links to the reference, or too few to
// have an error, gets 0 with error t and a warning. Errors: [ErrNoAnswers],
// [ErrKind], [ErrValue].
func Align(answers []Answer, o AlignOptions) (Alignment, error) {
	if err := check(answers); err != nil {
		return Alignment{}, fmt.Errorf("align: %w", err)
	}
	if o.OffsetPrior == 0 {
		o.OffsetPrior = defaultOffsetPrior
	}
	if o.Confidence == 0 {
		o.Confidence = defaultConfidence
	}
	kinds := kindsOf(answers)
	if o.Reference == "" {
		o.Reference = mostAnswered(answers, kinds)
	}
	out := Alignment{Reference: o.Reference, Offsets: map[Kind]estimate.Estimate{}}
	for _, k := range kinds {
		out.Offsets[k] = estimate.Normal(0, o.OffsetPrior, o.Confidence, 0).Warn("no moments shared with " + string(o.Reference))
	}
	out.Offsets[o.Reference] = estimate.Estimate{Confidence: o.Confidence}
	d := newContrast(answers, o.Reference)
	if len(d.kinds) == 0 {
		return out, nil
	}
	measured, err := d.fit(o.Confidence)
	if err != nil {
		return Alignment{}, fmt.Errorf("align on %s: %w", o.Reference, err)
	}
	for i, k := range d.kinds {
		if i < len(measured) {
			out.Offsets[k] = shrink(measured[i], o.OffsetPrior)
		}
	}
	return out, nil
}

// kindsOf returns the kinds among answers by name.
func kindsOf(answers []Answer) []Kind {
	var kinds []Kind
	for _, a := range answers {
		if !slices.Contains(kinds, a.Kind) {
			kinds = append(kinds, a.Kind)
		}
	}
	slices.Sort(kinds)
	return kinds
}

// mostAnswered returns the kind with most answers, the first by name.
func mostAnswered(answers []Answer, kinds []Kind) Kind {
	count := map[Kind]int{}
	for _, a := range answers {
		count[a.Kind]++
	}
	return slices.MaxFunc(kinds, func(a, b Kind) int {
		if c := cmp.Compare(count[a], count[b]); c != 0 {
			return c
		}
		return cmp.Compare(b, a)
	})
}

// shrink draws an estimate towards 0 under a normal prior.
func shrink(e estimate.Estimate, prior float64) estimate.Estimate {
	v, t := e.StandardError*e.StandardError, prior*prior
	out := estimate.Normal(e.Value*t/(t+v), math.Sqrt(t*v/(t+v)), e.Confidence, e.N)
	out.Warnings = e.Warnings
	return out
}

// contrast is the within-moment differences between linked kinds.
type contrast struct {
	kinds     []Kind // columns, linked to the reference, by name
	x, y      []float64
	customers []int
	groups    int
}

// newContrast takes moments with at least two linked kinds and subtracts the
// moment's mean from each column.
func newContrast(answers []Answer, reference Kind) *contrast {
	sorted := slices.Clone(answers)
	slices.SortStableFunc(sorted, func(a, b Answer) int {
		return cmp.Or(cmp.Compare(a.Customer, b.Customer), cmp.Compare(a.Moment, b.Moment),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Points, b.Points))
	})
	var moments [][]Answer
	for i := 0; i < len(sorted); {
		j := i
		for j < len(sorted) && sorted[j].Customer == sorted[i].Customer && sorted[j].Moment == sorted[i].Moment {
			j++
		}
		if sorted[i].Kind != sorted[j-1].Kind {
			moments = append(moments, sorted[i:j])
		}
		i = j
	}
	d := &contrast{}
	linked := link(moments, reference)
	for _, k := range linked {
		if k != reference {
			d.kinds = append(d.kinds, k)
		}
	}
	for _, m := range moments {
		if slices.Contains(linked, m[0].Kind) {
			d.add(m)
		}
	}
	return d
}

// link returns the kinds that shared moments join to the reference, by name.
func link(moments [][]Answer, reference Kind) []Kind {
	linked := []Kind{reference}
	for grown := true; grown; {
		grown = false
		for _, m := range moments {
			if !slices.ContainsFunc(m, func(a Answer) bool { return slices.Contains(linked, a.Kind) }) {
				continue
			}
			for _, a := range m {
				if !slices.Contains(linked, a.Kind) {
					linked = append(linked, a.Kind)
					grown = true
				}
			}
		}
	}
	slices.Sort(linked)
	return linked
}

// add appends the centred rows of one moment.
func (d *contrast) add(moment []Answer) {
	n := float64(len(moment))
	share := make([]float64, len(d.kinds))
	var mean float64
	for _, a := range moment {
		mean += a.Points / n
		if c := slices.Index(d.kinds, a.Kind); c >= 0 {
			share[c] += 1 / n
		}
	}
	for _, a := range moment {
		for c, k := range d.kinds {
			v := -share[c]
			if a.Kind == k {
				v++
			}
			d.x = append(d.x, v)
		}
		d.y = append(d.y, a.Points-mean)
		d.customers = append(d.customers, a.Customer)
	}
	d.groups++
}

// fit returns an estimate per kind, or none when too few rows leave no error.
func (d *contrast) fit(confidence float64) ([]estimate.Estimate, error) {
	p := len(d.kinds)
	free := len(d.y) - d.groups - p
	if free < 1 {
		return nil, nil
	}
	m := regression.NewMoments(p)
	if err := m.AddRows(d.x, d.y, nil); err != nil {
		return nil, err
	}
	fit, err := regression.Solve(m, regression.Options{})
	if err != nil {
		return nil, err
	}
	clustered, customers, err := fit.Clustered(d.x, d.y, nil, d.customers)
	if err != nil {
		return nil, err
	}
	noise := fit.ResidualSumOfSquares / float64(free)
	out := make([]estimate.Estimate, p)
	for c := range out {
		variance := clustered.At(c+1, c+1)
		if customers < enoughCustomers {
			variance = math.Max(variance, noise*fit.Bread().At(c+1, c+1))
		}
		out[c] = estimate.Normal(fit.Coefficients[c], math.Sqrt(variance), confidence, customers)
		if customers < enoughCustomers {
			out[c] = out[c].Warn(fmt.Sprintf("measured on %d customers", customers))
		}
	}
	return out, nil
}
