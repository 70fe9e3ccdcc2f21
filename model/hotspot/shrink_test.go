package hotspot_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

func TestAShrunkRateLiesBetweenExpectationAndObservation(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cells := compare(r, drawGroup(r))
		prior := hotspot.FitPrior(cells)
		for _, c := range cells {
			e := prior.Shrink(c, 0.95)
			const slack = 1e-9
			if e.Value < min(c.Rate, c.Expected)-slack || e.Value > max(c.Rate, c.Expected)+slack {
				r.Fatalf("%v is not between %v and %v", e.Value, c.Expected, c.Rate)
			}
			if !(e.Low <= e.High) || math.IsNaN(e.Low) || math.IsNaN(e.High) {
				r.Fatalf("interval [%v, %v]", e.Low, e.High)
			}
		}
	})
}

// One of 101 cells is bad beyond doubt, the others are as expected: it is
// believed, and they are not drawn along.
func TestOneBadCellIsBelievedAndTheRestAreNotDrawnAlong(t *testing.T) {
	counts := make([][2]int64, 101)
	for i := range counts {
		counts[i] = [2]int64{190, 9 + int64(i%3)}
	}
	counts[0] = [2]int64{190, 60}
	cells := judge(t, 1050, counts...)
	prior := hotspot.FitPrior(cells)
	if e := prior.Shrink(cells[0], 0.95); e.Low < 0.2 || e.Value > cells[0].Rate {
		t.Errorf("the bad cell: %+v", e)
	}
	if e := prior.Shrink(cells[1], 0.95); math.Abs(e.Value-cells[1].Expected) > 0.003 {
		t.Errorf("another cell: %+v, expected %v", e, cells[1].Expected)
	}
}

func TestWithoutCellsNothingIsShrunk(t *testing.T) {
	prior := hotspot.FitPrior(nil)
	e := prior.Shrink(hotspot.Comparison{Rate: 0.2, N: 5}, 0.95)
	if e.Value != 0.2 || len(e.Warnings) == 0 {
		t.Errorf("%+v", e)
	}
}

// The prior is the maximum of its likelihood with half a cell of each sort, by
// scipy's Nelder-Mead:
//
//	def g(b):
//	    w, t2 = expit(b[0]), np.exp(2*b[1]); n = lambda v: np.exp(-e**2/2/v) / np.sqrt(2*np.pi*v)
//	    return -np.sum(np.log((1-w)*n(se**2) + w*n(se**2 + t2))) - .5*np.log(w) - .5*np.log(1-w)
//	minimize(g, [-2, np.log(.2)], method='Nelder-Mead', options=dict(xatol=1e-12, fatol=1e-15))
func TestThePriorIsTheMaximumOfItsLikelihood(t *testing.T) {
	departures := []float64{.01, -.02, .03, .15, -.01, .02, -.12, 0, .04, -.03, .22, .01}
	errors := []float64{.02, .03, .02, .03, .04, .02, .03, .02, .03, .05, .04, .02}
	cells := make([]hotspot.Comparison, len(departures))
	for i := range cells {
		cells[i] = hotspot.Comparison{Rate: 0.3 + departures[i], Expected: 0.3, StandardError: errors[i], Comparable: true}
	}
	p := hotspot.FitPrior(cells)
	if math.Abs(p.Share-0.3654386881580343) > 1e-6 || math.Abs(p.Spread-0.13695625724805852) > 1e-6 {
		t.Errorf("%+v, want a share of 0.365439 with a spread of 0.136956", p)
	}
}

// Six clusters by the one-way analysis of variance (Donner 1986), in numpy:
//
//	msb = sum(len(k) * (np.mean(k) - gm)**2 for k in c) / 5
//	msw = sum(((np.array(k) - np.mean(k))**2).sum() for k in c) / (N - 6)
//	n0 = (N - (n**2).sum() / N) / 5; (msb - msw) / (msb + (n0 - 1) * msw)
func TestTheCorrelationIsThatOfTheAnalysisOfVariance(t *testing.T) {
	var clusters []hotspot.Cluster
	for _, of := range [][]float64{{1, 0, 0, 1}, {0, 0, 0}, {1, 1, 0, 1, 1}, {0, 0, 1}, {0, 1, 0, 0, 0, 0}, {1, 1}} {
		c := hotspot.Cluster{N: int64(len(of))}
		for _, y := range of {
			c.Sum += y
			c.Squares += y * y
		}
		clusters = append(clusters, c)
	}
	if got := hotspot.Correlation(clusters); math.Abs(got-0.2757247856267865) > 1e-12 {
		t.Errorf("correlation %v, want 0.275725", got)
	}
	rapid.Check(t, func(r *rapid.T) {
		moved := rapid.Permutation(clusters).Draw(r, "clusters")
		if got := hotspot.Correlation(moved); math.Abs(got-0.2757247856267865) > 1e-12 {
			r.Errorf("in another order %v", got)
		}
	})
}
