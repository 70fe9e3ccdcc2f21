package proof_test

import (
	"math"
	"strings"
	"testing"
	"time"

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
	if math.Abs(spent-proof.Error) > 1e-12 {
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
