package additive

import "github.com/churnwatch/churnwatch/model/logistic"

const (
	// boostRate is small enough that no single tree decides.
	boostRate = 0.1
	// boostLeaves is the most leaves of a tree.
	boostLeaves = 31
	// leafPrecision is the prior precision of a leaf, in log-odds.
	leafPrecision = 1
	// leastLeaf is the least weight of the rows of a leaf.
	leastLeaf = 20
)

// booster boosts the surfaces of some couples on top of given log-odds: round
// after round each surface takes a small step, the tree over its cells that
// splits the residuals best (Friedman 2001; Lou et al. 2013).
type booster struct {
	*grid
	couples []couple
	labels  []float64
	weights []float64
	logOdds []float64 // the start and all steps

	residual, information []float64
}

// run returns the surfaces after the given number of rounds.
func (b *booster) run(rounds int, stop func() bool) ([]surface, error) {
	surfaces := make([]surface, len(b.couples))
	for k, c := range b.couples {
		surfaces[k] = make(surface, b.size(c))
	}
	b.residual, b.information = make([]float64, len(b.labels)), make([]float64, len(b.labels))
	for range rounds {
		if stop != nil && stop() {
			return nil, ErrStopped
		}
		for i, y := range b.labels {
			p := logistic.Probability(b.logOdds[i])
			b.residual[i], b.information[i] = y-p, p*(1-p)
		}
		for k, c := range b.couples {
			b.improve(surfaces[k], c)
		}
	}
	return surfaces, nil
}

// improve adds a step to a surface. Until the next round the residuals follow
// to first order, which spares an exponential a row.
func (b *booster) improve(s surface, c couple) {
	rows, columns := b.axes[c.first].Cells(), b.axes[c.second].Cells()
	first, second := b.cells[c.first], b.cells[c.second]
	sums := make([]sum, rows*columns)
	for i, w := range b.weights {
		if w > 0 {
			sums[int(first[i])*columns+int(second[i])].add(sum{w, w * b.residual[i], w * b.information[i]})
		}
	}
	step := grow(sums, rows, columns)
	for at, v := range step {
		s[at] += v
	}
	for i := range b.logOdds {
		delta := step[int(first[i])*columns+int(second[i])]
		b.logOdds[i] += delta
		b.residual[i] -= b.information[i] * delta
	}
}
