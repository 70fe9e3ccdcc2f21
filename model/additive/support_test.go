package additive_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// tester is what testing.TB and rapid.T share.
type tester interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// sample is a design with labels and the truth they were drawn from.
type sample struct {
	additive.Design
	y, truth []float64
}

// shape is the log-odds that simulate draws from: recency bends, tickets is a
// line, noise does nothing, channel has levels, missing recency costs 0.8.
func shape(recency, tickets float64, channel string) float64 {
	eta := -0.4 + 0.5*tickets
	if math.IsNaN(recency) {
		eta += 0.8
	} else {
		eta += 1.2 * math.Tanh((recency-30)/10)
	}
	return eta + map[string]float64{"web": -0.3, "shop": 0.3, "app": 0.6}[channel]
}

// simulate draws n rows, customers of them in a row being one customer.
func simulate(n, perCustomer int, seed uint64) sample {
	g := rand.New(rand.NewPCG(seed, 3))
	s := sample{y: make([]float64, n), truth: make([]float64, n)}
	recency, tickets, noise := make([]float64, n), make([]float64, n), make([]float64, n)
	channel := make([]string, n)
	for i := range n {
		recency[i] = 60 * g.Float64()
		if g.Float64() < 0.1 {
			recency[i] = math.NaN()
		}
		tickets[i] = math.Floor(2.5 * g.Float64() * g.Float64() * 2)
		noise[i] = math.Exp(g.NormFloat64())
		channel[i] = []string{"web", "web", "shop", "app"}[g.IntN(4)]
		if g.Float64() < 0.01 {
			channel[i] = "rare" + strconv.Itoa(g.IntN(5))
		}
		s.truth[i] = shape(recency[i], tickets[i], channel[i])
		if g.Float64() < logistic.Probability(s.truth[i]) {
			s.y[i] = 1
		}
		s.Cluster = append(s.Cluster, i/perCustomer)
	}
	s.Columns = []additive.Column{
		{Name: "recency", Numbers: recency},
		{Name: "tickets", Numbers: tickets},
		{Name: "noise", Numbers: noise},
		{Name: "channel", Levels: channel},
	}
	return s
}

func (s sample) fit(t tester, opts additive.Options) *additive.Predictor {
	t.Helper()
	p, err := additive.Fit(&s.Design, s.y, opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Validate(); err != nil {
		t.Errorf("fitted predictor: %v", err)
	}
	return p
}

// reordered returns the rows in another order.
func (s sample) reordered(rows []int) sample {
	out := sample{Design: *s.Subset(rows)}
	for _, i := range rows {
		out.y = append(out.y, s.y[i])
	}
	return out
}

func closeTo(t tester, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s = %.15g, want %.15g within %g", what, got, want, tolerance)
	}
}

func number(x float64) additive.Value { return additive.Value{Number: x} }

func level(name string) additive.Value { return additive.Value{Level: name} }

func BenchmarkLogOdds(b *testing.B) {
	s := simulate(2000, 1, 1)
	p := s.fit(b, additive.Options{})
	row := s.Row(7, nil)
	b.ReportAllocs()
	for b.Loop() {
		p.LogOdds(row)
	}
}
