package scoring_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/scoring"
)

// FuzzDecode takes anything at all for a model file: it is a fault of kind invalid, or
// a model that is written and read again as it is, and that gives everybody a
// probability.
func FuzzDecode(f *testing.F) {
	whole, err := (&scoring.File{Format: 2, Definition: "inactivity", HorizonDays: 90, LookbackDays: 365, Risk: scoring.RiskPart{Level: 0.9, Predictor: &additive.Predictor{
		Base: -1, Calibration: additive.Calibration{Slope: 0.9, Intercept: 0.1, SlopeVariance: 0.01},
		Terms: []additive.Term{
			{Name: "late_90d", Kind: additive.Numeric, Knots: []float64{0, 1, 2}, Values: []float64{-0.1, 0, 2}},
			{Name: "channel", Kind: additive.Category, Levels: []string{"app", "web"}, Values: []float64{0.1, -0.1}, Other: 0.2, Missing: 0.3},
		},
		Uncertainty: additive.Uncertainty{Factor: [][]float64{{1, 2, 3}}},
	}}}).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	for _, change := range [][2]string{
		{`"format": 2`, `"format": 3`}, {`"base": -1`, `"base": 1e308`}, {`"slope": 0.9`, `"slope": -1`}, {`"factor"`, `"factor_"`}, {`"numeric"`, `"none"`}, {`"web"`, `"a"`},
	} {
		f.Add(bytes.Replace(whole, []byte(change[0]), []byte(change[1]), 1))
	}
	simple := strings.NewReplacer(`"factor"`, `"factor_"`).Replace(string(whole))
	f.Add([]byte(simple))
	for _, text := range []string{"", "{", "null", "[]", `{"format": 2}`, `{"format": 2, "risk": {"predictor": {}}}`, `{"format": 2, "risk": {"predictor": {"calibration": {"slope": 1}, "terms": [null]}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		file, err := scoring.Decode(input)
		if err != nil {
			if model.KindOf(err) != model.KindInvalid {
				t.Fatalf("kind %s of %v", model.KindOf(err), err)
			}
			return
		}
		first, err := file.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := scoring.Decode(first)
		if err != nil {
			t.Fatalf("what was read can't be read again: %v", err)
		}
		if second, err := again.Encode(); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("it changes in writing: %v\n%s\n%s", err, first, second)
		}
		if p := file.Risk.Predictor; p != nil {
			checkPredictor(t, p)
		}
	})
}

// checkPredictor asks that customers of all sorts have a probability.
func checkPredictor(t *testing.T, p *additive.Predictor) {
	t.Helper()
	for _, value := range []additive.Value{{}, {Number: math.NaN()}, {Number: math.Inf(-1), Level: "web"}, {Number: math.Inf(1), Level: "x"}, {Number: 1.5, Level: "app"}} {
		row := make(additive.Row, len(p.Terms))
		for i := range row {
			row[i] = value
		}
		low, high := p.Interval(row, 0.9)
		for _, got := range []float64{p.Probability(row), low, high} {
			if !(got >= 0 && got <= 1) {
				t.Fatalf("%+v has probability %v in [%v, %v]", value, p.Probability(row), low, high)
			}
		}
		if got := p.Contributions(row, nil); len(got) != len(p.ContributionNames()) {
			t.Fatalf("%d contributions of %d names", len(got), len(p.ContributionNames()))
		}
	}
}
