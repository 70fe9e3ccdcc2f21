package proof_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/proof"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

func holdoutDesign(share float64) model.ExperimentDesign {
	return model.ExperimentDesign{
		Name: model.HoldoutExperiment, Vary: model.HoldoutExperiment, Measure: model.MeasureRetention,
		Variants: []model.ExperimentShare{{Name: model.HeldOut, Share: share}, {Name: model.Treated, Share: 1 - share}},
	}
}

// cell is an arm of the holdout of whom some stay, and who spend as much.
func cell(variant, playbook, segment string, assigned, closed, stayed int) model.ExperimentCell {
	outcomes := map[model.ExperimentMeasure]model.ExperimentOutcome{}
	for _, m := range model.ExperimentMeasures() {
		outcomes[m] = model.ExperimentOutcome{Customers: closed, Found: stayed}
	}
	outcomes[model.MeasureRevenue] = model.ExperimentOutcome{
		Customers: closed, Found: stayed, Sum: 50 * float64(stayed), Squares: 2500 * float64(stayed), Raw: 60 * float64(stayed), CutAt: 50,
	}
	return model.ExperimentCell{
		Experiment: model.HoldoutExperiment, Variant: variant, Playbook: playbook, Segment: segment, Assigned: assigned, Outcomes: outcomes,
	}
}

func query() model.ExperimentQuery {
	return proof.Query(noon, model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day}, nil)
}

func report(t *testing.T, share float64, cells ...model.ExperimentCell) model.Experiment {
	t.Helper()
	r, err := proof.Report([]model.ExperimentDesign{holdoutDesign(share)}, model.ExperimentCells{End: noon, Cells: cells}, query(), 0.05)
	if err != nil || len(r.Experiments) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	return r.Experiments[0]
}

func find(t *testing.T, e model.Experiment, m model.ExperimentMeasure, part, of string) model.ExperimentComparison {
	t.Helper()
	for _, c := range e.Comparisons {
		if c.Measure == m && c.Part == part && c.Of == of {
			return c
		}
	}
	t.Fatalf("no comparison of %s by %s %s", m, part, of)
	return model.ExperimentComparison{}
}

func TestPartsAddUpAndShareTheError(t *testing.T) {
	e := report(t, 0.1,
		cell(model.HeldOut, "passive", "passive", 400, 400, 160), cell(model.HeldOut, "detractor", "detractor", 610, 600, 180),
		cell(model.Treated, "passive", "passive", 3600, 3600, 1440), cell(model.Treated, "detractor", "detractor", 5400, 5300, 2650))
	spent := 0.0
	for _, c := range e.Comparisons {
		spent += c.Error
	}
	if spent > proof.Error || spent < 0.9*proof.Error {
		t.Errorf("the comparisons spend %g", spent)
	}
	all := find(t, e, model.MeasureRetention, "all", "")
	if !all.Decides || all.ControlCustomers != 1000 || all.Customers != 8900 || all.Waiting != 110 || all.Error != proof.Error/4 || all.Verdict != "proven_better" {
		t.Errorf("all: %+v", all)
	}
	for part, want := range map[string]string{"detractor": "proven_better", "passive": "not_yet_provable"} {
		for _, kind := range []string{"segment", "playbook"} {
			if c := find(t, e, model.MeasureRetention, kind, part); c.Verdict != want || c.Decides {
				t.Errorf("%s %s: %+v", kind, part, c)
			}
		}
	}
	revenue := find(t, e, model.MeasureRevenue, "all", "")
	if math.Abs(*revenue.Value-50*4090.0/8900) > 1e-9 || revenue.Verdict != "proven_better" || !strings.Contains(revenue.Says, "a customer") {
		t.Errorf("revenue: %+v", revenue)
	}
	if c := find(t, e, model.MeasureRetention, "segment", "promoter"); c.Verdict != "no_data" || c.Value != nil {
		t.Errorf("nobody: %+v", c)
	}
}

// What a playbook has proven stays proven when others bring in customers too.
func TestAnotherPlaybookTakesNoErrorFromAnyComparison(t *testing.T) {
	at := func(day int, cells ...model.ExperimentCell) []model.ExperimentCell {
		for i := range cells {
			cells[i].First = noon.Add(time.Duration(day-200) * model.Day)
		}
		return cells
	}
	begun := slices.Concat(
		at(0, cell(model.HeldOut, "passive", "passive", 400, 400, 160), cell(model.Treated, "passive", "passive", 3600, 3600, 1800)),
		at(0, cell(model.HeldOut, "risk", "", 300, 300, 90), cell(model.Treated, "risk", "", 2700, 2700, 1350)),
		at(2, cell(model.HeldOut, "detractor", "detractor", 610, 600, 180), cell(model.Treated, "detractor", "detractor", 5400, 5300, 2650)))
	before := report(t, 0.1, begun...)
	after := report(t, 0.1, append(at(3, cell(model.HeldOut, "cart", "promoter", 1, 0, 0), cell(model.Treated, "cart", "promoter", 9, 0, 0)), begun...)...)
	for _, c := range before.Comparisons {
		if c.Part == "all" || c.Of == "promoter" { // The ten are of these too.
			continue
		}
		if diff := cmp.Diff(c, find(t, after, c.Measure, c.Part, c.Of)); diff != "" {
			t.Errorf("%s %s by %s (-before +after):\n%s", c.Part, c.Of, c.Measure, diff)
		}
	}
	first, second, last := find(t, after, model.MeasureRetention, "playbook", "passive"), find(t, after, model.MeasureRetention, "playbook", "risk"),
		find(t, after, model.MeasureRetention, "playbook", "cart")
	if !(first.Error > second.Error && second.Error > last.Error && last.Error > 0) {
		t.Errorf("errors %g, %g, %g", first.Error, second.Error, last.Error)
	}
}

// Where only one of four has a contract, one of four more has an outcome.
func TestWhoHasNoOutcomeIsCountedApart(t *testing.T) {
	of := func(variant string, assigned, closed, stayed, without int) model.ExperimentCell {
		c := cell(variant, "p", "", assigned, closed, stayed)
		c.Outcomes[model.MeasureRetention] = model.ExperimentOutcome{Customers: closed, Found: stayed, Without: without}
		return c
	}
	c := find(t, report(t, 0.5, of(model.HeldOut, 2000, 500, 250, 1500), of(model.Treated, 2000, 500, 250, 1500)), model.MeasureRetention, "all", "")
	if c.Waiting != 0 || c.Without != 3000 || *c.More != 4*(*c.Needs-1000) {
		t.Errorf("%+v, needs %d, more %d", c, *c.Needs, *c.More)
	}
	c = find(t, report(t, 0.5, of(model.HeldOut, 2400, 500, 250, 1500), of(model.Treated, 2400, 500, 250, 1500)), model.MeasureRetention, "all", "")
	if c.Waiting != 800 || *c.More != 4*(*c.Needs-1000)-800 {
		t.Errorf("%+v, needs %d, more %d", c, *c.Needs, *c.More)
	}
	c = find(t, report(t, 0.5, of(model.HeldOut, 50, 0, 0, 30), of(model.Treated, 50, 0, 0, 30)), model.MeasureRetention, "all", "")
	if c.Waiting != 40 || c.More != nil || !strings.Contains(c.Says, "60 who have no outcome") {
		t.Errorf("%+v", c)
	}
}

func TestWhatIsSaidFitsTheVerdict(t *testing.T) {
	for name, tt := range map[string]struct {
		share float64
		cells []model.ExperimentCell
		want  string
	}{
		"nobody":       {0.1, nil, "nothing is known yet"},
		"all wait":     {0.1, []model.ExperimentCell{cell(model.HeldOut, "p", "", 10, 0, 0), cell(model.Treated, "p", "", 90, 0, 0)}, "100 assigned, no window is over"},
		"few":          {0.1, []model.ExperimentCell{cell(model.HeldOut, "p", "", 10, 10, 4), cell(model.Treated, "p", "", 90, 90, 40)}, "not yet provable, needs about "},
		"enough wait":  {0.1, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 10, 4), cell(model.Treated, "p", "", 27000, 90, 40)}, "needs the outcomes of about "},
		"better":       {0.5, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 3000, 900), cell(model.Treated, "p", "", 3000, 3000, 1500)}, "treated is better: +20.0 points ("},
		"worse":        {0.5, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 3000, 1500), cell(model.Treated, "p", "", 3000, 3000, 900)}, "treated is worse: -20.0 points ("},
		"no effect":    {0.5, []model.ExperimentCell{cell(model.HeldOut, "p", "", 30000, 30000, 9000), cell(model.Treated, "p", "", 30000, 30000, 9000)}, "a gain of 5 points is ruled out; so far +0.0 points ("},
		"odd shares":   {0.1, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 3000, 900), cell(model.Treated, "p", "", 7000, 7000, 4000)}, "the arms did not get their shares"},
		"no more held": {0, []model.ExperimentCell{cell(model.Treated, "p", "", 7000, 7000, 4000)}, "nothing is known yet"},
	} {
		if c := find(t, report(t, tt.share, tt.cells...), model.MeasureRetention, "all", ""); !strings.Contains(c.Says, tt.want) {
			t.Errorf("%s: said %q, want %q", name, c.Says, tt.want)
		}
	}
}

// What has ended needs nobody more; what it proved stays.
func TestAnEndedExperimentAsksForNobodyMore(t *testing.T) {
	ended := holdoutDesign(0.5)
	ended.Ended = &noon
	for want, stayed := range map[string]int{"ended, not proven; so far +1.0 points (": 510, "ended, treated is better: +40.0 points (": 900} {
		cells := []model.ExperimentCell{cell(model.HeldOut, "p", "", 1010, 1000, 500), cell(model.Treated, "p", "", 1010, 1000, stayed)}
		r, err := proof.Report([]model.ExperimentDesign{ended}, model.ExperimentCells{End: noon, Cells: cells}, query(), 0.05)
		if err != nil {
			t.Fatal(err)
		}
		c := find(t, r.Experiments[0], model.MeasureRetention, "all", "")
		if !strings.HasPrefix(c.Says, want) || !strings.HasSuffix(c.Says, "; the window of 20 is not over") || c.Needs != nil || c.More != nil {
			t.Errorf("%q, needs %v, more %v", c.Says, c.Needs, c.More)
		}
	}
}

// What a treated customer costs is what treatment added, and known only where
// every message's cost is.
func TestTheContactsOfAnEffectAreThoseBeyondTheHeldOut(t *testing.T) {
	designs := []model.ExperimentDesign{holdoutDesign(0.5)}
	of := func(variant string, found int, m model.ExperimentMessages) model.ExperimentCell {
		return model.ExperimentCell{
			Experiment: model.HoldoutExperiment, Variant: variant, Assigned: 1000, Messages: m,
			Outcomes: map[model.ExperimentMeasure]model.ExperimentOutcome{model.MeasureRetention: {Customers: 1000, Found: found}},
		}
	}
	for name, c := range map[string]struct {
		held, treated model.ExperimentMessages
		contacts      float64
		cost          *float64
	}{
		"all costs told":        {model.ExperimentMessages{Customers: 1000, Sent: 500, Costed: 500, Cost: 100}, model.ExperimentMessages{Customers: 1000, Sent: 2500, Costed: 2500, Cost: 1600}, 2, new(1.5)},
		"a cost is missing":     {model.ExperimentMessages{Customers: 1000, Sent: 500, Costed: 500, Cost: 100}, model.ExperimentMessages{Customers: 1000, Sent: 2500, Costed: 2499, Cost: 1600}, 2, nil},
		"nothing was reported":  {model.ExperimentMessages{Customers: 1000}, model.ExperimentMessages{Customers: 1000}, 0, new(0.0)},
		"the held out got more": {model.ExperimentMessages{Customers: 1000, Sent: 900, Costed: 900, Cost: 90}, model.ExperimentMessages{Customers: 1000, Sent: 800, Costed: 800, Cost: 80}, 0, new(0.0)},
	} {
		t.Run(name, func(t *testing.T) {
			cells := model.ExperimentCells{Cells: []model.ExperimentCell{of(model.HeldOut, 500, c.held), of(model.Treated, 700, c.treated)}}
			got, measured, err := proof.Effect(designs, cells, proof.Query(noon, model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day}, nil), 0.05)
			if err != nil || !measured {
				t.Fatalf("%v, %v", measured, err)
			}
			if got.Contacts != c.contacts || (got.ContactsCost == nil) != (c.cost == nil) || c.cost != nil && *got.ContactsCost != *c.cost {
				t.Errorf("%v contacts at %v, want %v at %v", got.Contacts, got.ContactsCost, c.contacts, c.cost)
			}
		})
	}
}

func TestAnEffectNeedsOutcomesAndRightShares(t *testing.T) {
	for name, tt := range map[string]struct {
		designs          []model.ExperimentDesign
		cells            []model.ExperimentCell
		measured, proven bool
	}{
		"no holdout":  {nil, nil, false, false},
		"nobody":      {[]model.ExperimentDesign{holdoutDesign(0.1)}, nil, false, false},
		"odd shares":  {[]model.ExperimentDesign{holdoutDesign(0.1)}, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 3000, 900), cell(model.Treated, "p", "", 7000, 7000, 4000)}, false, false},
		"not proven":  {[]model.ExperimentDesign{holdoutDesign(0.1)}, []model.ExperimentCell{cell(model.HeldOut, "p", "", 300, 300, 150), cell(model.Treated, "p", "", 2700, 2700, 1400)}, false, false},
		"no effect":   {[]model.ExperimentDesign{holdoutDesign(0.5)}, []model.ExperimentCell{cell(model.HeldOut, "p", "", 30000, 30000, 9000), cell(model.Treated, "p", "", 30000, 30000, 9000)}, true, false},
		"by a third":  {[]model.ExperimentDesign{holdoutDesign(0.1)}, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 3000, 1200), cell(model.Treated, "p", "", 27000, 27000, 16200)}, true, true},
		"but few yet": {[]model.ExperimentDesign{holdoutDesign(0.1)}, []model.ExperimentCell{cell(model.HeldOut, "p", "", 3000, 40, 16), cell(model.Treated, "p", "", 27000, 360, 216)}, false, false},
	} {
		e, ok, err := proof.Effect(tt.designs, model.ExperimentCells{Cells: tt.cells}, query(), 0.05)
		if err != nil || ok != tt.measured || e.Proven != tt.proven {
			t.Errorf("%s: %+v, %v, %v", name, e, ok, err)
		}
		if name == "by a third" && (math.Abs(e.Reduction.Value-0.2) > 1e-12 || math.Abs(e.Relative.Value-1.0/3) > 1e-12 ||
			!(e.Reduction.Low < 0.2 && 0.2 < e.Reduction.High) || !(e.Relative.Low > 0 && e.Relative.Low < 1.0/3 && e.Relative.High > 1.0/3)) {
			t.Errorf("%s: %+v, relative %+v", name, e, e.Relative)
		}
	}
}
