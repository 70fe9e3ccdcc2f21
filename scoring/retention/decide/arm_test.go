package decide_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// first returns by which trigger, and when, each customer comes into the
// comparison with the holdout.
func first(triggers []model.Trigger, lives []model.TriggerLife) map[string]model.TriggerLife {
	of := map[string]*model.Trigger{}
	for i := range triggers {
		of[triggers[i].ID] = &triggers[i]
	}
	out := map[string]model.TriggerLife{}
	for _, l := range lives {
		t := of[l.TriggerID]
		if !t.Measured || l.Opening == nil && !slices.Contains(decide.Randomised(), l.Code) {
			continue
		}
		before, seen := out[t.CustomerID]
		if !seen || l.At.Before(before.At) || l.At.Equal(before.At) && l.TriggerID < before.TriggerID {
			out[t.CustomerID] = model.TriggerLife{TriggerID: l.TriggerID, At: l.At}
		}
	}
	return out
}

// Whether a customer is held out or not, he comes in by the same trigger at the
// same instant: nothing that is sent decides who is compared.
func TestBothArmsComeInByTheSameTrigger(t *testing.T) {
	all := defaults(t)
	rapid.Check(t, func(t *rapid.T) {
		in := history(t, all)
		end := start.Add(40 * model.Day)
		in.Holdout.Share = 0
		treated := first(advance(in, end))
		in.Holdout.Share = 1
		held := first(advance(in, end))
		if diff := cmp.Diff(treated, held); diff != "" {
			t.Fatalf("comes in (-treated +held out):\n%s", diff)
		}
	})
}

// The same holds where chance decides the moment of a first step: who is held out
// is tried at the moment that he would have got, which his orders may come before.
func TestBothArmsComeInByTheSameTriggerWhereMomentsVary(t *testing.T) {
	all, err := playbook.Read(playbook.Defaults(), playbook.Source{Name: "own.yaml", Text: `
playbooks:
  - name: passive
    when: {answer: {groups: passive}}
    stop: {ordered: true}
    experiment: {name: own_moment, vary: timing, variants: [{name: now}, {name: later, after: 3d}]}
    steps:
      - {name: first, within: 1d, template: plain}
  - name: late_delivery
    when: {incident: {painpoints: late_delivery}}
    stop: {ordered: true}
    experiment: {name: late_moment, vary: timing, segments: [promoter, passive], variants: [{name: now}, {name: later, after: 3d}]}
    steps:
      - {name: apology, within: 1d, template: plain}
`})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		in := history(t, all)
		end := start.Add(40 * model.Day)
		in.Holdout.Share = 0
		treated := first(advance(in, end))
		in.Holdout.Share = 1
		held := first(advance(in, end))
		if diff := cmp.Diff(treated, held); diff != "" {
			t.Fatalf("comes in (-treated +held out):\n%s", diff)
		}
	})
}

// Variants are assigned at the same instant too, whatever their moment.
func TestAllVariantsComeInByTheSameTrigger(t *testing.T) {
	all := defaults(t)
	begun := func(in decide.Input) map[string]model.TriggerLife {
		triggers, lives := advance(in, start.Add(40*model.Day))
		out := map[string]model.TriggerLife{}
		for _, l := range lives {
			if _, seen := out[l.TriggerID]; !seen {
				out[l.TriggerID] = model.TriggerLife{At: l.At, Status: l.Status, Code: l.Code}
			}
		}
		for i := range triggers {
			if e := triggers[i].Experiment; e == nil || e.Name == model.HoldoutExperiment {
				delete(out, triggers[i].ID)
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		in := history(t, all)
		in.Holdout.Share = 0
		for i := range in.Customers {
			in.Customers[i].Outreach = nil
		}
		var want map[string]model.TriggerLife
		for k := range 2 {
			in.Playbooks = slices.Clone(all)
			for i := range in.Playbooks {
				if e := in.Playbooks[i].Experiment; e != nil {
					only := *e
					only.Variants = slices.Clone(e.Variants)
					only.Variants[k].Share, only.Variants[1-k].Share = 1, 0
					in.Playbooks[i].Experiment = &only
				}
			}
			got := begun(in)
			if k == 0 {
				want = got
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("comes in (-first variant +second):\n%s", diff)
			}
		}
	})
}
