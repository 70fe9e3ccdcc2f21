package duckdb_test

import (
	"context"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/btyd"
)

// terms are the features of the tests' predictors: numbers with and without
// gaps, and words.
func termFeatures(t *testing.T) []model.Feature {
	t.Helper()
	var out []model.Feature
	for _, name := range []string{
		"recency_days", "gap_mean_days", "orders_90d", "satisfaction_index", "spend_change_60d", "order_drift",
		"channel", "region", "plan", "late_delivery_90d",
	} {
		f, ok := model.FeatureOf(model.Inactivity, name)
		if !ok {
			t.Fatalf("no feature %s", name)
		}
		out = append(out, f)
	}
	return out
}

// drawPredictor draws a predictor over features.
func drawPredictor(r *rapid.T, features []model.Feature) *additive.Predictor {
	value := rapid.Float64Range(-2, 2)
	p := &additive.Predictor{
		Base: value.Draw(r, "base"), SeasonVariance: rapid.Float64Range(0, 0.1).Draw(r, "season"),
		Calibration: additive.Calibration{
			Slope: rapid.Float64Range(0.3, 2).Draw(r, "slope"), Intercept: value.Draw(r, "intercept"),
			SlopeVariance: 0.01, InterceptVariance: 0.02, Covariance: rapid.Float64Range(-0.01, 0.01).Draw(r, "covariance"),
		},
	}
	for _, f := range features {
		p.Terms = append(p.Terms, drawTerm(r, f))
	}
	for _, of := range [][2]int{{0, 2}, {6, 7}, {3, 6}, {8, 1}}[:rapid.IntRange(0, 4).Draw(r, "pairs")] {
		p.Pairs = append(p.Pairs, drawPair(r, features[of[0]], features[of[1]]))
	}
	p.Uncertainty.Remainder = rapid.Float64Range(0, 0.1).Draw(r, "remainder")
	for range rapid.IntRange(0, 4).Draw(r, "rank") {
		row := make([]float64, p.Coefficients())
		for i := range row {
			row[i] = rapid.Float64Range(-0.3, 0.3).Draw(r, "factor")
		}
		p.Uncertainty.Factor = append(p.Uncertainty.Factor, row)
	}
	// As a fit leaves them: some rows end before the pairs, some have zeros up to them.
	for i, row := range p.Uncertainty.Factor {
		terms := p.Coefficients()
		for k := range p.Pairs {
			terms -= p.Pairs[k].First.Cells() * p.Pairs[k].Second.Cells()
		}
		if i%3 == 1 {
			p.Uncertainty.Factor[i] = row[:terms]
		} else if i%3 == 2 {
			clear(row[:terms])
		}
	}
	return p
}

func drawTerm(r *rapid.T, f model.Feature) additive.Term {
	value := rapid.Float64Range(-2, 2)
	t := additive.Term{
		Name: f.Name, Kind: additive.Numeric, Missing: value.Draw(r, "missing"),
		MissingVariance: rapid.Float64Range(0, 0.5).Draw(r, "missing variance"),
	}
	n := rapid.IntRange(1, 6).Draw(r, "knots")
	if f.Levels {
		t.Kind = additive.Category
		t.Levels = []string{"it's", "shop", "south"}[:n%4]
		t.Other, t.OtherVariance = value.Draw(r, "other"), rapid.Float64Range(0, 0.5).Draw(r, "other variance")
		n = len(t.Levels)
	} else {
		at := rapid.Float64Range(-3, 60).Draw(r, "first knot")
		for range n {
			t.Knots = append(t.Knots, at)
			at += rapid.Float64Range(0.01, 30).Draw(r, "span")
		}
	}
	for range n {
		t.Values = append(t.Values, value.Draw(r, "value"))
	}
	return t
}

// drawPair draws a step surface of two features in which some cells were not
// seen; cuts are often at whole numbers, where customers are.
func drawPair(r *rapid.T, first, second model.Feature) additive.Pair {
	p := additive.Pair{
		First: drawAxis(r, first), Second: drawAxis(r, second),
		UnseenVariance: rapid.Float64Range(0, 0.5).Draw(r, "unseen variance"),
	}
	for range p.First.Cells() {
		values, weights := make([]float64, p.Second.Cells()), make([]float64, p.Second.Cells())
		for i := range values {
			values[i] = rapid.Float64Range(-2, 2).Draw(r, "cell")
			weights[i] = float64(rapid.IntRange(0, 2).Draw(r, "rows"))
		}
		p.Values, p.Weights = append(p.Values, values), append(p.Weights, weights)
	}
	return p
}

func drawAxis(r *rapid.T, f model.Feature) additive.Axis {
	if f.Levels {
		n := rapid.IntRange(0, 3).Draw(r, "levels of an axis")
		return additive.Axis{Term: f.Name, Kind: additive.Category, Levels: []string{"it's", "shop", "south"}[:n]}
	}
	a := additive.Axis{Term: f.Name, Kind: additive.Numeric}
	at := float64(rapid.IntRange(-3, 60).Draw(r, "first cut"))
	for range rapid.IntRange(0, 4).Draw(r, "cuts") {
		a.Cuts = append(a.Cuts, at)
		at += rapid.Float64Range(0.01, 30).Draw(r, "width")
	}
	return a
}

// cardOf restates a predictor as the engine takes it.
func cardOf(p *additive.Predictor) model.Scorecard {
	c := model.Scorecard{
		Base: p.Base, Slope: p.Calibration.Slope, Intercept: p.Calibration.Intercept,
		SlopeVariance: p.Calibration.SlopeVariance, InterceptVariance: p.Calibration.InterceptVariance,
		Covariance: p.Calibration.Covariance, SeasonVariance: p.SeasonVariance,
		Factor: p.Uncertainty.Factor, Remainder: p.Uncertainty.Remainder,
		Level: 0.9, Z: 1.6448536269514722, WidestInterval: 2, Bands: model.Bands{Medium: 0.3, High: 0.6},
	}
	for _, t := range p.Terms {
		term := model.ScorecardTerm{
			Feature: t.Name, Knots: t.Knots, Values: t.Values, Other: t.Other, Missing: t.Missing,
			OtherVariance: t.OtherVariance, MissingVariance: t.MissingVariance,
		}
		if t.Kind == additive.Category {
			term.Levels = append([]string{}, t.Levels...)
		}
		c.Terms = append(c.Terms, term)
	}
	for _, pair := range p.Pairs {
		c.Pairs = append(c.Pairs, model.ScorecardPair{
			First:  model.ScorecardAxis{Feature: pair.First.Term, Cuts: pair.First.Cuts, Levels: pair.First.Levels},
			Second: model.ScorecardAxis{Feature: pair.Second.Term, Cuts: pair.Second.Cuts, Levels: pair.Second.Levels},
			Values: pair.Values, Variances: pair.Variances(),
		})
	}
	return c
}

// scoreAll scores the rich shop, publishes, and returns the scores by
// customer.
func scoreAll(ctx context.Context, r rapid.TB, s *duckdb.Store, card model.Scorecard) map[string]model.Score {
	r.Helper()
	summary, err := s.Score(ctx, model.ScoringQuery{
		AsOf: richEnd, ScoredAt: noon, Model: 3, Definition: inactivity(), Features: model.Catalogue(model.Inactivity),
		Parameters: richParameters(), Card: card,
	})
	if err != nil {
		r.Fatal(err)
	}
	if _, err := s.Publish(ctx, summary.Run, noon); err != nil {
		r.Fatal(err)
	}
	scores, err := s.Scores(ctx, model.ScoreQuery{Reasons: -1})
	if err != nil {
		r.Fatal(err)
	}
	out := map[string]model.Score{}
	for _, score := range scores {
		out[score.CustomerID] = score
	}
	return out
}

func TestScoresOfTheEngineAreThoseOfGo(t *testing.T) {
	s, features := openRich(t, 150, 2), termFeatures(t)
	panel, err := s.Panel(t.Context(), model.PanelQuery{
		AsOf: richEnd, Definition: inactivity(), Features: features, Parameters: richParameters(),
	})
	if err != nil {
		t.Fatal(err)
	}
	warehousetest.Check(t, 4, func(r *rapid.T) {
		p := drawPredictor(r, features)
		scores := scoreAll(t.Context(), r, s, cardOf(p))
		for row, customer := range panel.Customers {
			compareScore(r, p, rowOf(panel, row), scores[customer])
		}
	})
}

func rowOf(p *model.Panel, row int) additive.Row {
	x := make(additive.Row, len(p.Features))
	for i := range x {
		if p.Numbers[i] != nil {
			x[i].Number = p.Numbers[i][row]
		} else {
			x[i].Level = p.Levels[i][row]
		}
	}
	return x
}

func compareScore(r *rapid.T, p *additive.Predictor, x additive.Row, got model.Score) {
	if got.ChurnProbability == nil || got.Interval == nil {
		r.Fatalf("no probability: %+v", got)
	}
	low, high := p.Interval(x, 0.9)
	sum := p.BaseLogOdds()
	byName := map[string]model.Contribution{}
	for _, c := range got.Contributions {
		byName[c.Name] = c
		sum += c.LogOdds
	}
	for i, want := range p.Contributions(x, nil) {
		name := p.ContributionNames()[i]
		c, ok := byName[name]
		if !ok || c.Label == "" || c.Family == "" {
			r.Fatalf("%s of %s: no such contribution: %+v", name, got.CustomerID, got.Contributions)
		}
		if !agree(want, c.LogOdds) {
			r.Fatalf("%s of %s: want %v, got %v", c.Name, got.CustomerID, want, c.LogOdds)
		}
	}
	for what, pair := range map[string][2]float64{
		"log-odds":    {p.LogOdds(x), sum},
		"probability": {p.Probability(x), *got.ChurnProbability},
		"low":         {low, got.Interval.Low},
		"high":        {high, got.Interval.High},
	} {
		if !agree(pair[0], pair[1]) {
			r.Fatalf("%s of %s: want %v, got %v", what, got.CustomerID, pair[0], pair[1])
		}
	}
	if want := (model.Bands{Medium: 0.3, High: 0.6}).Of(*got.ChurnProbability); *got.Band != want {
		r.Fatalf("band at %v: want %s, got %s", *got.ChurnProbability, want, *got.Band)
	}
}

func TestAScoreSaysWhatElseIsKnown(t *testing.T) {
	s := openRich(t, 40, 2)
	if err := s.Exec(t.Context(), `
DELETE FROM customers; DELETE FROM orders; DELETE FROM order_items; DELETE FROM responses; DELETE FROM tickets; DELETE FROM events;
INSERT INTO orders BY NAME
SELECT 'o' || n AS order_id, c AS customer_id, TIMESTAMP '2026-03-01' - to_days(d) AS ordered_at, 30 AS amount, x AS cancelled_at,
  p AS promise_ends_at, ordered_at AS known_at, ordered_at AS recorded_at, ordered_at AS settled_at, 0 AS revision, n AS tie, n AS row_hash,
  1 AS load_id, n AS source_line
FROM (VALUES
  (1, 'steady', 40, NULL, NULL), (2, 'steady', 20, NULL, TIMESTAMP '2026-02-20'), (3, 'old', 320, NULL, NULL),
  (4, 'void', 30, TIMESTAMP '2026-02-10', NULL), (5, 'new', 10, NULL, NULL)
) AS t(n, c, d, x, p);
INSERT INTO responses BY NAME
SELECT 'r' || n AS response_id, 'steady' AS customer_id, TIMESTAMP '2026-03-01' - to_days(d) AS answered_at, 'nps' AS kind, score,
  answered_at AS known_at, answered_at AS recorded_at, answered_at AS settled_at, 0 AS revision, n AS tie, n AS row_hash, 1 AS load_id, n AS source_line
FROM (VALUES (1, 30, 9), (2, 5, 6)) AS t(n, d, score)`); err != nil {
		t.Fatal(err)
	}
	scores := scoreAll(t.Context(), t, s, model.Scorecard{
		Slope: 1, Level: 0.9, Z: 1.6448536269514722, WidestInterval: 0.5, Bands: model.Bands{Medium: 0.3, High: 0.6},
		Terms: []model.ScorecardTerm{{Feature: "recency_days", Knots: []float64{0, 40}, Values: []float64{-1, 1}}},
	})
	status := map[string]model.ScoreStatus{
		"steady": model.StatusOK, "new": model.StatusOK, "old": model.StatusNotEligible, "void": model.StatusInsufficientEvidence,
	}
	if len(scores) != len(status) {
		t.Errorf("want %d scores, got %d", len(status), len(scores))
	}
	for customer, want := range status {
		got := scores[customer]
		if got.Status != want || (got.ChurnProbability != nil) != (want == model.StatusOK) || (got.StatusReason == "") != (want == model.StatusOK) {
			t.Errorf("%s: want %s, got %s (%s), probability %v", customer, want, got.Status, got.StatusReason, got.ChurnProbability)
		}
	}
	steady, fresh := scores["steady"], scores["new"]
	if *steady.NPSSegment != "detractor" || *steady.PainIndex != model.AssumedPainPoints || *fresh.PainIndex != 0 {
		t.Errorf("steady: segment %v, pain %v, and %v for new", *steady.NPSSegment, *steady.PainIndex, *fresh.PainIndex)
	}
	if *steady.Percentile != 100 || *fresh.Percentile != 0 {
		t.Errorf("percentiles: want 100 and 0, got %v and %v", *steady.Percentile, *fresh.Percentile)
	}
	rhythm := btyd.Parameters{R: 1.3, Alpha: 61, A: 0.31, B: 3.7}
	for who, h := range map[string]btyd.History{"steady": {Repeats: 1, Last: 20, Age: 40}, "new": {Age: 10}, "old": {Age: 320}} {
		want := richEnd.Add(time.Duration(rhythm.WaitIfAlive(h, 0.5) * float64(model.Day)))
		if got := scores[who].ExpectedNextOrder; got == nil || got.Sub(want).Abs() > time.Millisecond {
			t.Errorf("next order of %s: want %s, got %v", who, want, got)
		}
	}
	// One repeat in 40 + 10 days is the shop's rate, 30 a head its order value; of
	// a gamma of shape 3 for the rate, one order at least.
	orders := 90 * (1.0 + 2) / (40 + 2*50)
	want := 30 * orders / (1 - math.Pow(1+orders/3, -3))
	if !agree(want, *steady.ExpectedValue) || !agree(want**steady.ChurnProbability, *steady.RevenueAtRisk) {
		t.Errorf("value of steady: want %v, got %v, at risk %v", want, *steady.ExpectedValue, *steady.RevenueAtRisk)
	}
	if math.Abs(*steady.SatisfactionIndex-70) > 15 || steady.SatisfactionN != 2 {
		t.Errorf("satisfaction of steady: %v of %d", *steady.SatisfactionIndex, steady.SatisfactionN)
	}
}

func TestAWideIntervalIsNoProbability(t *testing.T) {
	s := openRich(t, 30, 2)
	scores := scoreAll(t.Context(), t, s, model.Scorecard{
		Slope: 1, Level: 0.9, Z: 1.6448536269514722, WidestInterval: 0.5, Remainder: 4, Bands: model.Bands{Medium: 0.3, High: 0.6},
	})
	for _, got := range scores {
		if got.Status == model.StatusOK {
			t.Errorf("%s is ok with an interval of %v", got.CustomerID, got.Interval)
		}
	}
}

func TestACardThatDoesNotFitIsInvalid(t *testing.T) {
	s := openRich(t, 1, 1)
	knots := model.ScorecardTerm{Feature: "recency_days", Knots: []float64{1, 1}, Values: []float64{0, 0}}
	terms := []model.ScorecardTerm{
		{Feature: "recency_days", Knots: []float64{1}, Values: []float64{1}}, {Feature: "channel", Levels: []string{}},
	}
	pair := func(first, second model.ScorecardAxis, rows int) model.Scorecard {
		surface := make([][]float64, rows)
		for i := range surface {
			surface[i] = make([]float64, second.Cells())
		}
		return model.Scorecard{Terms: terms, Pairs: []model.ScorecardPair{{First: first, Second: second, Values: surface, Variances: surface}}}
	}
	recency, channel := model.ScorecardAxis{Feature: "recency_days", Cuts: []float64{1, 2}}, model.ScorecardAxis{Feature: "channel"}
	for name, card := range map[string]model.Scorecard{
		"knots that do not ascend": {Terms: []model.ScorecardTerm{knots}},
		"a factor too short":       {Factor: [][]float64{{}}},
		"an unknown feature":       {Terms: []model.ScorecardTerm{{Feature: "nothing", Knots: []float64{1}, Values: []float64{1}}}},
		"a word for a number":      {Terms: []model.ScorecardTerm{{Feature: "recency_days", Levels: []string{}}}},
		"a pair without a term":    pair(recency, model.ScorecardAxis{Feature: "orders_90d"}, 4),
		"a pair with itself":       pair(recency, recency, 4),
		"a surface too small":      pair(recency, channel, 3),
		"cuts that do not ascend":  pair(model.ScorecardAxis{Feature: "recency_days", Cuts: []float64{1, 1}}, channel, 4),
		"cuts of a word":           pair(model.ScorecardAxis{Feature: "channel", Cuts: []float64{1}}, recency, 3),
		"values without a knot":    {Terms: []model.ScorecardTerm{{Feature: "recency_days", Knots: []float64{1}, Values: []float64{1, 2}}}},
	} {
		_, err := s.Score(t.Context(), model.ScoringQuery{
			AsOf: richEnd, ScoredAt: noon, Definition: inactivity(), Features: model.Catalogue(model.Inactivity), Card: card,
		})
		if model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: want an invalid card, got %v", name, err)
		}
	}
}
