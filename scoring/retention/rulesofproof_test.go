package retention_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// varied gives playbooks their own experiments back.
func varied(s *retention.Settings) {
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		panic(err)
	}
	for i := range s.Playbooks {
		at := slices.IndexFunc(all, func(p playbook.Playbook) bool { return p.Name == s.Playbooks[i].Name })
		s.Playbooks[i].Experiment = all[at].Experiment
	}
}

// rulesOfProof are the scenarios of what is varied by chance. Chance put ann,
// dot, eve and str into the first arm of detractor_tone, big, cay and new into
// the second; eve into the first of drift_follow_up and dot into the second; ann
// into the first of risk_offer and big into the second; and the holdout of salt
// h holds eve and not, who gave no consent.
var rulesOfProof = []scenario{
	{
		rule: "29", says: "the tone differs by chance, both arms and the held out are logged before consent and caps",
		playbooks: []string{"detractor"},
		change: func(s *retention.Settings) {
			varied(s)
			s.Holdout = model.Holdout{Salt: "h", Share: 0.3}
		},
		given: []given{{model.Responses, `response_id,customer_id,answered_at,kind,score,comment
			r1,ann,@0 10:00,nps,5,
			r2,big,@0 10:00,nps,2,
			r3,cay,@0 10:00,nps,5,it broke
			r4,eve,@0 10:00,nps,5,
			r5,not,@0 10:00,nps,5,`}},
		until: "0 11:00",
		want: `
ann detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_quick_fix
ann detractor/follow_up scheduled for 2 10:00
ann detractor/graceful_close scheduled for 11 10:00
ann detractor/other_channel scheduled for 8 10:00
ann detractor/resolution scheduled for 14 10:00
ann detractor/second_follow_up scheduled for 5 10:00
big detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_confident_fix
big detractor/follow_up scheduled for 2 10:00
big detractor/graceful_close scheduled for 11 10:00
big detractor/other_channel scheduled for 8 10:00
big detractor/resolution scheduled for 14 10:00
big detractor/second_follow_up scheduled for 5 10:00
cay detractor/first_touch open opened 0 10:00 due 0 12:00 high email care detractor_confident_issue_specific
cay detractor/follow_up scheduled for 2 10:00
cay detractor/graceful_close scheduled for 11 10:00
cay detractor/other_channel scheduled for 8 10:00
cay detractor/resolution scheduled for 14 10:00
cay detractor/second_follow_up scheduled for 5 10:00
eve detractor/first_touch suppressed holdout
eve detractor/follow_up scheduled for 2 10:00
eve detractor/graceful_close scheduled for 11 10:00
eve detractor/other_channel scheduled for 8 10:00
eve detractor/resolution scheduled for 14 10:00
eve detractor/second_follow_up scheduled for 5 10:00
not detractor/first_touch suppressed holdout
not detractor/follow_up scheduled for 2 10:00
not detractor/graceful_close scheduled for 11 10:00
not detractor/other_channel scheduled for 8 10:00
not detractor/resolution scheduled for 14 10:00
not detractor/second_follow_up scheduled for 5 10:00
`,
	},
	{
		rule: "29", says: "the moment differs by chance",
		playbooks: []string{"two_cycle_drift"},
		change:    varied,
		given:     []given{{model.Orders, "order_id,customer_id,ordered_at,amount" + monthly("eve", 3) + monthly("dot", 3)}},
		scores:    []string{"0 00:00", "1 00:00"},
		until:     "15 00:00",
		want: `
dot two_cycle_drift/follow_up open opened 14 08:00 due 16 11:00 medium email care drift_what_has_changed
dot two_cycle_drift/reach_out expired opened 0 08:00 due 1 11:00 high email care drift_remedy_and_what_changes
eve two_cycle_drift/follow_up expired opened 7 08:00 due 9 11:00 medium email care drift_what_has_changed
eve two_cycle_drift/reach_out expired opened 0 08:00 due 1 11:00 high email care drift_remedy_and_what_changes
`,
	},
	{
		rule: "29", says: "the offer differs by chance",
		playbooks: []string{"high_risk"},
		change:    varied,
		given: []given{{model.Customers, `customer_id,signed_up_at,marketing_consent,tier,known_at
			ann,2024-01-01,true,p70,@0 12:00
			dot,2024-01-01,true,p80,@0 12:00`}},
		scores: []string{"0 00:00", "1 00:00"},
		until:  "2 00:00",
		want: `
ann high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_value_offer
dot high_risk/keep open opened 1 08:00 due 2 11:00 high email retention risk_value_education
`,
	},
}

// toned is a shop whose detractors all answer at once, in both arms of the tone,
// and what became of them: void, late, refunded, reported and unreported.
func toned(t *testing.T) *shop {
	t.Helper()
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "detractor")(settings)
		varied(settings)
	})
	s.now = at("-60 00:00")
	s.take(model.Customers, customers)
	s.take(model.Orders, orders)
	s.run(monday)
	answers := []string{"response_id,customer_id,answered_at,kind,score"}
	for _, c := range []string{"ann", "dot", "eve", "str", "big", "cay", "new"} {
		answers = append(answers, fmt.Sprintf("r%s,%s,@0 10:00,nps,5", c, c))
	}
	s.take(model.Responses, strings.Join(answers, "\n"))
	s.run(at("1 00:00"))
	s.take(model.Outreach, `outreach_id,customer_id,sent_at,kind,trigger_id,replied_at,converted_at
		m1,ann,@0 10:30,retention,{ann detractor answer:rann first_touch},@3 10:00,
		m2,eve,@0 10:30,retention,{eve detractor answer:reve first_touch},@20 10:00,
		m3,big,@0 10:30,retention,{big detractor answer:rbig first_touch},,@5 10:00`)
	s.take(model.Responses, "response_id,customer_id,answered_at,kind,score\nlater,dot,@5 10:00,nps,6")
	s.take(model.Orders, `order_id,customer_id,ordered_at,amount,cancelled_at,returned_at,refunded_amount,known_at
		p1,ann,@10 12:00,50,,,,
		p2,dot,@20 12:00,50,,,,@96 00:00
		p3,eve,@40 12:00,50,,,,
		p4,big,@2 12:00,50,@3 12:00,,,
		p5,cay,@95 12:00,50,,,,
		p6,new,@13 12:00,100,,@15 12:00,40,`)
	return s
}

func TestRule30MeasuresAreCountedByArmAndCohort(t *testing.T) {
	s := toned(t)
	type counted struct {
		n0    int
		value float64
		n1    int
		other float64
	}
	for asOf, want := range map[string]map[model.ExperimentMeasure]counted{
		"97 00:00": {
			model.MeasureResponse: {4, 2.0 / 4, 3, 0}, model.MeasureConversion: {4, 1.0 / 4, 3, 2.0 / 3},
			model.MeasureRepeat: {4, 2.0 / 4, 3, 1.0 / 3}, model.MeasureRetention: {4, 3.0 / 4, 3, 1.0 / 3},
			model.MeasureRevenue: {4, 150.0 / 4, 3, 60.0 / 3},
		},
		// dot's order is not known yet, and of no customer are 90 days over.
		"41 00:00": {
			model.MeasureResponse: {4, 2.0 / 4, 3, 0}, model.MeasureConversion: {4, 1.0 / 4, 3, 2.0 / 3},
			model.MeasureRepeat: {4, 1.0 / 4, 3, 1.0 / 3}, model.MeasureRetention: {}, model.MeasureRevenue: {},
		},
		"2 00:00": {},
	} {
		seen := 0
		for _, e := range s.experiments(at(asOf)).Experiments {
			if e.Name != "detractor_tone" {
				continue
			}
			for _, c := range e.Comparisons {
				if c.Part == "segment" && c.Of != "detractor" {
					if c.Assigned != 0 {
						t.Errorf("%s: %d customers of segment %s", asOf, c.Assigned, c.Of)
					}
					continue
				}
				seen++
				got := counted{n0: c.ControlCustomers, n1: c.Customers}
				if c.ControlValue != nil {
					got.value = *c.ControlValue
				}
				if c.Value != nil {
					got.other = *c.Value
				}
				if c.Against != "empathetic" || c.Variant != "confident" || got != want[c.Measure] {
					t.Errorf("as of %s, %s of %s %s: %+v, want %+v", asOf, c.Measure, c.Part, c.Of, got, want[c.Measure])
				}
			}
		}
		if seen != 10 {
			t.Errorf("as of %s: %d comparisons", asOf, seen)
		}
	}
}

// Churn of the dissatisfied with and without a follow-up is a claim of others
// until the holdout has measured it; then the claim's place is taken.
func TestRule32ClaimsGiveWayToWhatWasMeasured(t *testing.T) {
	s := crowd(t, "detractor", 5, 1200, 0.6)
	if _, measured, err := s.MeasuredEffect(t.Context(), at("11 00:00")); err != nil || measured {
		t.Errorf("an effect is said to be measured before anybody could have churned; %v", err)
	}
	effect, measured, err := s.MeasuredEffect(t.Context(), at("150 00:00"))
	if err != nil || !measured || !effect.Proven || math.Abs(effect.Reduction.Value-0.3) > 0.1 {
		t.Errorf("measured %v: %+v, %v", measured, effect, err)
	}
	found := 0
	for _, c := range s.experiments(at("150 00:00")).Experiments[0].Comparisons {
		if c.Measure == model.MeasureRetention && c.Part == "segment" && c.Of == "detractor" {
			found++
			if with, without := 1-*c.Value, 1-*c.ControlValue; c.Verdict != "proven_better" || math.Abs(with-0.4) > 0.1 || math.Abs(without-0.7) > 0.1 {
				t.Errorf("churn %.2f with and %.2f without a follow-up: %s", with, without, c.Verdict)
			}
		}
	}
	if found != 1 {
		t.Errorf("%d comparisons of detractors", found)
	}
}

func TestRule29NotYetProvableIsAnAnswer(t *testing.T) {
	s := crowd(t, "passive", 7, 250, 0.35)
	e := s.experiments(at("150 00:00")).Experiments[0]
	c := decisive(t, e)
	if c.Verdict != "not_yet_provable" || c.Needs == nil || c.More == nil || *c.More != *c.Needs-250 || *c.More < 1000 ||
		!strings.HasPrefix(c.Says, "not yet provable, needs about ") || c.Difference == nil {
		t.Errorf("%+v", c)
	}
	spent := 0.0
	for _, c := range e.Comparisons {
		spent += c.Error
	}
	if spent > 0.05+1e-12 {
		t.Errorf("comparisons may be false with a probability of %g together", spent)
	}
}

// By the definition of subscriptions, who has a contract stays until his notice
// or its end; who has none can't leave.
func TestRule30ContractsStayUntilTheirNotice(t *testing.T) {
	s := newShop(t, func(settings *retention.Settings) {
		only(t, "passive")(settings)
		settings.Holdout = model.Holdout{Salt: "a", Share: 1}
		settings.Definition = model.Definition{Kind: model.Cancellation, Horizon: 30 * model.Day}
		settings.Insight = insight{} // It knows that an old order is not the data's end.
	})
	s.now = at("-60 00:00")
	s.take(model.Orders, "order_id,customer_id,ordered_at,amount\nsetup,ann,@-90 00:00,50")
	s.take(model.Contracts, `contract_id,customer_id,started_at,cancelled_at,ends_at
		k1,ann,@-90 00:00,,
		k2,big,@-90 00:00,@10 00:00,
		k3,cay,@-90 00:00,,@20 00:00
		k4,dot,@-90 00:00,@40 00:00,
		k5,eve,@-90 00:00,@-5 00:00,
		k6,new,@-90 00:00,@10 00:00,
		k7,new,@-90 00:00,,
		k8,str,@5 00:00,,`)
	s.run(monday)
	answers := []string{"response_id,customer_id,answered_at,kind,score"}
	for _, c := range []string{"ann", "big", "cay", "dot", "eve", "new", "str", "tok"} {
		answers = append(answers, fmt.Sprintf("r%s,%s,@0 10:00,nps,7", c, c))
	}
	s.take(model.Responses, strings.Join(answers, "\n"))
	s.run(at("1 00:00"))
	for _, c := range s.experiments(at("50 00:00")).Experiments[0].Comparisons {
		if c.Measure == model.MeasureRetention && c.Part == "all" && (c.Assigned != 8 || c.ControlCustomers != 5 || *c.ControlValue != 3.0/5) {
			t.Errorf("%d of %d with a known outcome, %v stay; want ann, dot and new of five", c.ControlCustomers, c.Assigned, *c.ControlValue)
		}
	}
}
