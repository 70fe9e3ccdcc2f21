package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/report"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/scoring"
)

// hostile is a level that would be markup if it were not escaped.
const hostile = `<script>x</script>`

// evaluated is a report with everything that a page shows.
func evaluated() report.Input {
	version := 7
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	measures := model.Measures{
		ROCAUC: 0.756, PRAUC: 0.7, Brier: 0.2015, Lift: map[string]float64{"5": 1.7, "10": 1.6, "20": 1.5},
		Gain: map[string]float64{"5": 0.08, "10": 0.16, "20": 0.3},
	}
	naive := 0.4
	return report.Input{
		Evaluation: model.Evaluation{
			Model: &version, Definition: model.Inactivity, HorizonDays: 90, Verdict: model.Activate, Mean: measures,
			Cutoffs: []model.CutoffEvaluation{
				{AsOf: at, N: 300, TrainRows: 900, BaseRate: 0.4, Measures: measures, ROCAUCInterval: model.Span{Low: 0.72, High: 0.79}},
				{AsOf: at.AddDate(0, 1, 0), N: 310, TrainRows: 1200, BaseRate: 0.42, Measures: measures, ROCAUCInterval: model.Span{Low: 0.71, High: 0.78}},
			},
			Baselines: []model.Baseline{{Name: "recency", Mean: measures, Difference: &model.Span{Low: 0.01, High: 0.05}}},
			Curves: &model.Curves{
				Reliability: []model.ReliabilityBin{
					{Predicted: 0.1, Observed: 0.12, Low: 0.08, High: 0.17, N: 300, Customers: 200},
					{Predicted: 0.7, Observed: 0.66, Low: 0.6, High: 0.72, N: 310, Customers: 210},
				},
				Gains: []model.GainPoint{{Share: 0.5, Gain: 0.7, Recency: &naive, Perfect: 1}, {Share: 1, Gain: 1, Recency: &naive, Perfect: 1}},
			},
			Cohorts:  []model.CohortEvaluation{{Dimension: "region", Cohort: hostile, N: 40}},
			Warnings: []string{"season unknown"},
		},
		File: &scoring.File{
			CodeVersion: "v1", DataHash: "abc", AsOf: at,
			Risk:       scoring.RiskPart{Rows: 900, Customers: 300, Features: []model.Feature{{Name: "recency_days", Label: "days since the last order", Unit: "days", Family: model.Rhythm}, {Name: "region", Label: "region", Levels: true}}, Predictor: predictor()},
			PainPoints: scoring.PainPointPart{Weights: []model.PainPointWeight{{Name: "late_delivery", Label: "late delivery", ChurnLogOdds: &estimate.Estimate{Value: 0.4, Low: 0.1, High: 0.7}}}},
			Drift:      model.DriftReport{Status: model.PartStatus{Status: "ok"}, CycleDays: 30, States: map[model.DriftState]int{model.Drifting: 12}},
			Warnings:   []string{"season unknown", "few rows"},
		},
	}
}

func predictor() *additive.Predictor {
	return &additive.Predictor{
		Base: -0.4, Calibration: additive.NoCalibration(),
		Terms: []additive.Term{
			{Name: "recency_days", Kind: additive.Numeric, Knots: []float64{1, 30, 200}, Values: []float64{-0.5, 0, 0.8}, Spread: 0.5},
			{Name: "region", Kind: additive.Category, Levels: []string{hostile, "north"}, Values: []float64{0.2, -0.2}, Spread: 0.2},
		},
		Pairs: []additive.Pair{{
			First:  additive.Axis{Term: "recency_days", Kind: additive.Numeric, Cuts: []float64{45}},
			Second: additive.Axis{Term: "region", Kind: additive.Category, Levels: []string{"north"}},
			Values: [][]float64{{0.1, -0.1, 0}, {-0.1, 0.1, 0}, {0, 0, 0}}, Weights: [][]float64{{9, 9, 0}, {9, 9, 0}, {0, 0, 0}}, Spread: 0.1,
		}},
	}
}

func written(t *testing.T, in report.Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePageHoldsWhatTheReportTells(t *testing.T) {
	got := html.UnescapeString(written(t, evaluated()))
	for _, want := range []string{
		"model 7", "0.756", "0.2015", "2026-03-01", "recency alone", "days since the last order", "late delivery",
		"+0.40 [+0.10, +0.70]", "drifting", "season unknown", "few rows", "below 45", "+0.10", "abc", "verdict activate",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := strings.Count(got, "season unknown"); n != 1 {
		t.Errorf("a warning stands %d times", n)
	}
	if charts := strings.Count(got, "<svg"); charts != 5 {
		t.Errorf("%d charts, want calibration, gains, ranking and two shapes", charts)
	}
}

func TestThePageNeedsNothingElse(t *testing.T) {
	got := written(t, evaluated())
	// Names of XML vocabularies look like addresses, but nothing is fetched from them.
	plain := regexp.MustCompile(`xmlns(:\w+)?="[^"]*"`).ReplaceAllString(got, "")
	for _, denied := range []string{"<script", "src=", "href=", "http:", "https:", "@import", "url("} {
		if strings.Contains(plain, denied) {
			t.Errorf("the page holds %q", denied)
		}
	}
	if !strings.Contains(got, "&lt;script&gt;x") {
		t.Error("the hostile level is not shown at all")
	}
}

func TestEveryChartIsWellFormed(t *testing.T) {
	got := written(t, evaluated())
	for i, chart := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(got, -1) {
		d := xml.NewDecoder(strings.NewReader(chart))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("chart %d: %v", i, err)
			}
		}
		if strings.Contains(chart, "NaN") || strings.Contains(chart, "Inf") {
			t.Errorf("chart %d is drawn with numbers that are none", i)
		}
	}
}

func TestTheSameReportGivesTheSameBytes(t *testing.T) {
	first := written(t, evaluated())
	if again := written(t, evaluated()); again != first {
		t.Error("two pages of one report differ")
	}
}

func TestWhatIsNotKnownIsSaid(t *testing.T) {
	in := report.Input{Evaluation: model.Evaluation{Definition: model.Inactivity, HorizonDays: 90, Verdict: model.Hold, Reasons: []string{"not validated"}}}
	got := written(t, in)
	for _, want := range []string{"No cutoff could be tested", "not validated", "verdict hold"} {
		if !strings.Contains(got, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(got, "What hurts") {
		t.Error("a test without a stored model shows weights")
	}
}
