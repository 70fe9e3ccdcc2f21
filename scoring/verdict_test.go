package scoring_test

import (
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// good is an evaluation that nothing speaks against.
func good() model.Evaluation {
	return model.Evaluation{
		Cutoffs: []model.CutoffEvaluation{{N: 200, BaseRate: 0.4}, {N: 200, BaseRate: 0.4}},
		Mean: model.Measures{
			ROCAUC: 0.75, Brier: 0.20,
			Calibration: model.CalibrationError{Slope: new(1.0), SlopeStandardError: new(0.05)},
		},
		Baselines: []model.Baseline{
			{Name: "recency", Mean: model.Measures{ROCAUC: 0.68, Brier: 0.23}},
			{Name: "majority", Mean: model.Measures{ROCAUC: 0.5, Brier: 0.25}},
		},
	}
}

func TestTheVerdict(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*model.Evaluation)
		verdict model.Verdict
		reason  string
		usable  bool
	}{
		{"a model better than recency is activated", func(*model.Evaluation) {}, model.Activate, "", true},
		{"a worse ranking is held", func(e *model.Evaluation) { e.Mean.ROCAUC = 0.67 }, model.Hold, "ROC-AUC", true},
		{"a worse Brier score is held", func(e *model.Evaluation) { e.Mean.Brier = 0.24 }, model.Hold, "Brier", true},
		{"worse than the base rate is not even a first model", func(e *model.Evaluation) { e.Mean.Brier = 0.26 }, model.Hold, "base rate", false},
		{"an overconfident model is held", func(e *model.Evaluation) { e.Mean.Calibration.Slope = new(0.4) }, model.Hold, "slope", true},
		{"a slope that may be right is not", func(e *model.Evaluation) {
			e.Mean.Calibration.Slope, e.Mean.Calibration.SlopeStandardError = new(0.5), new(0.1)
		}, model.Activate, "", true},
		{"a slope that does not exist only warns", func(e *model.Evaluation) {
			e.Mean.Calibration.Slope, e.Mean.Calibration.SlopeStandardError = nil, nil
		}, model.Activate, "", true},
		{"hardly anybody who stayed only warns", func(e *model.Evaluation) { e.Cutoffs[0].BaseRate, e.Cutoffs[1].BaseRate = 0.99, 0.99 }, model.Activate, "", true},
		{"a gap in level only warns", func(e *model.Evaluation) { e.Mean.Calibration.Level = 0.2 }, model.Activate, "", true},
		{"what could not be tested is held", func(e *model.Evaluation) { e.Cutoffs = nil }, model.Hold, "not validated", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := good()
			c.change(&e)
			usable := scoring.Usable(&e)
			scoring.Judge(&e)
			if e.Verdict != c.verdict || usable != c.usable {
				t.Errorf("verdict %s, usable %v: want %s, %v", e.Verdict, usable, c.verdict, c.usable)
			}
			if reasons := strings.Join(e.Reasons, "; "); !strings.Contains(reasons, c.reason) || (c.reason == "") != (reasons == "") {
				t.Errorf("reasons %q, want one of %q", reasons, c.reason)
			}
			if c.verdict == model.Activate && strings.Contains(c.name, "warns") && len(e.Warnings) == 0 {
				t.Error("no warning")
			}
		})
	}
}

func TestAModelFileOfAnotherFormatIsRefused(t *testing.T) {
	_, err := scoring.Decode([]byte(`{"format": 99}`))
	if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), "format 99") {
		t.Errorf("%v", err)
	}
	if _, err := scoring.Decode([]byte(`{`)); model.KindOf(err) != model.KindInvalid {
		t.Errorf("%v", err)
	}
}
