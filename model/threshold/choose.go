package threshold

import (
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Returns are the least returns that [Choose] looks at, ascending. 1 is where a
// contact is expected to bring its cost; 0 is everybody.
func Returns() []float64 {
	return []float64{0, 0.25, 0.35, 0.5, 0.7, 0.85, 1, 1.2, 1.4, 1.7, 2, 2.8, 4, 5.6, 8, 16}
}

// beyondChance is by how many standard errors another return must earn more.
const beyondChance = 2

// Point is one point of the curve of net value: what contacting everybody of at
// least this return would have brought at a cutoff, on the mean.
type Point struct {
	Return float64
	Outcome
}

// Choice is the least return that a contact should be expected to bring.
type Choice struct {
	// Least is 1 unless the cutoffs speak for another one. Its interval is that
	// of the same choice made on resampled customers.
	Least estimate.Estimate
	// Curve is by ascending return.
	Curve []Point
	// Best is the return of the largest net, whether it was chosen or not.
	Best float64
}

// Choose returns the least return from which on a contact pays, by what happened
// at cutoffs, with the curve that it was read from.
//
// Net values of neighbouring returns differ by few customers, so that the
// largest is mostly chance. The choice begins at 1, which is right where the
// probabilities and the money at stake are, and moves to the largest only where
// that earned more by over two standard errors of the difference (in the spirit
// of the one of Breiman et al. 1984, towards theory). Errors as [Judge].
func Choose(cutoffs []Cutoff, e Economics, o Options) (Choice, error) {
	s, err := newSample(cutoffs, e)
	if err != nil {
		return Choice{}, fmt.Errorf("choose: %w", err)
	}
	returns := Returns()
	descending := slices.Clone(returns)
	slices.Reverse(descending)
	rankings := make([]ranked, len(cutoffs))
	for c := range cutoffs {
		rankings[c] = cutoffs[c].rank(ByReturn, e)
	}
	j := &Judgement{sample: s, o: o, point: make([]sum, len(returns)), draws: make([][]sum, len(returns))}
	for g := range returns {
		j.draws[g] = make([]sum, o.resamples())
	}
	s.resampled(o, func(b int, weights [][]float64) {
		means := make([]sum, len(returns))
		for c := range cutoffs {
			for k, t := range rankings[c].sweep(descending, weights[c], e.Capacity) {
				g := len(means) - 1 - k
				means[g] = means[g].plus(t, len(cutoffs))
			}
		}
		for g, mean := range means {
			if b < 0 {
				j.point[g] = mean
			} else {
				j.draws[g][b] = mean
			}
		}
	})
	return j.choose(returns), nil
}

// choose reads the curve.
func (j *Judgement) choose(returns []float64) Choice {
	e, theory := j.sample.economics, slices.Index(returns, 1)
	margin := make([]float64, len(returns))
	out := Choice{Curve: make([]Point, len(returns))}
	for g, r := range returns {
		out.Curve[g] = Point{r, j.Of(g)}
		margin[g] = beyondChance * j.Difference(g, theory).StandardError
	}
	pick := func(of func(plan int) sum) (chosen, best int) {
		net := func(g int) float64 { return of(g).net(e.Effect, e.Cost) }
		best = theory
		for g := range returns {
			if net(g) > net(best) {
				best = g
			}
		}
		if net(best)-net(theory) > margin[best] {
			return best, best
		}
		return theory, best
	}
	chosen, best := pick(func(plan int) sum { return j.point[plan] })
	draws := make([]float64, j.o.resamples())
	for b := range draws {
		g, _ := pick(func(plan int) sum { return j.draws[plan][b] })
		draws[b] = returns[g]
	}
	out.Least, out.Best = j.sample.spread(returns[chosen], draws, j.o), returns[best]
	return out
}
