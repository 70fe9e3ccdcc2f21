package btyd

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// spendLikelihood evaluates the log-likelihood of a Gamma-Gamma and its slope.
// Customers are in the order of their number of orders.
type spendLikelihood struct {
	orders []int
	total  []float64 // n m
	log    []float64 // log m
}

func newSpendLikelihood(spends []Spend, unit float64) *spendLikelihood {
	l := &spendLikelihood{}
	for _, s := range spends {
		mean := s.Mean / unit
		l.orders = append(l.orders, s.Orders)
		l.total = append(l.total, float64(s.Orders)*mean)
		l.log = append(l.log, math.Log(mean))
	}
	return l
}

// at returns the log-likelihood and its slopes by p, q and v:
//
//	lgamma(pn+q) - lgamma(pn) - lgamma(q) + q log v + (pn-1) log m + pn log n - (pn+q) log(v + n m)
func (l *spendLikelihood) at(p SpendParameters) (sum float64, slope [3]float64) {
	var n, joint, own, jointSlope, ownSlope, logN float64
	between, betweenSlope, logV := lgamma(p.Q), mathext.Digamma(p.Q), math.Log(p.V)
	for i, orders := range l.orders {
		if float64(orders) != n {
			n = float64(orders)
			joint, own, logN = lgamma(p.P*n+p.Q), lgamma(p.P*n), math.Log(n)
			jointSlope, ownSlope = mathext.Digamma(p.P*n+p.Q), mathext.Digamma(p.P*n)
		}
		logTotal := math.Log(p.V + l.total[i])
		sum += joint - own - between + p.Q*logV + (p.P*n-1)*l.log[i] + p.P*n*logN - (p.P*n+p.Q)*logTotal
		slope[0] += n * (jointSlope - ownSlope + l.log[i] + logN - logTotal)
		slope[1] += jointSlope - betweenSlope + logV - logTotal
		slope[2] += p.Q/p.V - (p.P*n+p.Q)/(p.V+l.total[i])
	}
	return sum, slope
}

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// spendAt returns the parameters at a point: log p, log(q-1), log v.
func spendAt(x []float64) SpendParameters {
	return SpendParameters{P: math.Exp(x[0]), Q: 1 + math.Exp(x[1]), V: math.Exp(x[2])}
}

// spendWalls bound the scale of the fit, with money in mean order values.
var spendWalls = [3][2]float64{{math.Log(1e-2), math.Log(1e4)}, {math.Log(1e-2), math.Log(1e4)}, {math.Log(1e-5), math.Log(1e5)}}

func (l *spendLikelihood) objective(x, slope []float64) float64 {
	p := spendAt(x)
	value, by := l.at(p)
	by[0], by[1], by[2] = by[0]*p.P, by[1]*(p.Q-1), by[2]*p.V
	n := float64(len(l.orders))
	value /= n
	for i := range x {
		beyond := wall(x[i], spendWalls[i][0], spendWalls[i][1])
		value -= beyond * beyond / 2
		if slope != nil {
			slope[i] = by[i]/n - beyond
		}
	}
	return value
}
