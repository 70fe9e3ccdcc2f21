package painpoint

import (
	"errors"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// leastSpread is the least standard deviation, in log-odds, that differences
// between customers of high value and the rest are assumed to have before any
// data: two in three below 0.2.
const leastSpread = 0.2

// ByValue is a pain point's weight among customers of high value and among the
// rest, from one fit of
//
//	log odds(churn) = a + sum_j (b_j + d_j high) count_j + e high + controls
//
// Raw is d_j as fitted, with the standard error clustered by customer. The
// other three are drawn together by the prior d_j ~ N(0, Spread^2), Spread^2
// being what the d_j of all pain points vary beyond their errors,
//
//	Spread^2 = max(0.2^2, sum_j (d_j^2 - s_j^2) / s_j^2 / sum_j 1 / s_j^2)
//
// which is an assumption where the data are few: Difference is Raw times
// Spread^2 / (Spread^2 + s^2), and Rest moves with it as far as the two were
// fitted against each other.
type ByValue struct {
	High       estimate.Estimate `json:"high"`
	Rest       estimate.Estimate `json:"rest"`
	Difference estimate.Estimate `json:"difference"`
	Raw        estimate.Estimate `json:"unshrunk_difference"`
	Spread     float64           `json:"assumed_spread"`
	// Differs says that the interval of Raw leaves 0 out at a confidence that
	// holds for all pain points together (Bonferroni); otherwise there is no
	// evidence of a difference.
	Differs bool `json:"differs"`
}

// byValue fits the weights apart, nil for a detector that has fewer than 30
// exposed customers, or one outcome alone, in either group.
func (c *churnFit) byValue(confidence float64) ([]*ByValue, error) {
	out := make([]*ByValue, len(c.labels.Detectors))
	if c.labels.HighValue == nil || len(c.columns) == 0 {
		return out, nil
	}
	apart, asked := c.apart()
	if len(asked) == 0 {
		return out, nil
	}
	switch err := apart.fit(); {
	case errors.Is(err, logistic.ErrSeparated):
		return out, nil
	case err != nil:
		return nil, err
	}
	differences := make([]difference, 0, len(asked))
	for k, j := range asked {
		d, ok := apart.difference(j, k+1)
		if ok {
			differences = append(differences, d)
		}
	}
	spread := spreadOf(differences)
	together := 1 - (1-confidence)/float64(max(1, len(differences)))
	for _, d := range differences {
		by := d.shrunk(spread, confidence, apart.customers)
		by.Differs = !by.Raw.At(together).Contains(0)
		out[d.detector] = by
	}
	return out, nil
}

// apart lays out the fit with a column of its own for each detector among
// customers of high value, behind that of being one.
func (c *churnFit) apart() (fit *churnFit, asked []int) {
	l := c.labels
	high := make([]float64, len(l.Churned))
	for i, h := range l.HighValue {
		if h {
			high[i] = 1
		}
	}
	extra := [][]float64{high}
	for j, d := range l.Detectors {
		if c.at(j) < 0 || !c.enoughInBoth(d) {
			continue
		}
		column := make([]float64, len(d.Count))
		for i, n := range d.Count {
			column[i] = n * high[i]
		}
		extra, asked = append(extra, column), append(asked, j)
	}
	l.Controls = append(extra, l.Controls...)
	return newChurnFit(l), asked
}

// enoughInBoth reports whether a detector can be judged in both groups.
func (c *churnFit) enoughInBoth(d Detector) bool {
	var customers [2]map[int]bool
	var outcomes [2][2]bool
	for g := range customers {
		customers[g] = map[int]bool{}
	}
	for i, n := range d.Count {
		if n == 0 || weightOf(c.labels.Weight, i) == 0 {
			continue
		}
		g := 0
		if c.labels.HighValue[i] {
			g = 1
		}
		customers[g][c.labels.Customer[i]] = true
		outcomes[g][int(c.y[i])] = true
	}
	return len(customers[0]) >= thin && len(customers[1]) >= thin &&
		outcomes[0][0] && outcomes[0][1] && outcomes[1][0] && outcomes[1][1]
}

// difference is a weight among the rest, and how it differs, with their
// covariance.
type difference struct {
	detector                     int
	rest, by                     float64
	restVariance, variance, both float64
}

// difference returns what was fitted for detector j, whose difference is
// control k; ok is false where either was dropped.
func (c *churnFit) difference(j, k int) (difference, bool) {
	rest, by := c.at(j), -1
	for position, col := range c.columns {
		if col.part == controls && col.index == k {
			by = position
		}
	}
	if rest < 0 || by < 0 {
		return difference{}, false
	}
	d := difference{
		detector: j, rest: c.coefficients[rest], by: c.coefficients[by],
		restVariance: c.covariance.At(rest+1, rest+1), variance: c.covariance.At(by+1, by+1), both: c.covariance.At(rest+1, by+1),
	}
	return d, d.variance > 0
}

// spreadOf estimates how far differences lie from 0 beyond their errors.
func spreadOf(differences []difference) float64 {
	var sum, weights float64
	for _, d := range differences {
		sum += (d.by*d.by - d.variance) / d.variance
		weights += 1 / d.variance
	}
	if weights == 0 {
		return leastSpread
	}
	return math.Sqrt(math.Max(leastSpread*leastSpread, sum/weights))
}

// shrunk draws the difference to 0, and the rest along.
func (d difference) shrunk(spread, confidence float64, customers int) *ByValue {
	keep := spread * spread / (spread*spread + d.variance)
	along := d.both / d.variance
	by, variance := d.by*keep, d.variance*keep
	rest := d.rest - along*(d.by-by)
	restVariance := d.restVariance - along*along*(d.variance-variance)
	both := along * variance
	root := func(v float64) float64 { return math.Sqrt(math.Max(0, v)) }
	return &ByValue{
		Rest:       estimate.Normal(rest, root(restVariance), confidence, customers),
		High:       estimate.Normal(rest+by, root(restVariance+2*both+variance), confidence, customers),
		Difference: estimate.Normal(by, root(variance), confidence, customers),
		Raw:        estimate.Normal(d.by, root(d.variance), confidence, customers),
		Spread:     spread,
	}
}
