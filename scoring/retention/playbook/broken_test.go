package playbook_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// steps close a playbook that is broken elsewhere.
const steps = "\n    steps: [{name: a, within: 1d, template: t}]"

// The program's own playbooks warn of nothing, and a name like an offer that
// offers nothing does.
func TestTemplatesNamedLikeOffersWarn(t *testing.T) {
	read := func(sources ...playbook.Source) []playbook.Playbook {
		all, err := playbook.Read(sources...)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := playbook.Warnings(read(playbook.Defaults())); len(got) > 0 {
		t.Errorf("the program's own: %v", got)
	}
	got := playbook.Warnings(read(playbook.Source{Name: "f.yaml", Text: `
playbooks:
  - name: a
    when: drift
    experiment: {name: e, vary: offer, step: said, variants: [{name: with}, {name: without, offer: none, template: big_discount}]}
    steps:
      - {name: said, within: 1d, offer: money, template: big_reward}
      - {name: by_text, within: 1d, templates: [{if: comment, key: offer_a, offer: gift}, {key: rewarding}]}
      - {name: unsaid, within: 1d, templates: [{if: comment, key: a_voucher}, {key: offers}]}
`}))
	if len(got) != 3 || !strings.Contains(got[0], "template a_voucher") || !strings.Contains(got[1], "template offers") || !strings.Contains(got[2], "template big_discount") {
		t.Errorf("%q", got)
	}
}

// A text that offers makes its playbook one that does, and a variant without an
// offer has none by its texts.
func TestTextsMayOffer(t *testing.T) {
	all, err := playbook.Read(playbook.Source{Name: "f.yaml", Text: `
playbooks:
  - name: a
    when: drift
    experiment: {name: e, vary: offer, variants: [{name: with}, {name: without, offer: none}]}
    steps: [{name: s, within: 1d, templates: [{if: comment, key: x, offer: gift}, {key: y}]}]
`})
	if err != nil || !all[0].Offers() {
		t.Fatalf("%+v, %v", all, err)
	}
	with, without := all[0].Varied("with").Steps[0], all[0].Varied("without").Steps[0]
	if with.Offers(with.Templates[0]) != "gift" || with.Offers(with.Templates[1]) != "" || without.Offers(without.Templates[0]) != "" {
		t.Errorf("with %+v, without %+v", with, without)
	}
}

// varying is a playbook with an experiment and two steps.
func varying(experiment string) string {
	return "playbooks:\n  - name: a\n    when: drift\n    experiment: {" + experiment +
		"}\n    steps:\n      - {name: a, within: 1d, template: t}\n      - {name: b, after: 2d, within: 1d, template: t}"
}

// broken holds one small file for each rule, and what is said about it.
var broken = []struct{ yaml, want string }{
	{"", "f.yaml: is empty: want a list below playbooks"},
	{"a: [", "f.yaml: yaml: line 1:"},
	{"playbook: []", `f.yaml:1: "playbook" is not a key here: want one of playbooks`},
	{"playbooks: {}", "f.yaml:1: want a list"},
	{"playbooks:\n  - name: A\n    when: drift" + steps, `f.yaml:2: name "A": want up to 48 lower-case letters`},
	{"playbooks:\n  - when: drift" + steps, "f.yaml:2: a playbook needs a name"},
	{"playbooks:\n  - name: a" + steps, "f.yaml:2: a playbook needs when"},
	{"playbooks:\n  - name: a\n    when: drift", "f.yaml:2: a playbook needs steps"},
	{"playbooks:\n  - name: a\n    name: b\n    when: drift" + steps, `f.yaml:3: "name" twice`},
	{"playbooks:\n  - name: a\n    when: drift" + steps + "\n  - name: a\n    when: drift" + steps, `f.yaml:5: playbook "a" stands at line 2 already`},
	{"playbooks:\n  - name: a\n    when: rain" + steps, `f.yaml:3: when: "rain" is no trigger: want one of answer, delivery,`},
	{"playbooks:\n  - name: a\n    when: {risk: {from: 0.5}, drift: {}}" + steps, "f.yaml:3: when has 2 triggers"},
	{"playbooks:\n  - name: a\n    when: risk" + steps, "f.yaml:3: risk needs from"},
	{"playbooks:\n  - name: a\n    when: {risk: {from: 2}}" + steps, "f.yaml:3: risk needs from"},
	{"playbooks:\n  - name: a\n    when: {risk: {from: 0.5, rearm_below: 0.6}}" + steps, "f.yaml:3: rearm_below 0.6: want more than 0 and not more than from, which is 0.5"},
	{"playbooks:\n  - name: a\n    when: {answer: {groups: haters}}" + steps, `f.yaml:3: groups: "haters": want promoter, passive or detractor`},
	{"playbooks:\n  - name: a\n    when: {answer: {kinds: stars}}" + steps, `f.yaml:3: kinds: "stars": want nps, csat, ces, rating or sentiment`},
	{"playbooks:\n  - name: a\n    when: {answer: {from: 3}}" + steps, "f.yaml:3: from and to are on the scale of one kind"},
	{"playbooks:\n  - name: a\n    when: {answer: {kinds: nps, from: x}}" + steps, `f.yaml:3: from: "x" is no number`},
	{"playbooks:\n  - name: a\n    when: incident" + steps, "f.yaml:3: needs painpoints"},
	{"playbooks:\n  - name: a\n    when: {event: {names: []}}" + steps, "f.yaml:3: an empty list fits nothing"},
	{"playbooks:\n  - name: a\n    when: {resolved: {of: peace}}" + steps, `f.yaml:3: of: "peace": want ticket or outreach`},
	{"playbooks:\n  - name: a\n    when: {renewal: {days_before: 0}}" + steps, `f.yaml:3: days_before: "0": want a whole number, 1 to 365`},
	{"playbooks:\n  - name: a\n    when: {silence: {surveys: many}}" + steps, `f.yaml:3: surveys: "many": want a whole number, 1 to 20`},
	{"playbooks:\n  - name: a\n    when: {group_decline: {by: mood}}" + steps, `f.yaml:3: by: "mood": want one of company_id,`},
	{"playbooks:\n  - name: a\n    when: {group_decline: {least: 1}}" + steps, `f.yaml:3: least: "1": want a whole number, 2 to`},
	{"playbooks:\n  - name: a\n    when: {group_decline: {share: 2}}" + steps, "f.yaml:3: share 2: want more than 0, at most 1"},
	{"playbooks:\n  - name: a\n    when: drift\n    for: {all: rich}" + steps, `f.yaml:4: all: "rich" is no condition: want one of comment,`},
	{"playbooks:\n  - name: a\n    when: drift\n    enabled: perhaps" + steps, `f.yaml:4: enabled: "perhaps": want true or false`},
	{"playbooks:\n  - name: a\n    when: drift\n    purpose: spam" + steps, `f.yaml:4: purpose: "spam": want one of service, marketing, transactional`},
	{"playbooks:\n  - name: a\n    when: drift\n    rearm: 30" + steps, `f.yaml:4: rearm: "30" is no span`},
	{"playbooks:\n  - name: a\n    when: drift\n    stop: {unanswered: 0}" + steps, `f.yaml:4: unanswered: "0": want a whole number, 1 to 20`},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, template: t}]", "f.yaml:4: a step needs within"},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d}]", "f.yaml:4: a step needs one of template, templates"},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, templates: [{if: comment, key: t}]}]", "f.yaml:4: the last template must fit always"},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, templates: [{if: comment}]}]", "f.yaml:4: a template needs its key"},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, template: t, urgency: now}]", `f.yaml:4: urgency: "now": want one of low, medium, high, critical`},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, template: t, channel: By Mail}]", `f.yaml:4: channel "By Mail": want up to 48`},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, template: t, escalate: {after: 1d}}]", "f.yaml:4: escalate needs to"},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, after: 2d, template: t}, {name: b, within: 1d, template: t}]", `f.yaml:4: step "b" comes before the one above it`},
	{"playbooks:\n  - name: a\n    when: drift\n    steps: [{name: a, within: 1d, template: t}, {name: a, within: 1d, template: t}]", `f.yaml:4: step "a" stands at line 4 already`},
	{varying("vary: tone, variants: [{name: a}, {name: b, template: t2}]"), "f.yaml:4: an experiment needs a name"},
	{varying("name: holdout, vary: tone, variants: [{name: a}, {name: b, template: t2}]"), `f.yaml:4: name "holdout" is that of the experiment that is always on`},
	{varying("name: x, variants: [{name: a}, {name: b}]"), "f.yaml:4: an experiment needs vary: tone, timing or offer"},
	{varying("name: x, vary: price, variants: [{name: a}, {name: b}]"), `f.yaml:4: vary: "price": want one of tone, timing, offer`},
	{varying("name: x, vary: tone, measure: joy, variants: [{name: a}, {name: b, template: t2}]"), `f.yaml:4: measure: "joy": want one of response, conversion, repeat_purchase, retention, revenue`},
	{varying("name: x, vary: tone, segments: haters, variants: [{name: a}, {name: b, template: t2}]"), `f.yaml:4: segments: "haters": want some of promoter, passive, detractor`},
	{varying("name: x, vary: tone, step: z, variants: [{name: a}, {name: b, template: t2}]"), `f.yaml:4: step "z": the playbook has none of that name`},
	{varying("name: x, vary: tone"), "f.yaml:4: an experiment needs variants"},
	{varying("name: x, vary: tone, variants: [{name: a}]"), "f.yaml:4: an experiment has 2 to 5 variants: here are 1"},
	{varying("name: x, vary: tone, variants: [{name: a}, {name: a, template: t2}]"), `f.yaml:4: variant "a" stands at line 4 already`},
	{varying("name: x, vary: tone, variants: [{name: a}, {name: b}]"), `f.yaml:4: variants "a" and "b" do the same`},
	{varying("name: x, vary: tone, variants: [{name: a}, {name: b, offer: gift}]"), `f.yaml:4: "offer" is not a key here: want one of name, share, template, templates`},
	{varying("name: x, vary: timing, variants: [{name: a}, {name: b, template: t2}]"), `f.yaml:4: "template" is not a key here: want one of name, share, after`},
	{varying("name: x, vary: timing, variants: [{name: a}, {name: b, after: 3d}]"), `f.yaml:4: variant "b" puts step "a" out of its place`},
	{varying("name: x, vary: offer, variants: [{name: a}, {name: b, offer: none}]"), `f.yaml:4: variants "a" and "b" do the same`},
	{varying("name: x, vary: tone, variants: [{name: a, share: 0.5}, {name: b, template: t2}]"), "f.yaml:4: share: give it to all variants or to none"},
	{varying("name: x, vary: tone, variants: [{name: a, share: 0.5}, {name: b, share: 0.4, template: t2}]"), "f.yaml:4: share: the shares of the variants add up to 0.9: want 1"},
	{varying("name: x, vary: tone, variants: [{name: a, share: 2}, {name: b, template: t2}]"), `f.yaml:4: share: "2": want a number between 0 and 1`},
	{varying("name: x, vary: tone, variants: [{name: a}, {name: b, template: t2}]") + strings.Replace(varying("name: x, vary: tone, variants: [{name: a}, {name: b, template: t2}]"), "playbooks:\n  - name: a", "\n  - name: b", 1), `f.yaml:10: experiment "x" is one of playbook "a" already`},
}

func TestABrokenPlaybookIsToldByLine(t *testing.T) {
	for _, tt := range broken {
		_, err := playbook.Read(playbook.Source{Name: "f.yaml", Text: tt.yaml})
		if err == nil || model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s\nsaid: %v\nwant: %s", tt.yaml, err, tt.want)
		}
	}
}

func TestEveryFaultIsTold(t *testing.T) {
	_, err := playbook.Read(playbook.Source{Name: "f.yaml", Text: "playbooks:\n  - name: a\n    when: rain\n    for: {all: rich}" + steps})
	if err == nil || strings.Count(err.Error(), "f.yaml:") != 2 {
		t.Errorf("said: %v", err)
	}
}

func TestALaterFileOverridesByName(t *testing.T) {
	own := playbook.Source{Name: "own.yaml", Text: "playbooks:\n  - name: passive\n    when: {answer: {groups: passive}}" + steps + "\n  - name: mine\n    when: drift" + steps}
	before, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	after, err := playbook.Read(playbook.Defaults(), own)
	if err != nil {
		t.Fatal(err)
	}
	if len(after) != len(before)+1 || after[len(after)-1].Name != "mine" {
		t.Errorf("%d playbooks, %d before", len(after), len(before))
	}
	for i, p := range after[:len(before)] {
		switch {
		case p.Name != before[i].Name:
			t.Errorf("playbook %d is %s, was %s", i, p.Name, before[i].Name)
		case p.Name == "passive" && (p.From != "own.yaml:2" || len(p.Steps) != 1):
			t.Errorf("passive is from %s with %d steps", p.From, len(p.Steps))
		}
	}
	if playbook.Checksum(before) == playbook.Checksum(after) {
		t.Error("other playbooks have the same checksum")
	}
}

func TestASignalFitsByKindWordGroupAndNumber(t *testing.T) {
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		signal model.Signal
		want   []string
	}{
		{model.Signal{Kind: model.SignalAnswer, Word: "nps", Number: 3}, []string{"detractor", "executive"}},
		{model.Signal{Kind: model.SignalAnswer, Word: "nps", Number: 4}, []string{"detractor"}},
		{model.Signal{Kind: model.SignalAnswer, Word: "csat", Number: 1}, []string{"detractor"}},
		{model.Signal{Kind: model.SignalAnswer, Word: "ces", Number: 4}, []string{"passive"}},
		{model.Signal{Kind: model.SignalAnswer, Word: "rating", Number: 5}, []string{"promoter"}},
		{model.Signal{Kind: model.SignalRisk, Level: "high_risk", Number: 0.7}, []string{"high_risk"}},
		{model.Signal{Kind: model.SignalRisk, Level: "another", Number: 0.7}, nil},
		{model.Signal{Kind: model.SignalIncident, Word: "not_delivered"}, []string{"late_delivery"}},
		{model.Signal{Kind: model.SignalEvent, Word: "visit"}, nil},
		{model.Signal{Kind: model.SignalRenewal, Number: 30}, []string{"renewal"}},
		{model.Signal{Kind: model.SignalRenewal, Number: 7}, nil},
		{model.Signal{Kind: model.SignalSilence, Number: 1}, nil},
		{model.Signal{Kind: model.SignalSilence, Number: 2}, []string{"silence"}},
		{model.Signal{Kind: model.SignalDelivery}, nil}, // not enabled
		{model.Signal{Kind: model.SignalResolved, Word: "ticket"}, nil},
	} {
		var got []string
		for _, p := range all {
			if p.Fits(tt.signal) {
				got = append(got, p.Name)
			}
		}
		if strings.Join(got, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%+v sets off %v, want %v", tt.signal, got, tt.want)
		}
	}
}

// No text may ask anyone to reconsider a score, and texts are keys.
func TestTheDefaultsKeepTheRulesOfTheirTexts(t *testing.T) {
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if p.Rule == "" {
			t.Errorf("%s carries out no rule", p.Name)
		}
		for _, s := range p.Steps {
			for _, k := range s.Templates {
				if strings.Contains(k.Key, "reconsider") || strings.Contains(k.Key, "change_score") {
					t.Errorf("%s: %s asks to reconsider", p.Name, k.Key)
				}
			}
		}
	}
}

func TestAVariantChangesOneStepAndNothingElse(t *testing.T) {
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[playbook.Vary]bool{}
	for i := range all {
		p := &all[i]
		if p.Experiment == nil {
			continue
		}
		e := p.Experiment
		seen[e.Vary] = true
		for k, v := range e.Variants {
			varied := p.Varied(v.Name)
			for j, step := range varied.Steps {
				same := cmp.Equal(step, p.Steps[j])
				if want := k == 0 || step.Name != e.Step; same != want {
					t.Errorf("%s, variant %s, step %s: as it stands %v, want %v", p.Name, v.Name, step.Name, same, want)
				}
			}
		}
		if d := p.Design(); d.Playbook != p.Name || len(d.Variants) != len(e.Variants) || d.Content == "" {
			t.Errorf("%s: %+v", p.Name, d)
		}
	}
	if len(seen) != 3 || len(playbook.Designs(all)) != 3 {
		t.Errorf("the defaults vary %v", seen)
	}
}

// Who is held out has the same chance of every variant.
func TestVariantsAreDrawnByTheirSharesAndApartFromTheHoldout(t *testing.T) {
	d := model.ExperimentDesign{Name: "x", Variants: []model.ExperimentShare{{Name: "a", Share: 0.2}, {Name: "b", Share: 0.3}, {Name: "c", Share: 0.5}}}
	held := model.Holdout{Salt: "s", Share: 0.1}
	counts := map[bool]map[string]int{true: {}, false: {}}
	for i := range 60_000 {
		id := fmt.Sprint("c", i)
		counts[held.Holds(id)][d.Assign(id)]++
	}
	for in, of := range counts {
		n := of["a"] + of["b"] + of["c"]
		for _, v := range d.Variants {
			if got := float64(of[v.Name]) / float64(n); math.Abs(got-v.Share) > 4*math.Sqrt(v.Share*(1-v.Share)/float64(n)) {
				t.Errorf("held out %v: %.4f get %s, want %g", in, got, v.Name, v.Share)
			}
		}
	}
}
