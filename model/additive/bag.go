package additive

import (
	"math"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// bagged are surfaces boosted on bootstrap samples of customers.
type bagged struct {
	*grid
	couples []couple
	weights []surface // training rows by cell
	// mean over the bags, and each bag's own, by couple; all purified.
	mean []surface
	bags [][]surface // by bag, then couple
}

// bag boosts the surfaces of the couples on top of the log-odds of the rows,
// once a bag: a bag counts every customer as often as a Poisson draw of mean 1
// says, made from a hash of his number and the bag's. The mean of the bags is
// smoother and ranks better than any (Breiman 1996); their spread, that of one
// bag, is an upper bound for it.
func (g *grid) bag(d *Design, y, logOdds []float64, couples []couple, rounds, bags int, stop func() bool) (*bagged, error) {
	out := &bagged{grid: g, couples: couples}
	for _, c := range couples {
		out.weights = append(out.weights, g.weights(c, d))
		out.mean = append(out.mean, make(surface, g.size(c)))
	}
	for bag := range bags {
		b := booster{grid: g, couples: couples, labels: y, logOdds: append([]float64(nil), logOdds...)}
		b.weights = make([]float64, len(y))
		for i := range y {
			b.weights[i] = d.weight(i) * drawn(uint64(d.cluster(i)), uint64(bag))
		}
		surfaces, err := b.run(rounds, stop)
		if err != nil {
			return nil, err
		}
		for k, s := range surfaces {
			purify(s, out.weights[k], g.axes[couples[k].second].Cells(), sweeps)
			for at, v := range s {
				out.mean[k][at] += v / float64(bags)
			}
		}
		out.bags = append(out.bags, surfaces)
	}
	return out, nil
}

// drawn returns a Poisson draw of mean 1 for a customer in a bag.
func drawn(customer, bag uint64) float64 {
	// The finaliser of splitmix64 (Steele, Lea, Flood 2014), twice.
	x := bag
	for _, v := range []uint64{0, customer} {
		x += v + 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	uniform := float64(x>>11) / (1 << 53)
	times, term := 0.0, math.Exp(-1)
	for uniform -= term; uniform >= 0 && times < 10; uniform -= term {
		times++
		term /= times
	}
	return times
}

// offset returns what the surfaces add to rows that lie in the given cells.
func (b *bagged) offset(cells [][]uint8) []float64 {
	sums := make([]float64, len(cells[0]))
	for k, c := range b.couples {
		b.add(b.mean[k], c, cells, sums)
	}
	return sums
}

// pairs returns the surfaces as data.
func (b *bagged) pairs() []Pair {
	out := make([]Pair, 0, len(b.couples))
	for k, c := range b.couples {
		p := Pair{First: b.axes[c.first], Second: b.axes[c.second]}
		columns := p.Second.Cells()
		var square, total float64
		for at, v := range b.mean[k] {
			w := b.weights[k][at]
			square += w * v * v
			total += w
			if at%columns == 0 {
				p.Values, p.Weights = append(p.Values, nil), append(p.Weights, nil)
			}
			row := at / columns
			p.Values[row], p.Weights[row] = append(p.Values[row], v), append(p.Weights[row], w)
		}
		p.UnseenVariance = square / total
		p.Spread = math.Sqrt(p.UnseenVariance)
		out = append(out, p)
	}
	return out
}

// factor returns rows of [Uncertainty].Factor whose squares are the bags'
// covariance, over a coefficient vector in which the pairs begin at first.
func (b *bagged) factor(first int) [][]float64 {
	rows := make([][]float64, 0, len(b.bags))
	scale := 1 / math.Sqrt(float64(len(b.bags)-1))
	zeros := make([]float64, first)
	for _, bag := range b.bags {
		row := append(make([]float64, 0, b.reach(first)), zeros...)
		for k, s := range bag {
			for at, v := range s {
				row = append(row, scale*(v-b.mean[k][at]))
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// reach returns the length of a coefficient vector in which the pairs begin at
// first.
func (b *bagged) reach(first int) int {
	for _, c := range b.couples {
		first += b.size(c)
	}
	return first
}

// left returns a row of [Uncertainty].Factor that holds what the surfaces have
// not taken in: by cell the residuals of the finished fit over their
// information, purified. Boosting ends early and cells are coarse; the square
// of this estimate of the bias counts as variance, as that of the terms does.
func (b *bagged) left(terms int, d *Design, y, logOdds []float64) []float64 {
	residual, information := working(d, y, logOdds)
	row := append(make([]float64, 0, b.reach(terms)), make([]float64, terms)...)
	for k, c := range b.couples {
		columns := b.axes[c.second].Cells()
		first, second := b.cells[c.first], b.cells[c.second]
		mean, sums := make(surface, b.size(c)), make(surface, b.size(c))
		for i, r := range residual {
			cell := int(first[i])*columns + int(second[i])
			mean[cell] += r
			sums[cell] += information[i]
		}
		for cell, total := range sums {
			mean[cell] /= total + leafPrecision
		}
		purify(mean, b.weights[k], columns, sweeps)
		row = append(row, mean...)
	}
	return row
}

// working returns the residuals and the information of weighted rows.
func working(d *Design, y, logOdds []float64) (residual, information []float64) {
	residual, information = make([]float64, len(y)), make([]float64, len(y))
	for i, eta := range logOdds {
		p, w := logistic.Probability(eta), d.weight(i)
		residual[i], information[i] = w*(y[i]-p), w*p*(1-p)
	}
	return residual, information
}
