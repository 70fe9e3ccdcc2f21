package btyd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/churnwatch/churnwatch/model/btyd"
)

// cdnow are the parameters published for CDNOW, in weeks (Fader, Hardie and
// Lee 2005, table 2).
var cdnow = btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}

// life is one simulated customer: the times of his orders after the first.
type life struct {
	age    float64
	orders []float64
}

// live simulates a customer who first ordered age ago, up to until.
func live(p btyd.Parameters, age, until float64, random *rand.Rand) life {
	rate := distuv.Gamma{Alpha: p.R, Beta: p.Alpha, Src: random}.Rand()
	dropout := 0.0
	if p.A > 0 {
		dropout = distuv.Beta{Alpha: p.A, Beta: p.B, Src: random}.Rand()
	}
	l := life{age: age}
	for at := random.ExpFloat64() / rate; at < until; at += random.ExpFloat64() / rate {
		l.orders = append(l.orders, at)
		if random.Float64() < dropout {
			break
		}
	}
	return l
}

// history is what is known of him at his age, in whole days.
func (l life) history() btyd.History {
	h := btyd.History{Age: l.age}
	for _, at := range l.orders {
		if at < l.age {
			h.Repeats, h.Last = h.Repeats+1, math.Max(math.Ceil(at), h.Last)
		}
	}
	return h
}

// shop simulates customers with ages of 20 to 59 whole units.
func shop(p btyd.Parameters, customers int, seed uint64) []btyd.History {
	random := rand.New(rand.NewPCG(seed, 7))
	out := make([]btyd.History, customers)
	for i := range out {
		age := float64(20 + random.IntN(40))
		out[i] = live(p, age, age, random).history()
	}
	return out
}

// town is a small made-up shop whose fit is known from elsewhere.
func town() []btyd.History {
	var out []btyd.History
	for _, h := range [][4]float64{
		{0, 0, 30, 40},
		{0, 0, 20, 25},
		{1, 3, 30, 12},
		{1, 15, 30, 9},
		{1, 8, 20, 7},
		{2, 10, 30, 6},
		{2, 25, 30, 5},
		{3, 12, 30, 4},
		{3, 18, 20, 3},
		{5, 27, 30, 4},
		{8, 29, 30, 2},
		{4, 6, 30, 3},
		{6, 19, 20, 2},
	} {
		out = append(out, btyd.History{Repeats: int(h[0]), Last: h[1], Age: h[2], Customers: int(h[3])})
	}
	return out
}

func fit(t *testing.T, histories []btyd.History) btyd.Model {
	t.Helper()
	m, err := btyd.Fit(histories, btyd.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// near fails unless got is want but for a relative tolerance.
func near(t *testing.T, what string, want, got, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Max(1e-12, math.Abs(want))) {
		t.Errorf("%s: want %v, got %v", what, want, got)
	}
}
