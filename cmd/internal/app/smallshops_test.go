package app_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

// seededShop is an app that has imported a made-up shop of its own.
func seededShop(t *testing.T, customers int, seed uint64) *app.App {
	t.Helper()
	a := gated(t)
	_, files, err := demo.Generate(t.Context(), demo.Options{Customers: customers, Seed: seed, Dir: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	loadShop(t, a, files)
	return a
}

// foretold is what a shop was told of the horizon that then came.
type foretold struct {
	trained   scoring.TrainReport
	scored    scoring.ScoreReport
	customers []foretoldCustomer
}

type foretoldCustomer struct {
	probability, low, high float64
	churned                bool
}

// foretell trains and scores one horizon before the end of the data and reads
// what became of everybody who got an interval. Most probable come first.
func foretell(t *testing.T, a *app.App) foretold {
	t.Helper()
	past := demo.DefaultEnd().Add(-a.Scoring.Settings().Definition.Horizon)
	out := foretold{trained: train(t, a, past)}
	var err error
	if out.scored, err = a.Scoring.Score(t.Context(), past); err != nil {
		t.Fatal(err)
	}
	panel, err := a.Store.Panel(t.Context(), model.PanelQuery{AsOf: past, Definition: a.Scoring.Settings().Definition, Labels: true})
	if err != nil {
		t.Fatal(err)
	}
	churned := map[string]bool{}
	for i, id := range panel.Customers {
		churned[id] = panel.Churned[i]
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scores {
		if s.Interval == nil {
			continue
		}
		var p float64
		if s.ChurnProbability != nil {
			p = *s.ChurnProbability
		} else { // Too wide to be told, yet the interval's middle on the log-odds.
			p = 1 / (1 + math.Exp(-(logit(s.Interval.Low)+logit(s.Interval.High))/2))
		}
		out.customers = append(out.customers, foretoldCustomer{p, s.Interval.Low, s.Interval.High, churned[s.CustomerID]})
	}
	slices.SortFunc(out.customers, func(a, b foretoldCustomer) int { return cmp.Compare(b.probability, a.probability) })
	return out
}

func logit(p float64) float64 { return math.Log(p / (1 - p)) }

// width is the median width of the intervals.
func (f foretold) width() float64 {
	widths := make([]float64, len(f.customers))
	for i, c := range f.customers {
		widths[i] = c.high - c.low
	}
	slices.Sort(widths)
	return widths[len(widths)/2]
}

// group is a set of customers: what was said on the mean, and what happened.
type group struct{ n, said, low, high, churned float64 }

func groupOf(customers []foretoldCustomer) group {
	g := group{n: float64(len(customers))}
	for _, c := range customers {
		g.said += c.probability / g.n
		g.low += c.low / g.n
		g.high += c.high / g.n
		if c.churned {
			g.churned += 1 / g.n
		}
	}
	return g
}

// outside is how far the realised share lies beyond the mean interval, in
// standard errors of a share of n; 0 inside.
func (g group) outside() float64 {
	beyond := max(0, g.low-g.churned, g.churned-g.high)
	return beyond / math.Sqrt(g.said*(1-g.said)/g.n)
}

// confident are the customers with an interval narrower than 0.2.
func (f foretold) confident() (out []foretoldCustomer) {
	for _, c := range f.customers {
		if c.high-c.low < 0.2 {
			out = append(out, c)
		}
	}
	return out
}

// thirds are the most probable third and the least probable one.
func (f foretold) thirds() (top, bottom group) {
	third := len(f.customers) / 3
	return groupOf(f.customers[:third]), groupOf(f.customers[len(f.customers)-third:])
}

func (f foretold) log(t *testing.T, customers int) {
	t.Helper()
	top, bottom := f.thirds()
	sure := groupOf(f.confident())
	t.Logf("%5d customers: %d with an interval, %d told; median width %.3f; data share %.2f; top third %.2f-%.2f, realised %.2f; bottom third %.2f-%.2f, realised %.2f; %.0f narrower than 0.2 said %.3f, realised %.3f",
		customers, len(f.customers), f.scored.Scored, f.width(), *f.trained.DataShare,
		top.low, top.high, top.churned, bottom.low, bottom.high, bottom.churned, sure.n, sure.said, sure.churned)
}

// Two hundred customers get wide answers, which what then happened bears out
// and which rest on assumptions more than on data.
func TestASmallShopGetsHonestWideAnswers(t *testing.T) {
	small := foretell(t, seededShop(t, 200, 1))
	small.log(t, 200)
	if w := small.width(); w < 0.2 {
		t.Errorf("the median interval is only %.3f wide", w)
	}
	if d := *small.trained.DataShare; d <= 0 || d > 0.6 {
		t.Errorf("the share of data is %.3f", d)
	}
	top, bottom := small.thirds()
	for name, g := range map[string]group{"top third": top, "bottom third": bottom} {
		if z := g.outside(); z > estimate.Quantile(0.99) {
			t.Errorf("%s: %.2f left, told %.2f to %.2f (%.1f standard errors beyond)", name, g.churned, g.low, g.high, z)
		}
	}
}

// A shop with too few who left is told so, of everybody and at every door,
// and what is known without a risk is there.
func TestATinyShopIsToldWhatIsMissing(t *testing.T) {
	a := seededShop(t, 60, 1)
	trained := train(t, a, time.Time{})
	if trained.Activated || trained.Parts["risk"].Status != "no_data" {
		t.Fatalf("want no risk: %+v", trained.Parts)
	}
	report, err := a.Scoring.Score(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	need := strings.Join(report.Risk.Needs, "; ")
	if report.Scored != 0 || report.MeanRisk != nil || report.RevenueAtRisk != nil || !strings.Contains(need, "need 30 of each") {
		t.Fatalf("got %+v", report)
	}
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	eligible, valued := 0, 0
	for _, s := range scores {
		if s.ChurnProbability != nil || s.Interval != nil || s.Band != nil || s.Percentile != nil || s.RevenueAtRisk != nil || len(s.Contributions) > 0 {
			t.Errorf("%s: something is told: %+v", s.CustomerID, s)
		}
		if s.Status == model.StatusNotEligible {
			continue
		}
		eligible++
		if s.Status != model.StatusInsufficientEvidence || s.StatusReason != need {
			t.Errorf("%s: %s, %q", s.CustomerID, s.Status, s.StatusReason)
		}
		if s.ExpectedValue != nil {
			valued++
		}
	}
	if eligible == 0 || int64(eligible) != report.Insufficient || valued != eligible {
		t.Errorf("%d eligible, %d reported, %d with a value", eligible, report.Insufficient, valued)
	}
	customer := scores[0].CustomerID
	for _, asOf := range []time.Time{{}, report.AsOf} {
		e, err := a.Scoring.Explain(t.Context(), customer, asOf)
		if err != nil || e.Status != model.StatusInsufficientEvidence || e.StatusReason != need || e.LogOdds != nil || e.DataShare != nil {
			t.Errorf("explain as of %v: %+v, %v", asOf, e, err)
		}
	}
	if _, err := a.Scoring.ExplainSince(t.Context(), customer, report.AsOf.Add(-30*model.Day), time.Time{}); model.KindOf(err) != model.KindNoData {
		t.Errorf("a change between two scores that are not there: %v", err)
	}
}

// A model with a risk that waits to be activated is not passed over by one
// without.
func TestAHeldRiskIsToBeActivatedFirst(t *testing.T) {
	a := seededShop(t, 200, 1)
	early := demo.DefaultEnd().Add(-420 * model.Day)
	if got := train(t, a, early); got.Parts["risk"].Status != "no_data" {
		t.Fatalf("want no risk: %+v", got.Parts)
	}
	if report, err := a.Scoring.Score(t.Context(), early); err != nil || len(report.Risk.Needs) == 0 {
		t.Fatalf("got %+v, %v", report, err)
	}
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Scoring.Score(t.Context(), time.Time{}); model.KindOf(err) != model.KindNoData || !strings.Contains(err.Error(), "activate") {
		t.Errorf("want to be told to activate: %v", err)
	}
	// What was said then stays what would have been said then.
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := a.Scoring.Explain(t.Context(), scores[0].CustomerID, early)
	if err != nil || e.Status != model.StatusInsufficientEvidence || e.Model == nil || *e.Model != 1 {
		t.Errorf("as of %s: %+v, %v", early, e, err)
	}
}
