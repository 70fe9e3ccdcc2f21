package retention_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// trialHoldout holds out as many as it takes for small shops to prove a thing.
var trialHoldout = model.Holdout{Salt: "trial", Share: 0.3}

// crowd is a shop of n customers who all give the same answer at 10:00 of their
// day, one of the first ten, which sets off a playbook. They order within 60 days
// with a probability of 0.3 where they are held out and of kept else.
func crowd(t *testing.T, name string, answer, n int, kept float64) *shop {
	t.Helper()
	s := newShop(t, func(settings *retention.Settings) {
		only(t, name)(settings)
		settings.Holdout = trialHoldout
	})
	s.now = at("-60 00:00")
	s.take(model.Customers, crowdRows("customer_id,signed_up_at,marketing_consent", n, func(i int) string {
		return fmt.Sprintf("c%d,2024-01-01,true", i)
	}))
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount", n, func(i int) string { return fmt.Sprintf("o%d,c%d,@-40 12:00,50", i, i) }))
	s.run(monday)
	s.take(model.Responses, crowdRows("response_id,customer_id,answered_at,kind,score", n, func(i int) string {
		return fmt.Sprintf("r%d,c%d,@%d 10:00,nps,%d", i, i, i%10, answer)
	}))
	s.run(at("10 00:00"))
	random := rand.New(rand.NewPCG(1, 1))
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount", n, func(i int) string {
		p := kept
		if trialHoldout.Holds(fmt.Sprintf("c%d", i)) {
			p = 0.3
		}
		if random.Float64() >= p {
			return ""
		}
		return fmt.Sprintf("p%d,c%d,@%d 12:00,%d", i, i, 11+random.IntN(50), 20+random.IntN(100))
	}))
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount", 200, func(i int) string { return fmt.Sprintf("d%d,somebody,@%d 01:00,1", i, i) }))
	return s
}

func crowdRows(header string, n int, row func(int) string) string {
	rows := []string{header}
	for i := range n {
		if r := row(i); r != "" {
			rows = append(rows, r)
		}
	}
	return strings.Join(rows, "\n")
}

func (s *shop) experiments(asOf time.Time) model.ExperimentReport {
	s.t.Helper()
	r, err := s.Experiments(s.t.Context(), asOf)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// decisive is the comparison of an experiment's deciding measure.
func decisive(t *testing.T, e model.Experiment) model.ExperimentComparison {
	t.Helper()
	for _, c := range e.Comparisons {
		if c.Decides {
			return c
		}
	}
	t.Fatalf("no comparison of %s decides", e.Name)
	return model.ExperimentComparison{}
}

func TestTheHoldoutProvesWhatRetentionKeeps(t *testing.T) {
	s := crowd(t, "passive", 7, 1500, 0.6)
	r := s.experiments(at("150 00:00"))
	if len(r.Experiments) != 1 || r.Experiments[0].Name != model.HoldoutExperiment {
		t.Fatalf("experiments %+v", r.Experiments)
	}
	e := r.Experiments[0]
	if e.SampleRatio == nil || e.SampleRatio.Broken || e.Arms[0].Assigned+e.Arms[1].Assigned != 1500 {
		t.Errorf("arms %+v, ratio %+v", e.Arms, e.SampleRatio)
	}
	c := decisive(t, e)
	if c.Verdict != "proven_better" || math.Abs(c.Difference.Value-0.3) > 0.08 || c.Waiting != 0 || c.Measure != model.MeasureRetention || c.More != nil {
		t.Errorf("%+v", c)
	}
	for _, c := range e.Comparisons {
		if c.Part == "segment" && (c.Assigned > 0) != (c.Of == "passive") || c.Part == "playbook" && c.Of != "passive" {
			t.Errorf("part %s %s has %d", c.Part, c.Of, c.Assigned)
		}
	}
	effect, ok, err := s.MeasuredEffect(t.Context(), at("150 00:00"))
	if err != nil || !ok || !effect.Proven || math.Abs(effect.Reduction.Value-c.Difference.Value) > 1e-12 || effect.Relative == nil ||
		math.Abs(effect.Relative.Value-0.43) > 0.1 || effect.HeldOut+effect.Treated != 1500 {
		t.Errorf("effect %+v, %v, %v", effect, ok, err)
	}
	if _, ok, err := s.MeasuredEffect(t.Context(), at("60 00:00")); ok || err != nil {
		t.Errorf("measured before any window is over, %v", err)
	}
}

// What happens at T or later, or becomes known then, changes nothing as of T.
func TestLaterFactsChangeNoExperiment(t *testing.T) {
	s := crowd(t, "passive", 7, 300, 0.5)
	asOf := at("95 11:00")
	before := s.experiments(asOf)
	c := decisive(t, before.Experiments[0])
	if c.Waiting == 0 || c.Waiting == c.Assigned {
		t.Fatalf("waiting %d of %d: want some windows to be over", c.Waiting, c.Assigned)
	}
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount,known_at", 300, func(i int) string {
		return fmt.Sprintf("q%d,c%d,@%d 11:00,999,@95 11:00", i, i, 11+i%84)
	}))
	s.take(model.Responses, crowdRows("response_id,customer_id,answered_at,kind,score", 300, func(i int) string {
		return fmt.Sprintf("s%d,c%d,@95 11:00,nps,2", i, i)
	}))
	s.run(at("96 00:00"))
	if diff := cmp.Diff(before, s.experiments(asOf)); diff != "" {
		t.Errorf("as of T (-before +after):\n%s", diff)
	}
	if after := decisive(t, s.experiments(at("95 11:01")).Experiments[0]); *after.Value <= *c.Value {
		t.Errorf("late orders are not counted once they are known: %v after %v", *after.Value, *c.Value)
	}
}

// own is a shop with one playbook and an experiment of a user's.
func own(t *testing.T, variants string) retention.Settings {
	t.Helper()
	all, err := playbook.Read(playbook.Source{Name: "own.yaml", Text: `
playbooks:
  - name: mine
    when: {answer: {groups: passive}}
    experiment:
      name: my_tone
      vary: tone
      segments: passive
      variants: ` + variants + `
    steps:
      - {name: first, within: 1d, template: plain}
`})
	if err != nil {
		t.Fatal(err)
	}
	s := settings(nil)
	s.Playbooks = all
	return s
}

func TestAnExperimentIsNeverReshuffledSilently(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) { *settings = own(t, "[{name: a}, {name: b, template: bold}]") })
	s.take(model.Orders, orders)
	s.run(monday)
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@0 10:00,nps,7\nr2,cay,@0 10:00,nps,8")
	s.run(at("1 00:00"))
	assigned := func(asOf time.Time) (n int) {
		for _, e := range s.experiments(asOf).Experiments {
			if e.Name == "my_tone" {
				n = e.Arms[0].Assigned + e.Arms[1].Assigned
			}
		}
		return n
	}
	if n := assigned(at("1 00:00")); n != 2 {
		t.Errorf("%d customers are assigned", n)
	}
	for _, tt := range []struct {
		name, variants string
		conflict       bool
		warnings       int
		assigned       int
	}{
		{"other shares", "[{name: a, share: 0.6}, {name: b, share: 0.4, template: bold}]", true, 0, 2},
		{"another variant", "[{name: a}, {name: b, template: bold}, {name: c, template: loud}]", true, 0, 2},
		{"another name", "[{name: a}, {name: c, template: bold}]", true, 0, 2},
		{"the same", "[{name: a, share: 0.5}, {name: b, share: 0.5, template: bold}]", false, 0, 2},
		{"another text", "[{name: a}, {name: b, template: loud}]", false, 1, 0},
	} {
		service, err := retention.New(s.store, own(t, tt.variants), s.clock, s.log)
		if err != nil {
			t.Fatal(err)
		}
		r, err := service.Run(t.Context(), at("2 00:00"))
		if (model.KindOf(err) == model.KindConflict) != tt.conflict || err != nil && !tt.conflict || len(r.Warnings) != tt.warnings {
			t.Errorf("%s: %v, %v", tt.name, r.Warnings, err)
		}
		if n := assigned(at("2 00:01")); n != tt.assigned {
			t.Errorf("%s: %d customers are assigned, want %d", tt.name, n, tt.assigned)
		}
	}
	if n := assigned(at("1 00:00")); n != 2 {
		t.Errorf("as of before: %d customers are assigned", n)
	}
}

// An experiment that the playbooks have no more says so, and what it came to. It
// goes on where it comes again as it was.
func TestAnExperimentEndsWithItsPlaybook(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) { *settings = own(t, "[{name: a}, {name: b, template: bold}]") })
	s.take(model.Orders, orders)
	s.run(monday)
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@0 10:00,nps,7\nr2,cay,@0 10:00,nps,8")
	s.run(at("1 00:00"))
	mine := func(asOf time.Time) model.Experiment {
		all := s.experiments(asOf).Experiments
		return all[slices.IndexFunc(all, func(e model.Experiment) bool { return e.Name == "my_tone" })]
	}
	without := own(t, "[{name: a}, {name: b, template: bold}]")
	without.Playbooks[0].Experiment = nil
	for _, tt := range []struct {
		settings retention.Settings
		until    string
		warnings int
		ended    bool
	}{
		{without, "2 00:00", 1, true}, {without, "3 00:00", 0, true}, {own(t, "[{name: a}, {name: b, template: bold}]"), "4 00:00", 0, false},
	} {
		service, err := retention.New(s.store, tt.settings, s.clock, s.log)
		if err != nil {
			t.Fatal(err)
		}
		s.now = at(tt.until)
		r, err := service.Run(t.Context(), at(tt.until))
		if err != nil || len(r.Warnings) != tt.warnings {
			t.Fatalf("until %s: %v, %v", tt.until, r.Warnings, err)
		}
		e := mine(at(tt.until))
		c := decisive(t, e)
		if (e.Ended != nil) != tt.ended || e.Ended != nil && !e.Ended.Equal(at("1 00:00")) || c.Assigned != 2 || strings.HasPrefix(c.Says, "ended, ") != tt.ended {
			t.Errorf("until %s: ended %v, %+v", tt.until, e.Ended, c)
		}
	}
	if e := mine(at("1 00:00")); e.Ended != nil {
		t.Errorf("as of before: ended %v", e.Ended)
	}
}

func TestSegmentsThatTakeNoPartGetTheStepAsItStands(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) {
		*settings = own(t, "[{name: a, template: soft}, {name: b, template: bold}]")
		settings.Playbooks[0].When.Groups = nil
	})
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nr1,ann,@0 10:00,nps,2\nr2,cay,@0 10:00,nps,7")
	s.run(at("1 00:00"))
	all, err := s.List(t.Context(), model.TriggerQuery{})
	if err != nil || len(all) != 2 {
		t.Fatalf("%d triggers, %v", len(all), err)
	}
	for _, trigger := range all {
		if mine := trigger.Experiment.Name == "my_tone"; mine != (trigger.CustomerID == "cay") || mine != (trigger.Template != "plain") {
			t.Errorf("%s: %+v, %s", trigger.CustomerID, trigger.Experiment, trigger.Template)
		}
	}
}

// A first step whose moment chance varies, and which an order before it stops,
// leaves the holdout alike: no effect is planted, and none is seen.
func TestVaryingAFirstMomentKeepsTheHoldoutAlike(t *testing.T) {
	const n = 1000
	s := newShop(t, func(settings *retention.Settings) {
		all, err := playbook.Read(playbook.Source{Name: "own.yaml", Text: `
playbooks:
  - name: mine
    when: {answer: {groups: passive}}
    stop: {ordered: true}
    experiment: {name: my_moment, vary: timing, variants: [{name: now}, {name: later, after: 3d}]}
    steps: [{name: first, within: 1d, template: plain}]
`})
		if err != nil {
			t.Fatal(err)
		}
		settings.Playbooks, settings.Holdout = all, trialHoldout
	})
	s.now = at("-60 00:00")
	s.take(model.Customers, crowdRows("customer_id,signed_up_at,marketing_consent", n, func(i int) string { return fmt.Sprintf("c%d,2024-01-01,true", i) }))
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount", n, func(i int) string { return fmt.Sprintf("o%d,c%d,@-40 12:00,50", i, i) }))
	s.run(monday)
	s.take(model.Responses, crowdRows("response_id,customer_id,answered_at,kind,score", n, func(i int) string { return fmt.Sprintf("r%d,c%d,@0 10:00,nps,7", i, i) }))
	random := rand.New(rand.NewPCG(2, 2))
	s.take(model.Orders, crowdRows("order_id,customer_id,ordered_at,amount", n, func(i int) string {
		if random.Float64() >= 0.4 {
			return ""
		}
		return fmt.Sprintf("p%d,c%d,@1 12:00,50", i, i)
	}))
	s.run(at("10 00:00"))
	s.take(model.Orders, "order_id,customer_id,ordered_at,amount\nlast,somebody,@119 00:00,1")
	all := s.experiments(at("120 00:00")).Experiments
	e := all[slices.IndexFunc(all, func(e model.Experiment) bool { return e.Name == model.HoldoutExperiment })]
	c := decisive(t, e)
	// All of the one half come in, and of the other the 0.6 who did not order.
	held, reached := float64(e.Arms[0].Assigned)/(0.3*n), float64(e.Arms[1].Assigned)/(0.7*n)
	if e.SampleRatio.Broken || math.Abs(held-0.8) > 0.1 || math.Abs(reached-0.8) > 0.1 || c.Waiting != 0 || math.Abs(*c.Value-*c.ControlValue) > 0.1 {
		t.Errorf("arms %+v, ratio %+v, %+v", e.Arms, e.SampleRatio, c)
	}
}

// Another share draws other arms: who came in before counts no more.
func TestAnotherShareOfTheHoldoutBeginsItAnew(t *testing.T) {
	s := crowd(t, "passive", 7, 200, 0.5)
	s.run(at("151 00:00"))
	before := s.experiments(at("150 00:00")).Experiments[0]
	other := settings(nil)
	only(t, "passive")(&other)
	other.Holdout = model.Holdout{Salt: trialHoldout.Salt, Share: 0.1}
	service, err := retention.New(s.store, other, s.clock, s.log)
	if err != nil {
		t.Fatal(err)
	}
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nq1,c1,@151 10:00,nps,7\nq2,fresh,@151 10:00,nps,7")
	if r, err := service.Run(t.Context(), at("152 00:00")); err != nil || len(r.Warnings) != 2 {
		t.Fatalf("%v, %v", r.Warnings, err)
	}
	after := s.experiments(at("153 00:00")).Experiments[0]
	if before.Arms[0].Assigned+before.Arms[1].Assigned != 200 || after.Arms[0].Assigned+after.Arms[1].Assigned != 1 || after.Arms[0].Share != 0.1 ||
		!after.Since.After(before.Since) {
		t.Errorf("before %+v, after %+v", before.Arms, after.Arms)
	}
	if diff := cmp.Diff(before, s.experiments(at("150 00:00")).Experiments[0]); diff != "" {
		t.Errorf("as of before (-before +after):\n%s", diff)
	}
}
