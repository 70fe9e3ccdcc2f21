package drift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/drift"
)

// negbinom is the normal quantile of P(X < x) + P(X = x)/2 for a negative
// binomial of the mean and variance phi times it, from scipy 1.10.1:
//
//	from scipy.stats import nbinom, poisson, norm
//	d = poisson(m) if phi == 1 else nbinom(m/(phi-1), 1/phi)
//	norm.ppf(d.cdf(x) - d.pmf(x)/2)
var negbinom = []struct {
	seen          [2]int
	expected, phi float64
	want          float64
}{
	{[2]int{0, 0}, 4, 1, -2.3592},
	{[2]int{0, 1}, 6, 1, -2.3295},
	{[2]int{1, 2}, 8, 1, -1.9100},
	{[2]int{4, 6}, 20, 1, -2.4133},
	{[2]int{0, 0}, 4, 1.5, -2.0640},
	{[2]int{1, 1}, 8, 1.5, -2.0307},
	{[2]int{3, 3}, 12, 2, -1.3086},
	{[2]int{0, 0}, 6, 2, -2.4176},
}

func TestTheTailOfCountsIsTheNegativeBinomials(t *testing.T) {
	for _, c := range negbinom {
		// A prior that leaves nothing uncertain: the expectation is the shop's.
		shop := drift.Shop{Level: c.expected / 2, Prior: 1e12, Dispersion: c.phi, Movement: ones()}
		h := drift.History{Present: drift.Cycles}
		h.Orders[6], h.Orders[7] = c.seen[0], c.seen[1]
		near(t, "tail", c.want, shop.Orders(h).Tail, 0.1)
	}
}

func ones() (m [drift.Cycles]float64) {
	for i := range m {
		m[i] = 1
	}
	return m
}

func TestTheTailOfSpansIsTheGammas(t *testing.T) {
	// scipy: norm.ppf(gamma(2*shape, scale=mean/shape).sf(span))
	for _, c := range []struct{ shape, mean, older, newer, want float64 }{
		{1, 10, 30, 30, -2.1118}, {2, 10, 20, 20, -1.7237}, {4, 30, 60, 90, -3.1638}, {1.5, 45, 50, 60, -0.5501},
	} {
		rhythm := drift.Rhythm{Gap: c.mean, Prior: 1e12, Dispersion: 1 / c.shape}
		d := drift.Days{Count: 3, First: c.older + c.newer + 5, Second: c.older + c.newer, Last: c.newer}
		near(t, "tail", c.want, rhythm.Orders(drift.Calendar{CycleDays: 30, Movement: ones()}, d, 0).Tail, 0.02)
	}
}

// lives draws customers of gamma gaps with own means, over so many days.
func lives(customers int, dispersion, span float64, random *rand.Rand) (gaps []drift.Gaps, days []drift.Days) {
	for range customers {
		mean := 60 / distuv.Gamma{Alpha: 4, Beta: 4, Src: random}.Rand()
		own := distuv.Gamma{Alpha: 1 / dispersion, Beta: 1 / dispersion / mean, Src: random}
		var at []float64
		for age := span + 200*random.Float64(); age > 0; age -= own.Rand() {
			at = append(at, age)
		}
		g, d := read(at)
		gaps, days = append(gaps, g), append(days, d)
	}
	return gaps, days
}

// read restates the ages of somebody's days with an order, oldest first.
func read(at []float64) (drift.Gaps, drift.Days) {
	n := len(at)
	d := drift.Days{Count: n, First: at[0], Last: at[n-1]}
	if n > 1 {
		d.Second = at[n-2]
	}
	if n > 2 {
		d.Third = at[n-3]
	}
	g := drift.Gaps{Count: n - 1}
	if n > 1 {
		g.Mean = (at[0] - at[n-1]) / float64(n-1)
	}
	if n > 2 {
		for i := range n - 1 {
			g.Variance += (at[i] - at[i+1] - g.Mean) * (at[i] - at[i+1] - g.Mean)
		}
		g.Variance /= float64(n - 2)
	}
	return g, d
}

func TestTheRhythmsDispersionIsRecovered(t *testing.T) {
	for _, want := range []float64{0.3, 1} {
		gaps, _ := lives(20000, want, 3000, rand.New(rand.NewPCG(1, 7)))
		r, err := drift.FitRhythm(gaps)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "dispersion", want, r.Dispersion, 0.06*want)
		near(t, "gap", 80, r.Gap, 6) // the mean of 60/gamma(4, 4)
	}
}

func TestRhythmDoesNotKnowItsUnit(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 7))
	gaps, days := lives(200, 0.7, 800, random)
	r, err := drift.FitRhythm(gaps)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		scale := rapid.Float64Range(0.1, 10).Draw(t, "scale")
		scaled := make([]drift.Gaps, len(gaps))
		for i, g := range gaps {
			scaled[i] = drift.Gaps{Count: g.Count, Mean: g.Mean * scale, Variance: g.Variance * scale * scale}
		}
		s, err := drift.FitRhythm(scaled)
		if err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, len(days)-1).Draw(t, "customer")
		d := days[i]
		e := drift.Days{Count: d.Count, First: scale * d.First, Third: scale * d.Third, Second: scale * d.Second, Last: scale * d.Last}
		want := r.Orders(drift.Calendar{CycleDays: 30, Movement: ones()}, d, 0)
		got := s.Orders(drift.Calendar{CycleDays: 30 * scale, Movement: ones()}, e, 0)
		if want.Usable != got.Usable || math.Abs(want.Tail-got.Tail) > 1e-6 || math.Abs(want.First-got.First) > 1e-6 {
			t.Fatalf("%+v at scale %v is %+v", want, scale, got)
		}
		j := rapid.IntRange(0, len(gaps)-1).Draw(t, "other")
		swapped := append([]drift.Gaps{}, gaps...)
		swapped[0], swapped[j] = swapped[j], swapped[0]
		if o, err := drift.FitRhythm(swapped); err != nil || math.Abs(o.Prior-r.Prior) > 1e-6*r.Prior || math.Abs(o.Dispersion-r.Dispersion) > 1e-9 {
			t.Fatalf("order of customers: %+v, %v; %+v", o, err, r)
		}
	})
}

func TestALongerPauseIsNeverABetterSign(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drift.Rhythm{Gap: 40, Prior: rapid.Float64Range(0.5, 9).Draw(t, "prior"), Dispersion: rapid.Float64Range(0.1, 1.5).Draw(t, "dispersion")}
		c := drift.Calendar{CycleDays: 30, Movement: ones()}
		at := 0.0
		var ages [4]float64
		for i := range ages {
			at += rapid.Float64Range(1, 90).Draw(t, "gap")
			ages[i] = at
		}
		more := rapid.Float64Range(0, 60).Draw(t, "more")
		d := drift.Days{Count: 4, Last: ages[0], Second: ages[1], Third: ages[2], First: ages[3]}
		e := drift.Days{Count: 4, Last: ages[0] + more, Second: ages[1] + more, Third: ages[2] + more, First: ages[3] + more}
		now, later := r.Orders(c, d, 0), r.Orders(c, e, 0)
		// Only once the pause counts as a cycle are the same two cycles compared.
		if now.Usable && later.Usable && now.Observed[1] == ages[0] && later.Tail > now.Tail+1e-9 {
			t.Fatalf("%+v, %v days later %+v", now, more, later)
		}
	})
}

func TestNobodyDriftsByRhythmWhoOrderedWithinTheUsualGap(t *testing.T) {
	rule := drift.Rule{Threshold: -1e-9}
	rapid.Check(t, func(t *rapid.T) {
		r := drift.Rhythm{Gap: 40, Prior: rapid.Float64Range(0.5, 9).Draw(t, "prior"), Dispersion: rapid.Float64Range(0.1, 1.5).Draw(t, "dispersion")}
		c := drift.Calendar{CycleDays: 30, Movement: ones()}
		d := drift.Days{Count: rapid.IntRange(3, 9).Draw(t, "days"), Last: rapid.Float64Range(0, 200).Draw(t, "pause")}
		d.Second = d.Last + rapid.Float64Range(1, 400).Draw(t, "last gap")
		d.Third = d.Second + rapid.Float64Range(1, 400).Draw(t, "gap before")
		if d.First = d.Third; d.Count > 3 {
			d.First += float64(d.Count-3) * rapid.Float64Range(1, 90).Draw(t, "gap")
		}
		s := r.Orders(c, d, 0)
		usual := (d.First - d.Second + r.Prior*r.Gap) / (float64(d.Count-2) + r.Prior)
		if s.Usable && s.Back != (d.Last <= usual) {
			t.Fatalf("%v days after the last order, usual %v: %+v", d.Last, usual, s)
		}
		if state := rule.State(true, s); s.Back && state == drift.Drifting {
			t.Fatalf("drifts %v days after the last order, usual %v: %+v", d.Last, usual, s)
		}
	})
}

func TestARhythmIsShownInDaysOfTheCalendar(t *testing.T) {
	r := drift.Rhythm{Gap: 40, Prior: 2, Dispersion: 0.5}
	d := drift.Days{Count: 4, First: 230, Third: 190, Second: 150, Last: 100}
	busy := drift.Calendar{CycleDays: 30, Movement: ones()}
	for i := range busy.Movement {
		busy.Movement[i] = 1.5
	}
	// Two gaps of 40 before, and twice the shop's 40.
	plain, scaled := r.Orders(drift.Calendar{CycleDays: 30, Movement: ones()}, d, 0), r.Orders(busy, d, 0)
	for name, s := range map[string]drift.Signal{"even": plain, "busy": scaled} {
		if s.Observed != [2]float64{50, 100} || s.Expected != [2]float64{40, 40} {
			t.Errorf("%s shop: seen %v, usual %v", name, s.Observed, s.Expected)
		}
	}
	if !(scaled.Tail < plain.Tail) {
		t.Errorf("a pause in a busy season is no worse: %v, %v", scaled.Tail, plain.Tail)
	}
	if s := r.Orders(busy, drift.Days{Count: 4, First: 230, Third: 190, Second: 100, Last: 3}, 0); s.Observed != [2]float64{90, 97} || !s.Back {
		t.Errorf("ordered 3 days ago: %+v", s)
	}
}

func TestWhoPausedTooLongHasLeft(t *testing.T) {
	r := drift.Rhythm{Gap: 20, Prior: 1, Dispersion: 0.5}
	c := drift.Calendar{CycleDays: 30, Movement: ones()}
	if r.Orders(c, drift.Days{Count: 5, First: 300, Third: 250, Second: 230, Last: 210}, 0).Usable {
		t.Error("judged after 210 days of a rhythm of 20")
	}
	if r.Orders(c, drift.Days{Count: 2, First: 30, Second: 30, Last: 10}, 0).Usable {
		t.Error("judged by two days with an order")
	}
	if _, err := drift.FitRhythm([]drift.Gaps{{Count: 1, Mean: 20}}); !errors.Is(err, drift.ErrNoHistory) {
		t.Errorf("one gap: %v", err)
	}
	if _, err := drift.FitRhythm([]drift.Gaps{{Count: 2, Mean: -1}}); !errors.Is(err, drift.ErrValue) {
		t.Errorf("a negative gap: %v", err)
	}
}

func BenchmarkRhythmOf20000Customers(b *testing.B) {
	gaps, days := lives(20000, 0.7, 700, rand.New(rand.NewPCG(1, 7)))
	c := drift.Calendar{CycleDays: 30, Movement: ones()}
	b.ReportAllocs()
	for b.Loop() {
		r, err := drift.FitRhythm(gaps)
		if err != nil {
			b.Fatal(err)
		}
		for _, d := range days {
			r.Orders(c, d, 0)
		}
	}
}
