package drift

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// steadyDraws is the least number of simulated customers and cycles behind a
// steady threshold; its false alarms are then known to about a twentieth.
const steadyDraws = 40_000

// refitSlack is by how much a statistic may move when the shop is fitted again:
// the counts of rare orders give few different statistics, each of many
// customers, and the threshold must not lie beside one of them.
const refitSlack = 0.05

// SteadyThreshold returns the threshold that steady customers of this shop fall
// below at the stated rate per 1,000 customers and cycle, for shops without
// enough past outcomes for [Choose].
//
// Small counts cannot fall as far below expectation as a normal variable, so
// in a shop of rare orders [NormalThreshold] would be reached too rarely. Here each
// customer who can be judged by orders is simulated under the model of the
// package comment: a level from the gamma distribution with the mean and
// variance of his own level, counts of the two cycles with variance phi times
// their mean (negative binomial, Poisson for phi = 1), and the same statistic.
// What the simulation does not know, such as levels that wander, it leaves out:
// the threshold of [Choose] is to be preferred once there is history.
//
// The threshold lies 0.05 below the one found, so that it holds its rate when the
// shop is fitted on other customers.
//
// Rate 0 means 20; the draws follow seed and the order of histories. Without a
// customer to judge, or for a rate outside (0, 1000), it is [NormalThreshold].
func (s Shop) SteadyThreshold(histories []History, rate float64, seed uint64) float64 {
	if rate == 0 {
		rate = defaultRate
	}
	var judged []History
	for _, h := range histories {
		if s.Orders(h).Usable {
			judged = append(judged, h)
		}
	}
	if len(judged) == 0 || !(rate > 0 && rate < 1000) {
		return NormalThreshold(rate)
	}
	random := rand.New(rand.NewPCG(seed, Cycles)) //nolint:gosec // a simulation needs reproducible draws, not secret ones
	statistics := make([]float64, 0, steadyDraws+len(judged))
	for len(statistics) < steadyDraws {
		for _, h := range judged {
			statistic, _ := Statistic(s.Orders(s.simulate(h, random)))
			statistics = append(statistics, statistic)
		}
	}
	return cut(statistics, int(rate/1000*float64(len(statistics)))) - refitSlack
}

// simulate redraws the two cycles judged of a customer who is steady.
func (s Shop) simulate(h History, random *rand.Rand) History {
	y, m := s.sums(h)
	weight := m + s.Prior
	level := (y + s.Prior*s.Level) / weight
	own := distuv.Gamma{Alpha: level * weight / s.Dispersion, Beta: weight / s.Dispersion, Src: random}.Rand()
	for c := Baseline; c < Cycles; c++ {
		mean := own * s.Movement[c]
		if s.Dispersion > 1 && mean > 0 {
			mean = distuv.Gamma{Alpha: mean / (s.Dispersion - 1), Beta: 1 / (s.Dispersion - 1), Src: random}.Rand()
		}
		h.Orders[c] = 0
		if mean > 0 {
			h.Orders[c] = int(distuv.Poisson{Lambda: mean, Src: random}.Rand())
		}
	}
	return h
}
