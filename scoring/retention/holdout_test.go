package retention_test

import (
	"math"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

func TestALargerHoldoutOnlyAddsToIt(t *testing.T) {
	small, large := model.Holdout{Salt: "s", Share: 0.1}, model.Holdout{Salt: "s", Share: 0.2}
	held := 0
	const n = 20_000
	for i := range n {
		id := "c" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26%11) + string(rune('A'+i/286%26)) + strings.Repeat("z", i/7436)
		if small.Holds(id) {
			held++
			if !large.Holds(id) {
				t.Fatalf("%s is let go by a larger share", id)
			}
		}
	}
	if (model.Holdout{Salt: "s"}).Holds("c") || !(model.Holdout{Salt: "s", Share: 1}).Holds("c") {
		t.Error("a share of 0 holds somebody, or one of 1 does not")
	}
	if share := float64(held) / n; math.Abs(share-0.1) > 0.02 {
		t.Errorf("%.3f are held out", share)
	}
}

// Both arms are noted when the trigger is made; the store and the scores draw
// them alike.
func TestTheHoldoutIsKeptAndNotedOnTriggersAndScores(t *testing.T) {
	holdout := model.Holdout{Salt: "b", Share: 0.5}
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "passive")(settings)
		settings.Holdout = holdout
	})
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	s.take(model.Responses, `response_id,customer_id,answered_at,kind,score
		r1,ann,@0 10:00,nps,7
		r2,big,@0 10:00,nps,7
		r3,cay,@0 10:00,nps,7
		r4,dot,@0 10:00,nps,7`)
	s.run(at("0 11:00"))
	all, err := s.List(t.Context(), model.TriggerQuery{})
	if err != nil || len(all) != 8 {
		t.Fatalf("%d triggers, %v", len(all), err)
	}
	for _, trigger := range all {
		want := "treated"
		if holdout.Holds(trigger.CustomerID) {
			want = "holdout"
		}
		if trigger.Holdout != (want == "holdout") || trigger.Experiment == nil || trigger.Experiment.Variant != want {
			t.Errorf("%s: holdout %v, %+v, want %s", trigger.CustomerID, trigger.Holdout, trigger.Experiment, want)
		}
	}
	s.holdout = holdout
	s.score(at("0 11:00"))
	scores, err := s.store.Scores(t.Context(), model.ScoreQuery{})
	if err != nil || len(scores) == 0 {
		t.Fatalf("%d scores, %v", len(scores), err)
	}
	for _, score := range scores {
		if score.Holdout != holdout.Holds(score.CustomerID) {
			t.Errorf("score of %s: holdout %v", score.CustomerID, score.Holdout)
		}
	}
	other := settings(nil)
	for _, tt := range []struct {
		holdout model.Holdout
		kind    model.ErrorKind
		warns   bool
	}{{model.Holdout{Salt: "c", Share: 0.5}, model.KindConflict, false}, {model.Holdout{Salt: "b", Share: 0.4}, "", true}} {
		other.Holdout = tt.holdout
		service, err := retention.New(s.store, other, s.clock, s.log)
		if err != nil {
			t.Fatal(err)
		}
		report, err := service.Run(t.Context(), at("0 12:00"))
		if (err != nil) != (tt.kind != "") || err != nil && model.KindOf(err) != tt.kind || (len(report.Warnings) > 0) != tt.warns {
			t.Errorf("%+v: %v, %v", tt.holdout, report.Warnings, err)
		}
	}
}
