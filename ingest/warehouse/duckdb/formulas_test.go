package duckdb_test

import (
	"math"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// tolerance is how far the engine's figures may be from those of Go.
const tolerance = 1e-9

func agree(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(a))
}

// panelOf returns some features of the rich shop by name.
func panelOf(t *testing.T, s *duckdb.Store, names ...string) *model.Panel {
	t.Helper()
	q := model.PanelQuery{AsOf: richEnd, Definition: inactivity(), Parameters: richParameters()}
	for _, name := range names {
		f, ok := model.FeatureOf(model.Inactivity, name)
		if !ok {
			t.Fatalf("no feature %s", name)
		}
		q.Features = append(q.Features, f)
	}
	p, err := s.Panel(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDriftOfTheEngineIsThatOfGo(t *testing.T) {
	s := openRich(t, 400, 2)
	p := panelOf(t, s, "order_drift_first", "order_drift_second", "order_drift", "expected_orders", "rhythm_drift", "satisfaction_drift", "drift_state")
	cycles, err := s.Cycles(t.Context(), model.CyclesQuery{
		AsOf: richEnd, Definition: inactivity(), CycleDays: 30, Satisfaction: richParameters().Satisfaction,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(cycles) != p.Rows() {
		t.Fatalf("%d cycles for %d customers", len(cycles), p.Rows())
	}
	found, by, levels := map[string]int{}, map[string]int{}, map[float64]int{}
	for row, c := range cycles {
		orders, own, answers, state := judge(c)
		want := []float64{orders.First, orders.Second, orders.Combined, orders.Expected[0] + orders.Expected[1], own.Combined, answers.Combined}
		if !orders.Usable {
			want = []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN(), want[4], want[5]}
		} else {
			own = drift.Signal{}
		}
		if !own.Usable {
			want[4] = math.NaN()
		}
		if !answers.Usable {
			want[5] = math.NaN()
		}
		by["orders"] += count(orders.Usable)
		by["rhythm"] += count(own.Usable)
		by["answers"] += count(answers.Usable)
		by["back"] += count(own.Back)
		levels[c.AnswerLevel] += count(answers.Usable)
		for i := range want {
			if got := p.Numbers[i][row]; !agree(want[i], got) {
				t.Errorf("%s of %s: want %v, got %v", p.Features[i].Name, c.Customer, want[i], got)
			}
		}
		got := p.Levels[6][row]
		if got == "" {
			got = string(drift.Silent)
		}
		if got != string(state) {
			t.Errorf("state of %s: want %s, got %s", c.Customer, state, got)
		}
		found[got]++
	}
	for _, state := range []drift.State{drift.Stable, drift.Wobbling, drift.Drifting, drift.Recovering, drift.Silent} {
		if found[string(state)] == 0 {
			t.Errorf("nobody is %s: %v", state, found)
		}
	}
	for _, mean := range []float64{66.25, 170.0 / 3, 58.5} {
		if levels[mean] == 0 {
			t.Errorf("nobody who is judged by answers is drawn to %v: %v", mean, levels)
		}
	}
	if by["orders"] < 20 || by["rhythm"] < 20 || by["back"] < 10 || by["back"] == by["rhythm"] || by["answers"] < 20 {
		t.Errorf("too few judged by some signal: %v", by)
	}
}

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// judge is the rule in Go: the state one cycle ago is that by orders alone,
// against the cycles before.
func judge(c model.Cycles) (orders, own, answers drift.Signal, state drift.State) {
	d, f := richParameters().Drift, richParameters().Satisfaction
	shop := drift.Shop{Level: d.Level, Prior: d.Prior, Dispersion: d.Dispersion, Movement: d.Movement}
	earlier, before := shop, drift.History{Present: max(min(c.Present-1, 7), 0)}
	copy(earlier.Movement[1:], d.Movement[:7])
	copy(before.Orders[1:], c.Orders[:7])
	rhythm := drift.Rhythm{Gap: d.Gap, Prior: d.GapPrior, Dispersion: d.GapDispersion}
	calendar := drift.Calendar{CycleDays: 30, Movement: d.Movement}
	days := func(i int) drift.Days { return drift.Days(c.Days[i]) }
	rule := drift.Rule{Threshold: d.Threshold, Rhythm: d.RhythmThreshold, Satisfaction: d.SatisfactionThreshold, Depth: d.Depth}
	orders = shop.Orders(drift.History{Orders: c.Orders, Present: c.Present})
	own = rhythm.Orders(calendar, days(0), 0)
	answers = drift.Shift{Points: d.Shift}.Judge(drift.Survey{
		Count: c.AnswerCount, Mean: c.AnswerMean, WaveCount: c.WaveCount, WaveMean: c.WaveMean, WaveAge: c.WaveAge, CycleDays: 30,
		Level: c.AnswerLevel, Within: f.Within, Prior: f.PriorAnswers,
	}.Dispersed(d.AnswerDispersion))
	was := rule.State(false, drift.First(earlier.Orders(before), rhythm.Orders(calendar, days(1), 30))) == drift.Drifting
	return orders, own, answers, rule.State(was, drift.First(orders, own), answers)
}

func TestSatisfactionOfTheEngineIsThatOfGo(t *testing.T) {
	s := openRich(t, 300, 2)
	p := panelOf(t, s, "satisfaction_index", "answers_365d")
	answers, err := s.Answers(t.Context(), model.AnswersQuery{AsOf: richEnd, Dimension: "channel"})
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]model.Answer{}
	for _, a := range answers {
		of[a.Customer] = append(of[a.Customer], a)
	}
	drawn := map[string]int{}
	for row, customer := range p.Customers {
		if len(of[customer]) > 0 {
			drawn[of[customer][0].Cohort]++
		}
		if want, got := indexOf(t, of[customer], richEnd), p.Numbers[0][row]; !agree(want, got) {
			t.Errorf("index of %s with %d answers: want %v, got %v", customer, len(of[customer]), want, got)
		}
		if got := p.Numbers[1][row]; got != float64(len(of[customer])) {
			t.Errorf("answers of %s: want %d, got %v", customer, len(of[customer]), got)
		}
	}
	for _, channel := range []string{"web", "it's", "shop", ""} {
		if drawn[channel] == 0 {
			t.Errorf("nobody with an answer came by %q: %v", channel, drawn)
		}
	}
}

// indexOf is the formula of model.SatisfactionParameters.
func indexOf(t *testing.T, answers []model.Answer, asOf time.Time) float64 {
	t.Helper()
	if len(answers) == 0 {
		return math.NaN()
	}
	f := richParameters().Satisfaction
	mean, ok := f.Cohorts[answers[0].Cohort]
	if !ok {
		mean = *f.Rest
	}
	sum, weight := f.PriorAnswers*mean, f.PriorAnswers
	for _, a := range answers {
		points, err := satisfaction.Points(satisfaction.Kind(a.Kind), a.Score)
		if err != nil {
			t.Fatal(err)
		}
		w := satisfaction.Weight(model.Days(asOf.Sub(a.At)), f.HalfLifeDays)
		sum += w * (points - f.Offset[a.Kind])
		weight += w
	}
	return math.Max(0, math.Min(100, sum/weight))
}
