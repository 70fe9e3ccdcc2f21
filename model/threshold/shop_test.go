package threshold_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/churnwatch/churnwatch/model/threshold"
)

// shop makes up customers whose risk and money at stake vary, the latter by
// much, as spend does.
type shop struct {
	rng   *rand.Rand
	risk  []float64 // log-odds
	stake []float64
	shift float64 // by which said log-odds are too high
}

func newShop(seed uint64, customers int, shift float64) *shop {
	return newShopOf(seed, customers, shift, 0.9)
}

// newShopOf makes the logs of the money at stake spread so much.
func newShopOf(seed uint64, customers int, shift, spread float64) *shop {
	s := &shop{rng: rand.New(rand.NewPCG(seed, 9)), shift: shift}
	for range customers {
		s.risk = append(s.risk, -0.8+1.2*s.rng.NormFloat64())
		s.stake = append(s.stake, 60*math.Exp(spread*s.rng.NormFloat64()))
	}
	return s
}

// cutoffs draws outcomes, and probabilities that are off by noise in their
// log-odds.
func (s *shop) cutoffs(n int, noise float64) (out []threshold.Cutoff) {
	logistic := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	for range n {
		var c threshold.Cutoff
		for i := range s.risk {
			c.Customer = append(c.Customer, i)
			c.Probability = append(c.Probability, logistic(s.risk[i]+s.shift+noise*s.rng.NormFloat64()))
			c.AtStake = append(c.AtStake, s.stake[i])
			c.Churned = append(c.Churned, s.rng.Float64() < logistic(s.risk[i]))
		}
		out = append(out, c)
	}
	return out
}

// economy is what contacts cost and do, and how the money at stake spreads.
type economy struct {
	threshold.Economics
	spread float64
}

// economies are those whose break-even for a customer of the usual money at
// stake (60) lies outside 0.35 to 0.65: cheap contacts, and dear ones; with money
// at stake that spreads as spend does, and with the same for everybody.
func economies() map[string]economy {
	cheap := threshold.Economics{Effect: 0.2, Cost: 1.2} // pays from 0.10 on
	usual := threshold.Economics{Effect: 0.2, Cost: 3}   // from 0.25
	dear := threshold.Economics{Effect: 0.2, Cost: 9}    // from 0.75
	full := threshold.Economics{Effect: 0.2, Cost: 1.2, Capacity: 150}
	return map[string]economy{
		"cheap": {cheap, 0.9}, "usual": {usual, 0.9}, "dear": {dear, 0.9}, "full": {full, 0.9},
		"cheap and equal": {cheap, 0}, "usual and equal": {usual, 0}, "dear and equal": {dear, 0},
	}
}

// beats counts the seeds in which the return that was chosen on two cutoffs earns
// more than a probability of 0.5 on two fresh ones.
func beats(t *testing.T, e economy, seeds, customers int) (won int, gain, net float64) {
	t.Helper()
	for seed := range seeds {
		s := newShopOf(uint64(seed)+1, customers, 0, e.spread)
		choice, err := threshold.Choose(s.cutoffs(2, 0.4), e.Economics, threshold.Options{Resamples: 100, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		plans := [][]threshold.Policy{
			threshold.Always(threshold.Policy{Least: choice.Least.Value}, 2),
			threshold.Always(threshold.Policy{By: threshold.ByProbability, Least: 0.5}, 2),
		}
		j, err := threshold.Judge(s.cutoffs(2, 0.4), plans, e.Economics, threshold.Options{Resamples: 2})
		if err != nil {
			t.Fatal(err)
		}
		d := j.Difference(0, 1).Value
		if d > 0 {
			won++
		}
		gain += d / float64(seeds)
		net += j.Of(0).Net.Value / float64(seeds)
	}
	return won, gain, net
}

func TestNetValueBeatsAFixedProbabilityOnFreshOutcomes(t *testing.T) {
	for name, e := range economies() {
		won, gain, net := beats(t, e, 20, 1000)
		t.Logf("%s: better in %d of 20 seeds, by %.0f on the mean of a net of %.0f", name, won, gain, net)
		if won < 19 {
			t.Errorf("%s: better in %d of 20 seeds, want 19", name, won)
		}
	}
}
