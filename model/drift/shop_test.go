package drift_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

func TestFitFindsTheTownBehindTheCounts(t *testing.T) {
	w := steady(20000)
	s := fit(t, w.histories(1))
	var norm float64
	for c := range drift.Baseline {
		norm += w.movement[c] / drift.Baseline
	}
	// Standard errors at this size are about 0.01 for each of these, 0.05 for k.
	for c := range s.Movement {
		near(t, "movement", w.movement[c]/norm, s.Movement[c], 0.03)
	}
	near(t, "dispersion", w.phi, s.Dispersion, 0.05)
	near(t, "level", w.level*norm, s.Level, 0.06)
	// Gamma levels of shape 2: variance is mean^2/2, so k = phi mean / variance.
	near(t, "prior", w.phi/(w.level*norm)*2, s.Prior, 0.15)
}

func TestWhoFollowsTheShopShowsNoDecline(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		movement := make([]int, drift.Cycles)
		for c := range movement {
			movement[c] = rapid.IntRange(1, 6).Draw(t, "movement")
		}
		level := rapid.IntRange(1, 9).Draw(t, "level")
		histories := make([]drift.History, 40)
		for i := range histories {
			histories[i].Present = drift.Cycles - i%5
			for c := range movement {
				histories[i].Orders[c] = level * movement[c]
			}
		}
		s, err := drift.Fit(histories)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range histories {
			if z := s.Orders(h); math.Abs(z.First)+math.Abs(z.Second)+math.Abs(z.Combined) > 1e-6 {
				t.Fatalf("%+v shows %+v in %+v", h, z, s)
			}
		}
	})
}

func TestAPromotionThatLiftsEverybodyLeavesTheSignsAlone(t *testing.T) {
	w := steady(400)
	calm := w.histories(5)
	busy := w.histories(5)
	for i := range busy {
		busy[i].Orders[drift.Cycles-1] *= 3
		busy[i].Orders[drift.Cycles-2] *= 3
	}
	a, b := fit(t, calm), fit(t, busy)
	near(t, "movement", 3*a.Movement[drift.Cycles-1], b.Movement[drift.Cycles-1], 1e-9)
	for i := range calm {
		x, y := a.Orders(calm[i]), b.Orders(busy[i])
		if x.Usable && (x.First < 0) != (y.First < 0) {
			t.Fatalf("customer %d: %+v became %+v", i, x, y)
		}
	}
}

func TestTheOrderOfCustomersAndTheirEarlierCyclesDoNotMatter(t *testing.T) {
	h := steady(300).histories(8)
	turned := make([]drift.History, len(h))
	for i := range h {
		turned[len(h)-1-i] = h[i]
		for c := range drift.Cycles - h[i].Present {
			turned[len(h)-1-i].Orders[c] = 99 // before the first order: ignored
		}
	}
	a, b := fit(t, h), fit(t, turned)
	near(t, "dispersion", a.Dispersion, b.Dispersion, 1e-9)
	near(t, "prior", a.Prior, b.Prior, 1e-9)
	for c := range a.Movement {
		near(t, "movement", a.Movement[c], b.Movement[c], 1e-9)
	}
}

func TestFewerOrdersAreNeverLessOfADecline(t *testing.T) {
	s := fit(t, steady(500).histories(2))
	rapid.Check(t, func(t *rapid.T) {
		h := drift.History{Present: rapid.IntRange(3, drift.Cycles).Draw(t, "present")}
		for c := range h.Orders {
			h.Orders[c] = rapid.IntRange(1, 12).Draw(t, "orders")
		}
		fewer := h
		fewer.Orders[drift.Cycles-1]--
		a, b := s.Orders(h), s.Orders(fewer)
		if a.Usable != b.Usable || a.Usable && (b.Second >= a.Second || b.Combined >= a.Combined || b.First != a.First) {
			t.Fatalf("%+v gives %+v, one less gives %+v", h, a, b)
		}
	})
}

func TestTheFormulasInThePackageCommentAreTheCode(t *testing.T) {
	s := fit(t, steady(500).histories(2))
	h := drift.History{Orders: [drift.Cycles]int{9, 9, 9, 4, 6, 5, 2, 3}, Present: 5}
	m := s.Baselines()[3-1]
	level := (4 + 6 + 5 + s.Prior*s.Level) / (m + s.Prior)
	e7, e8 := level*s.Movement[6], level*s.Movement[7]
	got := s.Orders(h)
	near(t, "first", (2-e7)/math.Sqrt(s.Dispersion*e7*(1+s.Movement[6]/(m+s.Prior))), got.First, 1e-12)
	near(t, "second", (3-e8)/math.Sqrt(s.Dispersion*e8*(1+s.Movement[7]/(m+s.Prior))), got.Second, 1e-12)
	near(t, "combined", (5-e7-e8)/math.Sqrt(s.Dispersion*(e7+e8)*(1+(s.Movement[6]+s.Movement[7])/(m+s.Prior))), got.Combined, 1e-12)
}

func TestWhoExpectsFewerThanTwoOrdersIsNotJudged(t *testing.T) {
	s := drift.Shop{Level: 0.5, Prior: 1, Dispersion: 1, Movement: [drift.Cycles]float64{1, 1, 1, 1, 1, 1, 1, 1}}
	if z := s.Orders(drift.History{Orders: [drift.Cycles]int{1, 0, 1, 0, 1, 0, 0, 0}, Present: 8}); z.Usable {
		t.Errorf("judged by %+v", z)
	}
	if z := s.Orders(drift.History{Orders: [drift.Cycles]int{0, 0, 0, 0, 0, 0, 40, 40}, Present: 2}); z.Usable {
		t.Errorf("judged without a baseline: %+v", z)
	}
}

func TestHistoriesThatCannotBeAreRefused(t *testing.T) {
	if _, err := drift.Fit(nil); !errors.Is(err, drift.ErrNoHistory) {
		t.Errorf("nobody: %v", err)
	}
	if _, err := drift.Fit([]drift.History{{Present: 9}}); !errors.Is(err, drift.ErrValue) {
		t.Errorf("present in nine cycles: %v", err)
	}
	if _, err := drift.Fit([]drift.History{{Present: 8, Orders: [drift.Cycles]int{-1}}}); !errors.Is(err, drift.ErrValue) {
		t.Errorf("negative orders: %v", err)
	}
}
