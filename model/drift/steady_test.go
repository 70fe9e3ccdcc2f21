package drift_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/model/drift"
)

func TestTheSteadyThresholdKeepsItsRateWithoutOutcomes(t *testing.T) {
	for name, w := range map[string]town{
		"frequent": steady(20000),
		"rare":     {customers: 40000, level: 0.9, phi: 1, movement: steady(0).movement, decline: [2]float64{1, 1}},
	} {
		now := w.histories(1)
		s := fit(t, now)
		threshold := s.SteadyThreshold(now, 20, 1)
		fresh := w.histories(2)
		rate := drift.FalseAlarms(past(fit(t, fresh), fresh), threshold, 0.999)
		// The threshold itself is known to about one alarm in 1,000.
		if rate.Low > 21 || rate.High < 17 {
			t.Errorf("%s: threshold %v raises %+v", name, threshold, rate)
		}
	}
}

func TestRareOrdersNeedAMilderThreshold(t *testing.T) {
	w := town{customers: 4000, level: 0.7, phi: 1, movement: steady(0).movement, decline: [2]float64{1, 1}}
	now := w.histories(3)
	s := fit(t, now)
	threshold := s.SteadyThreshold(now, 20, 1)
	if threshold <= drift.NormalThreshold(20) || threshold >= 0 {
		t.Errorf("threshold %v", threshold)
	}
	if again := s.SteadyThreshold(now, 20, 1); again != threshold {
		t.Errorf("the same seed gave %v and %v", threshold, again)
	}
	near(t, "nobody to judge", drift.NormalThreshold(20), s.SteadyThreshold(nil, 0, 1), 0)
}

func BenchmarkSteadyThresholdOf20000Customers(b *testing.B) {
	now := steady(20000).histories(1)
	s, err := drift.Fit(now)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		s.SteadyThreshold(now, 20, 1)
	}
}
