package touchpoint_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/touchpoint"
)

// shop draws customers with a mood of their own, who answer at two touchpoints.
// Low answers come from the mood at both; one about a delivery adds effect to the
// log-odds of churn, one about support adds nothing. An event comes to the
// active, who stay, and adds nothing either.
func shop(customers int, effect float64, seed uint64) (touchpoint.Rows, []touchpoint.Moment) {
	random := rand.New(rand.NewPCG(seed, 4))
	rows := touchpoint.Rows{Activity: [][][]float64{{nil}}}
	delivery, support, cart := touchpoint.Moment{Name: "delivery", Among: []float64{}}, touchpoint.Moment{Name: "support", Among: []float64{}}, touchpoint.Moment{Name: "cart"}
	draw := func(p float64) float64 {
		if random.Float64() < p {
			return 1
		}
		return 0
	}
	for i := range customers {
		mood, activity := random.NormFloat64(), random.NormFloat64()
		for range 3 {
			low := 1 / (1 + math.Exp(1+1.5*mood))
			asked := [2]float64{draw(0.4), draw(0.3)}
			said := [2]float64{asked[0] * draw(low), asked[1] * draw(low)}
			happened := draw(1 / (1 + math.Exp(1-activity)))
			churn := draw(1 / (1 + math.Exp(1+activity-effect*said[0])))
			rows.Churned, rows.Customer = append(rows.Churned, churn == 1), append(rows.Customer, i)
			rows.Activity[0][0] = append(rows.Activity[0][0], activity)
			delivery.Happened, delivery.Among = append(delivery.Happened, said[0]), append(delivery.Among, asked[0])
			support.Happened, support.Among = append(support.Happened, said[1]), append(support.Among, asked[1])
			cart.Happened = append(cart.Happened, happened)
		}
	}
	return rows, []touchpoint.Moment{cart, support, delivery}
}

func names(all []touchpoint.Association) (out []string) {
	for _, a := range all {
		out = append(out, a.Name)
	}
	return out
}

func TestATouchpointWithAnEffectRanksFirstAndOneWithoutHoldsNone(t *testing.T) {
	rows, moments := shop(4000, 1, 1)
	ranked, err := touchpoint.Rank(rows, moments, touchpoint.Options{Confidence: 0.999})
	if err != nil {
		t.Fatal(err)
	}
	if first := ranked[0]; first.Name != "delivery" || !first.Discovery || !first.LogOdds.Contains(1) || first.LogOdds.StandardError > 0.15 || first.LogOdds.N != 4000 {
		t.Errorf("first is %+v, planted delivery with 1", first)
	}
	for _, a := range ranked[1:] {
		if !a.Fitted || !a.LogOdds.Contains(0) {
			t.Errorf("%s without an effect: %+v", a.Name, a.LogOdds)
		}
	}
}

// Without activity the event looks like what keeps customers, since the active
// have it.
func TestActivityIsWhatAnEventMustBeHeldBeside(t *testing.T) {
	rows, moments := shop(4000, 1, 1)
	rows.Activity = nil
	ranked, err := touchpoint.Rank(rows, moments, touchpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(names(ranked), "cart")
	if a := ranked[at]; !a.Discovery || a.LogOdds.High > -0.3 || at != 1 {
		t.Errorf("the event bare is at %d: %+v", at, a)
	}
}

// Activity that separates the outcomes gives way to the next alternative, and
// what stood is said.
func TestWhatAMomentWasHeldBesideIsSaid(t *testing.T) {
	rows, moments := shop(1000, 1, 1)
	told := make([]float64, len(rows.Churned)) // what nobody could know
	for i, churned := range rows.Churned {
		if churned {
			told[i] = 1
		}
	}
	activity := rows.Activity[0]
	separating := slices.Concat(activity, [][]float64{told})
	for _, c := range []struct {
		alternatives [][][]float64
		beside       int
		warned       bool
	}{
		{[][][]float64{activity}, 1, false},
		{[][][]float64{separating, activity}, 1, true},
		{[][][]float64{separating, nil}, 0, true},
		{nil, 0, false},
	} {
		rows.Activity = c.alternatives
		ranked, err := touchpoint.Rank(rows, moments, touchpoint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range ranked {
			warned := slices.ContainsFunc(a.Warnings, func(w string) bool { return strings.Contains(w, "did not stand") })
			if !a.Fitted || a.Beside != c.beside || warned != c.warned {
				t.Errorf("%s beside one of %d: %d columns, warnings %q, reason %q", a.Name, len(c.alternatives), a.Beside, a.Warnings, a.Reason)
			}
		}
	}
}

// The cells of a table of two flags are the origin: the log-odds ratio is
// log(40*70/(20*30)), its error sqrt(1/70+1/30+1/20+1/40) (Woolf 1955).
func TestOneMomentAloneIsTheTablesLogOddsRatio(t *testing.T) {
	var rows touchpoint.Rows
	m := touchpoint.Moment{Name: "return"}
	for _, cell := range []struct {
		flag    float64
		churned bool
		count   int
	}{{0, false, 70}, {0, true, 30}, {2, false, 20}, {1, true, 40}} {
		for range cell.count {
			m.Happened = append(m.Happened, cell.flag)
			rows.Churned = append(rows.Churned, cell.churned)
			rows.Customer = append(rows.Customer, len(rows.Customer))
		}
	}
	ranked, err := touchpoint.Rank(rows, []touchpoint.Moment{m}, touchpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := ranked[0]
	// The sandwich of independent rows is Woolf's error times sqrt(n/(n-1)).
	for what, pair := range map[string][2]float64{
		"log-odds": {math.Log(40.0 * 70 / (20 * 30)), a.LogOdds.Value},
		"error":    {math.Sqrt((1.0/70 + 1.0/30 + 1.0/20 + 1.0/40) * 160 / 159), a.LogOdds.StandardError},
		"p":        {math.Erfc(a.LogOdds.Value / a.LogOdds.StandardError / math.Sqrt2), a.P},
		"q":        {a.P, a.Q},
		"rate":     {40.0 / 60, a.Rate},
		"others":   {0.3, a.Others},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-6*math.Abs(pair[0]) {
			t.Errorf("%s: want %v, got %v", what, pair[0], pair[1])
		}
	}
	if a.Events != 80 || a.Customers != 60 {
		t.Errorf("%d events of %d customers, want 80 of 60", a.Events, a.Customers)
	}
}

// Over 300 shops without any effect, at least one of three is called a
// discovery in about one in ten: within 3 standard errors.
func TestShopsWithoutAnEffectHaveFewDiscoveries(t *testing.T) {
	const shops = 300
	found := 0
	for seed := range uint64(shops) {
		rows, moments := shop(400, 0, 5000+seed)
		ranked, err := touchpoint.Rank(rows, moments, touchpoint.Options{Level: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		if ranked[0].Discovery {
			found++
		}
	}
	if share := float64(found) / shops; share > 0.1+3*math.Sqrt(0.1*0.9/shops) {
		t.Errorf("a discovery in %.2f of the shops, want at most about 0.10", share)
	}
}

func TestWhatIsTooRareIsNotFitted(t *testing.T) {
	rows, moments := shop(300, 1, 3)
	rare := touchpoint.Moment{Name: "rare", Happened: make([]float64, len(rows.Churned))}
	always := touchpoint.Moment{Name: "always", Happened: slices.Repeat([]float64{1}, len(rows.Churned))}
	never := touchpoint.Moment{Name: "never", Happened: make([]float64, len(rows.Churned)), Among: make([]float64, len(rows.Churned))}
	rare.Happened[0], rare.Happened[7] = 1, 1
	without, err := touchpoint.Rank(rows, moments, touchpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	with, err := touchpoint.Rank(rows, append(moments, rare, always, never), touchpoint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without, with[:len(without)]); diff != "" {
		t.Errorf("what can't be fitted changes the rest:\n%s", diff)
	}
	for _, a := range with[len(without):] {
		if a.Fitted || a.Reason == "" {
			t.Errorf("%+v", a)
		}
	}
}

func TestRanksDependOnNoOrder(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows, moments := shop(150, rapid.Float64Range(-1, 1).Draw(r, "effect"), rapid.Uint64Range(0, 1000).Draw(r, "seed"))
		want, err := touchpoint.Rank(rows, moments, touchpoint.Options{})
		if err != nil {
			r.Fatal(err)
		}
		for i := range rows.Customer {
			rows.Customer[i] = 1000 - rows.Customer[i]
		}
		slices.Reverse(moments)
		got, err := touchpoint.Rank(rows, moments, touchpoint.Options{})
		if err != nil {
			r.Fatal(err)
		}
		near := cmp.Comparer(func(a, b float64) bool {
			return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-6*math.Max(1, math.Abs(a))
		})
		if diff := cmp.Diff(want, got, near); diff != "" {
			r.Fatalf("another order of moments and customers (-want +got):\n%s", diff)
		}
	})
}

func TestColumnsOfAnotherLengthAreRefused(t *testing.T) {
	rows := touchpoint.Rows{Churned: []bool{true, false}, Customer: []int{0, 1}}
	for _, m := range []touchpoint.Moment{{Name: "a", Happened: []float64{1}}, {Name: "a", Happened: []float64{1, 0}, Among: []float64{1}}} {
		if _, err := touchpoint.Rank(rows, []touchpoint.Moment{m}, touchpoint.Options{}); !errors.Is(err, touchpoint.ErrShape) {
			t.Errorf("error %v, want ErrShape", err)
		}
	}
	if _, err := touchpoint.Rank(touchpoint.Rows{}, nil, touchpoint.Options{}); !errors.Is(err, touchpoint.ErrShape) {
		t.Errorf("no rows: error %v, want ErrShape", err)
	}
}

func BenchmarkRank100000RowsOf24Moments(b *testing.B) {
	rows, few := shop(34_000, 1, 1)
	var moments []touchpoint.Moment
	for range 8 {
		moments = append(moments, few...)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := touchpoint.Rank(rows, moments, touchpoint.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
