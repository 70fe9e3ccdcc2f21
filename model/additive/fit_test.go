package additive_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

func TestKnownShapesAreRecovered(t *testing.T) {
	s := simulate(20_000, 1, 1)
	p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 0.3, Slope: 1}})
	at := func(recency, tickets float64, channel string) float64 {
		return p.LogOdds(additive.Row{number(recency), number(tickets), number(1), level(channel)})
	}
	const within = 0.2 // three standard errors at this n, and the hats' corners
	for _, recency := range []float64{5, 15, 25, 30, 35, 45, 55, math.NaN()} {
		closeTo(t, "log-odds by recency", at(recency, 1, "web"), shape(recency, 1, "web"), within)
	}
	for _, channel := range []string{"web", "shop", "app"} {
		closeTo(t, "log-odds by channel", at(30, 0, channel), shape(30, 0, channel), within)
	}
	for _, tickets := range []float64{0, 1, 2, 3, 4} {
		closeTo(t, "log-odds by tickets", at(30, tickets, "web"), shape(30, tickets, "web"), within)
	}
	if p.Terms[2].Spread > 0.06 {
		t.Errorf("noise has spread %v", p.Terms[2].Spread)
	}
}

func TestTermsAreCentredAndBaseIsTheMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := simulate(rapid.IntRange(100, 600).Draw(t, "n"), 2, rapid.Uint64().Draw(t, "seed"))
		for i := range s.y {
			s.Weight = append(s.Weight, 0.5+float64(i%3))
		}
		p := s.fit(t, additive.Options{})
		var row additive.Row
		var contributions []float64
		means := make([]float64, len(p.Terms))
		var total, mean float64
		for i := range s.y {
			row = s.Row(i, row)
			contributions = p.Contributions(row, contributions)
			sum := p.BaseLogOdds()
			for j, c := range contributions {
				means[j] += s.Weight[i] * c
				sum += c
			}
			closeTo(t, "base plus contributions", sum, p.LogOdds(row), 1e-12)
			total += s.Weight[i]
			mean += s.Weight[i] * p.LogOdds(row)
		}
		closeTo(t, "base", p.Base, mean/total, 1e-12)
		for _, m := range means {
			closeTo(t, "mean contribution", m/total, 0, 1e-12)
		}
	})
}

func TestTailsAreConstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := simulate(400, 1, rapid.Uint64().Draw(t, "seed"))
		p := s.fit(t, additive.Options{})
		beyond := rapid.Float64Range(0, 1e12).Draw(t, "beyond")
		for j := range 3 {
			term := &p.Terms[j]
			last := len(term.Knots) - 1
			low, high := term.Contribution(number(term.Knots[0]-beyond)), term.Contribution(number(term.Knots[last]+beyond))
			closeTo(t, "low tail", low, term.Values[0], 0)
			closeTo(t, "high tail", high, term.Values[last], 0)
		}
		closeTo(t, "infinity", p.Terms[0].Contribution(number(math.Inf(1))), p.Terms[0].Values[len(p.Terms[0].Values)-1], 0)
	})
}

func TestRowOrderDoesNotMoveTheFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := simulate(300, 3, rapid.Uint64().Draw(t, "seed"))
		order := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shuffle"), 0)).Perm(300)
		a, b := s.fit(t, additive.Options{}), s.reordered(order).fit(t, additive.Options{})
		for i := range 300 {
			row := s.Row(i, nil)
			closeTo(t, "log-odds", b.LogOdds(row), a.LogOdds(row), 1e-10)
			closeTo(t, "standard error", b.StandardError(row), a.StandardError(row), 1e-5)
		}
	})
}

func TestTheSameRowsGiveTheSameBytes(t *testing.T) {
	s := simulate(500, 2, 5)
	if diff := cmp.Diff(marshal(t, s.fit(t, additive.Options{})), marshal(t, s.fit(t, additive.Options{}))); diff != "" {
		t.Error(diff)
	}
}

func TestWholeWeightsAreRepeatedRowsOfACustomer(t *testing.T) {
	s := simulate(400, 1, 9)
	var repeated []int
	for i := range s.y {
		s.Weight = append(s.Weight, float64(1+i%3))
		for range 1 + i%3 {
			repeated = append(repeated, i)
		}
	}
	other := s.reordered(repeated)
	other.Weight = nil
	a, b := s.fit(t, additive.Options{}), other.fit(t, additive.Options{})
	for i := range s.y {
		row := s.Row(i, nil)
		closeTo(t, "log-odds", b.LogOdds(row), a.LogOdds(row), 1e-9)
		closeTo(t, "standard error", b.StandardError(row), a.StandardError(row), 1e-5)
	}
}

func TestGrowingCurvaturePenaltyMakesLines(t *testing.T) {
	s := simulate(2000, 1, 2)
	p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 1e9, Slope: 1}})
	term := p.Terms[0]
	slope := (term.Values[1] - term.Values[0]) / (term.Knots[1] - term.Knots[0])
	for k := range len(term.Knots) - 1 {
		got := (term.Values[k+1] - term.Values[k]) / (term.Knots[k+1] - term.Knots[k])
		closeTo(t, "slope", got, slope, 1e-6*math.Abs(slope))
	}
}

func TestGrowingSlopePenaltyLeavesTheBaseRate(t *testing.T) {
	s := simulate(1000, 1, 2)
	p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 1, Slope: 1e9}})
	var positive float64
	for _, v := range s.y {
		positive += v / 1000
	}
	closeTo(t, "log-odds", p.LogOdds(s.Row(0, nil)), logistic.LogOdds(positive), 1e-4)
	closeTo(t, "effective parameters", p.Training.EffectiveParameters, 1, 1e-3)
}

func TestThinDataKeepThePriorSlopeAndManyRowsLeaveIt(t *testing.T) {
	const prior = 0.9 // the truth is 0.5 a ticket
	slope := func(n int) float64 {
		s := simulate(n, 1, 4)
		s.Columns[1].Prior = prior
		p := s.fit(t, additive.Options{Penalty: additive.Penalty{Curvature: 30, Slope: 100}})
		term := &p.Terms[1]
		return term.Contribution(number(2)) - term.Contribution(number(1))
	}
	closeTo(t, "slope of 40 rows", slope(40), prior, 0.15)
	closeTo(t, "slope of 40,000 rows", slope(40_000), 0.5, 0.1)
}

func TestRareLevelsArePooledAndUnseenSlotsAreWide(t *testing.T) {
	s := simulate(1500, 1, 3)
	p := s.fit(t, additive.Options{})
	channel := p.Terms[3]
	if diff := cmp.Diff([]string{"app", "shop", "web"}, channel.Levels); diff != "" {
		t.Error(diff)
	}
	if channel.OtherVariance != 0 {
		t.Errorf("pooled levels were seen, variance %v", channel.OtherVariance)
	}
	closeTo(t, "rare and new levels", channel.Contribution(level("rare1")), channel.Contribution(level("never seen")), 0)
	known := additive.Row{number(30), number(1), number(1), level("web")}
	missing := additive.Row{number(30), number(1), number(1), level("")}
	closeTo(t, "a missing channel that training never had", channel.Contribution(level("")), 0, 0)
	if p.StandardError(missing) <= p.StandardError(known) {
		t.Errorf("missing %v, known %v", p.StandardError(missing), p.StandardError(known))
	}
	closeTo(t, "its variance", channel.MissingVariance, channel.Spread*channel.Spread, 0)
}

func TestDegenerateColumnsAreHarmless(t *testing.T) {
	s := simulate(300, 1, 6)
	constant, absent, same := make([]float64, 300), make([]float64, 300), make([]string, 300)
	for i := range 300 {
		constant[i], absent[i], same[i] = 7, math.NaN(), "one"
	}
	s.Columns = append(s.Columns,
		additive.Column{Name: "constant", Numbers: constant}, additive.Column{Name: "absent", Numbers: absent},
		additive.Column{Name: "same", Levels: same}, additive.Column{Name: "none", Levels: make([]string, 300)},
		additive.Column{Name: "twin", Numbers: s.Columns[0].Numbers})
	p := s.fit(t, additive.Options{})
	for _, j := range []int{4, 5, 6, 7} {
		for _, v := range []additive.Value{number(7), number(math.NaN()), level("one"), level(""), {Number: 3, Level: "x"}} {
			closeTo(t, p.Terms[j].Name, p.Terms[j].Contribution(v), 0, 1e-15)
		}
	}
	x := number(20)
	closeTo(t, "twins share alike", p.Terms[8].Contribution(x), p.Terms[0].Contribution(x), 1e-8)
	alone := sample{Design: additive.Design{Columns: s.Columns[4:5]}, y: s.y}
	if q := alone.fit(t, additive.Options{}); len(q.Training.Warnings) == 0 || q.StandardError(additive.Row{x}) <= 0 {
		t.Errorf("a base rate alone: %+v", q)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	s := simulate(100, 1, 1)
	with := func(change func(d *additive.Design)) *additive.Design {
		d := s.Design
		d.Columns = append([]additive.Column(nil), s.Columns...)
		change(&d)
		return &d
	}
	infinite := append([]float64{math.Inf(1)}, s.Columns[0].Numbers[1:]...)
	for name, c := range map[string]struct {
		d    *additive.Design
		y    []float64
		opts additive.Options
		want error
	}{
		"no columns":       {&additive.Design{}, nil, additive.Options{}, additive.ErrInput},
		"short labels":     {&s.Design, s.y[1:], additive.Options{}, additive.ErrInput},
		"label 0.5":        {&s.Design, append([]float64{0.5}, s.y[1:]...), additive.Options{}, additive.ErrInput},
		"one class":        {&s.Design, make([]float64, 100), additive.Options{}, additive.ErrOneClass},
		"infinite feature": {with(func(d *additive.Design) { d.Columns[0].Numbers = infinite }), s.y, additive.Options{}, additive.ErrInput},
		"short column":     {with(func(d *additive.Design) { d.Columns[1].Numbers = d.Columns[1].Numbers[:9] }), s.y, additive.Options{}, additive.ErrInput},
		"same name":        {with(func(d *additive.Design) { d.Columns[1].Name = "recency" }), s.y, additive.Options{}, additive.ErrInput},
		"two kinds":        {with(func(d *additive.Design) { d.Columns[3].Numbers = s.Columns[0].Numbers }), s.y, additive.Options{}, additive.ErrInput},
		"prior of levels":  {with(func(d *additive.Design) { d.Columns[3].Prior = 1 }), s.y, additive.Options{}, additive.ErrInput},
		"short weights":    {with(func(d *additive.Design) { d.Weight = s.y[:5] }), s.y, additive.Options{}, additive.ErrInput},
		"no ridge":         {&s.Design, s.y, additive.Options{Penalty: additive.Penalty{Curvature: 1}}, additive.ErrInput},
		"one knot":         {&s.Design, s.y, additive.Options{Knots: 1}, additive.ErrInput},
		"stop":             {&s.Design, s.y, additive.Options{Stop: func() bool { return true }}, additive.ErrStopped},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := additive.Fit(c.d, c.y, c.opts); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}
