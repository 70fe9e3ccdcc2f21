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
