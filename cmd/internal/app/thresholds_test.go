package app_test

import (
	"cmp"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// cheap opens an empty database for a shop whose contacts pay from a probability
// of about 0.1 on.
func cheap(t *testing.T) *app.App {
	t.Helper()
	a := gated(t)
	cfg := a.Config
	cfg.Economics.Cost = []string{"any 0.5", "phone 12"}
	out, err := a.With(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The net value of rules at past cutoffs is recounted from what was said of each
// customer there, what he was worth then, and what became of him; a choice is
// judged only at cutoffs after it, and earns more than a probability of 0.5 where
// contacts are cheap.
func TestNetValuesOnTheDemoAreRecounted(t *testing.T) {
	a := cheap(t)
	_, files := shop(t, 400)
	loadShop(t, a, files)
	got, err := a.Scoring.Thresholds(t.Context(), scoring.ThresholdRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Judged == nil || got.Judged.Cutoffs != len(got.Cutoffs)-1 || got.Status.Status != "ok" {
		t.Fatalf("judged %+v at %d cutoffs", got.Judged, len(got.Cutoffs))
	}
	var at []time.Time
	for i, c := range got.Cutoffs {
		if c.Judged != (i > 0) {
			t.Errorf("cutoff %d of %d: judged is %v", i+1, len(got.Cutoffs), c.Judged)
		}
		if i > 0 && c.AsOf.Sub(got.Cutoffs[i-1].AsOf) != 90*model.Day {
			t.Errorf("outcomes of %s lie in those of the cutoff before", c.AsOf)
		}
		at = append(at, c.AsOf)
	}
	want := recount(t, a, got.Economics, at[1:])
	for _, rule := range got.Judged.Rules {
		net, counted := want[rule.Rule]
		if counted && math.Abs(rule.Net.Value-net) > 1e-6*math.Abs(net) {
			t.Errorf("%s: net %v, recounted %v", rule.Rule, rule.Net.Value, net)
		}
		if rule.Rule == model.RuleProbability && !(rule.Difference.Low > 0) {
			t.Errorf("against a probability of 0.5: %+v", rule.Difference)
		}
	}
	said := strings.Join(got.Warnings, "\n")
	if got.Economics.Effect.Basis != model.EffectAssumed || !strings.Contains(said, "is assumed, not measured") {
		t.Errorf("the effect is %+v, warnings %q", got.Economics.Effect, said)
	}
	if s := got.Spend; s == nil || s.Ratio.Value < 0.7 || s.Ratio.Value > 1.4 {
		t.Errorf("those who stayed spent %+v", s)
	}
}

// recount nets two rules from the customers behind an evaluation.
func recount(t *testing.T, a *app.App, e model.Economics, cutoffs []time.Time) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	rows, err := a.Scoring.TestAt(t.Context(), cutoffs)
	if err != nil {
		t.Fatal(err)
	}
	worth := map[time.Time]map[string]float64{}
	train(t, a, cutoffs[0]) // What a customer is worth does not depend on the model.
	for _, cutoff := range cutoffs {
		worth[cutoff] = map[string]float64{}
		if _, err := a.Scoring.Score(t.Context(), cutoff); err != nil {
			t.Fatal(err)
		}
		scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range scores {
			if s.ExpectedValue != nil {
				worth[cutoff][s.CustomerID] = *s.ExpectedValue
			}
		}
	}
	for _, row := range rows {
		value, known := worth[row.AsOf][row.CustomerID]
		if !known {
			t.Fatalf("nothing is known of the value of %s", row.CustomerID)
		}
		net := -e.CostOf("")
		if row.Churned {
			net += e.Effect.Value * e.Margin * value
		}
		for rule, contacted := range map[string]bool{
			model.RuleBreakEven:   e.Worth(row.ChurnProbability, value, ""),
			model.RuleProbability: row.ChurnProbability >= 0.5,
			model.RuleEverybody:   true,
		} {
			if contacted {
				out[rule] += net / float64(len(cutoffs))
			}
		}
	}
	return out
}

// With a capacity no rule contacts more; by a dear channel a contact must
// promise more; and what is known too briefly is said to be.
func TestThresholdsFollowCapacityChannelAndHistory(t *testing.T) {
	a := cheap(t)
	_, files := shop(t, 300)
	loadShop(t, a, files)
	ten := 10
	got, err := a.Scoring.Thresholds(t.Context(), scoring.ThresholdRequest{Capacity: &ten, Channel: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range got.Judged.Rules {
		if rule.Contacted > 10 {
			t.Errorf("%s contacts %v", rule.Rule, rule.Contacted)
		}
	}
	if got.Cost != 12 {
		t.Errorf("a call costs %v", got.Cost)
	}
	median := got.BreakEven[1]
	if p := 12 / (0.1 * 0.3 * median.Value); median.Probability == nil != (p > 1) || median.Probability != nil && cmp.Compare(*median.Probability, p) != 0 {
		t.Errorf("break-even of %v: %v, want %v", median.Value, median.Probability, p)
	}
	early, err := a.Scoring.Thresholds(t.Context(), scoring.ThresholdRequest{AsOf: got.Cutoffs[0].AsOf.Add(100 * model.Day)})
	if err != nil {
		t.Fatal(err)
	}
	if early.Status.Status != "no_data" || early.Chosen != nil || early.Judged != nil || len(early.Status.Needs) == 0 {
		t.Errorf("of one cutoff: %+v, chosen %+v", early.Status, early.Chosen)
	}
}
