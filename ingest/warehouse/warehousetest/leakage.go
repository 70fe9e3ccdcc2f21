package warehousetest

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// nothingLeaks draws a shop, looks at it as of t, changes everything that
// happened or became known at t or later, and looks again: not one bit may
// have moved.
func nothingLeaks(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	e.check(t, func(r *rapid.T) {
		asOf := cutoff(r)
		look := drawLook(r, asOf)
		facts := shop(r, asOf)
		e.replace(t.Context(), r, w, facts)
		want := look.at(t.Context(), r, w)
		for range 2 {
			e.replace(t.Context(), r, w, anotherFuture(r, facts, asOf))
			if diff := cmp.Diff(want, look.at(t.Context(), r, w), sameBits()); diff != "" {
				r.Fatalf("as of %s the future shows (-before +after):\n%s", asOf, diff)
			}
		}
	})
}

// labelsEndWithTheHorizon is the same for labels: they are read as of the end
// of their horizon.
func labelsEndWithTheHorizon(t *testing.T, e FactEngine) {
	t.Helper()
	w := e.open(t)
	e.check(t, func(r *rapid.T) {
		end := cutoff(r)
		facts := shop(r, end)
		definition := drawDefinition(r)
		look := func() []any {
			p, err := w.Panel(t.Context(), model.PanelQuery{AsOf: end.Add(-definition.Horizon), Definition: definition, Labels: true})
			if err != nil {
				r.Fatal(err)
			}
			c, err := w.Cycles(t.Context(), model.CyclesQuery{AsOf: end.Add(-definition.Horizon), Definition: definition, CycleDays: 30, Labels: true})
			if err != nil {
				r.Fatal(err)
			}
			return []any{p, c}
		}
		e.replace(t.Context(), r, w, facts)
		want := look()
		e.replace(t.Context(), r, w, anotherFuture(r, facts, end))
		if diff := cmp.Diff(want, look(), sameBits()); diff != "" {
			r.Fatalf("labels up to %s show what came later (-before +after):\n%s", end, diff)
		}
	})
}

func cutoff(r *rapid.T) time.Time {
	t := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if rapid.IntRange(0, 3).Draw(r, "not midnight") == 0 {
		t = t.Add(time.Duration(rapid.Int64Range(0, 86_399_999_999).Draw(r, "microsecond")) * time.Microsecond)
	}
	return t
}

func drawDefinition(r *rapid.T) model.Definition {
	return model.Definition{
		Kind:     rapid.SampledFrom([]model.DefinitionKind{model.Inactivity, model.Inactivity, model.Cancellation}).Draw(r, "definition"),
		Horizon:  90 * model.Day,
		Lookback: time.Duration(rapid.SampledFrom([]int{60, 365}).Draw(r, "lookback")) * model.Day,
	}
}

// look is a set of questions about one instant.
type look struct {
	asOf       time.Time
	definition model.Definition
	// features are those that are scored.
	features   []model.Feature
	parameters model.FeatureParameters
	card       model.Scorecard
	// most bounds the purchase histories, 0 for all.
	most int
}

// seen is what a look shows.
type seen struct {
	Panel     *model.Panel
	Cycles    []model.Cycles
	Left      []model.Departure
	Answers   []model.Answer
	Purchases []model.PurchaseHistory
	Detectors []model.Detector
	Themes    []model.ThemeWeek
	History   model.History
	Quality   model.QualityFacts
	Known     []bool
	Evidence  [][]model.Evidence
	Hotspots  []model.HotspotCounts
	Overlaps  [][]int64
	Summary   model.ScoringSummary
	Scores    []model.Score
	Cohorts   []model.CohortRow
	Turnout   model.Turnout
	Signals   []model.Signal
	Concerned []model.RetentionCustomer
}

func drawLook(r *rapid.T, asOf time.Time) look {
	l := look{asOf: asOf, definition: drawDefinition(r), parameters: drawParameters(r), most: rapid.IntRange(0, 3).Draw(r, "most")}
	all := model.WithPainPoints(model.Catalogue(l.definition.Kind), ownPainPoints())
	l.features = rapid.SliceOfNDistinct(rapid.SampledFrom(all), 8, 12, func(f model.Feature) string { return f.Name }).Draw(r, "features")
	l.card = drawCard(r, l.features)
	return l
}

func drawParameters(r *rapid.T) model.FeatureParameters {
	p := model.FeatureParameters{
		Satisfaction: model.SatisfactionParameters{
			Offset:       map[string]float64{"nps": rapid.Float64Range(-9, 9).Draw(r, "offset")},
			HalfLifeDays: rapid.Float64Range(0, 400).Draw(r, "half-life"), Mean: rapid.Float64Range(0, 100).Draw(r, "mean"),
			Within: rapid.Float64Range(1, 900).Draw(r, "within"), PriorAnswers: rapid.Float64Range(0.1, 9).Draw(r, "prior"),
			Dimension: rapid.SampledFrom([]string{"channel", "region", "tier"}).Draw(r, "dimension"),
			Cohorts:   map[string]float64{"web": 70.5, "it's": 41, "north": 66, "gold": 81.25}, Rest: new(58.25),
		},
		Drift: model.DriftParameters{
			CycleDays: rapid.SampledFrom([]int{20, 30}).Draw(r, "cycle"), Level: rapid.Float64Range(0.5, 3).Draw(r, "level"),
			Prior: rapid.Float64Range(0, 9).Draw(r, "prior cycles"), Dispersion: rapid.Float64Range(1, 3).Draw(r, "dispersion"),
			Gap: rapid.Float64Range(1, 60).Draw(r, "gap"), GapPrior: rapid.Float64Range(0, 9).Draw(r, "prior gaps"), GapDispersion: 0.8,
			Shift:     [2]float64{rapid.Float64Range(-5, 5).Draw(r, "shift"), 1},
			Threshold: -rapid.Float64Range(0, 3).Draw(r, "threshold"), Depth: 1,
		},
	}
	p.Purchases = drawPurchases(r)
	for i := range p.Drift.Movement {
		p.Drift.Movement[i] = rapid.Float64Range(0.5, 2).Draw(r, "movement")
	}
	return p
}

// drawPurchases draws a rhythm of orders: none, one without dropout, or one
// with a few classes of it.
func drawPurchases(r *rapid.T) model.PurchaseParameters {
	kind := rapid.IntRange(0, 3).Draw(r, "rhythm")
	if kind == 0 {
		return model.PurchaseParameters{}
	}
	p := model.PurchaseParameters{
		R: rapid.Float64Range(0.1, 5).Draw(r, "r"), Alpha: rapid.Float64Range(1, 200).Draw(r, "alpha"),
		Dropout: []model.DropoutClass{{Weight: 1}},
	}
	if kind > 1 {
		p.P, p.Q, p.V = rapid.Float64Range(1, 6).Draw(r, "p"), rapid.Float64Range(1.5, 6).Draw(r, "q"), 40
		p.A, p.B = rapid.Float64Range(0.1, 3).Draw(r, "a"), rapid.Float64Range(0.1, 9).Draw(r, "b")
		p.Dropout = []model.DropoutClass{{Probability: 0.01, Weight: 0.5}, {Probability: 0.3, Weight: 0.4}, {Probability: 0.9, Weight: 0.1}}
	}
	return p
}

// drawCard draws a predictor over a few of the features.
func drawCard(r *rapid.T, features []model.Feature) model.Scorecard {
	c := model.Scorecard{
		Base: rapid.Float64Range(-2, 2).Draw(r, "base"), Slope: rapid.Float64Range(0.5, 1.5).Draw(r, "slope"),
		Intercept: rapid.Float64Range(-1, 1).Draw(r, "intercept"), InterceptVariance: 0.01, Covariance: 0.002,
		SlopeVariance: 0.003, SeasonVariance: 0.004, Remainder: 0.005, Level: 0.9, Z: 1.6448536269514722,
		WidestInterval: rapid.Float64Range(0.1, 0.9).Draw(r, "widest"), Bands: model.Bands{Medium: 0.3, High: 0.6},
	}
	for _, f := range features[:min(len(features), 5)] {
		c.Terms = append(c.Terms, drawTerm(r, f))
	}
	c.Pairs = append(c.Pairs, drawPair(r, c.Terms[0], c.Terms[1]), drawPair(r, c.Terms[2], c.Terms[0]))
	for range rapid.IntRange(0, 3).Draw(r, "rank") {
		row := make([]float64, c.Slots())
		for i := range row {
			row[i] = rapid.Float64Range(-0.5, 0.5).Draw(r, "factor")
		}
		c.Factor = append(c.Factor, row)
	}
	return c
}

func drawTerm(r *rapid.T, f model.Feature) model.ScorecardTerm {
	value := rapid.Float64Range(-2, 2)
	t := model.ScorecardTerm{
		Feature: f.Name, Missing: value.Draw(r, "missing"), MissingVariance: rapid.Float64Range(0, 1).Draw(r, "missing variance"),
	}
	if f.Levels {
		t.Levels = []string{}
		t.Levels = append(t.Levels, rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"north", "web", "gold", "it's", "stable"}), 0, 3, rapid.ID[string]).Draw(r, "levels")...)
		t.Other, t.OtherVariance = value.Draw(r, "other"), 0.1
		t.Values = make([]float64, len(t.Levels))
	} else {
		at := rapid.Float64Range(-5, 20).Draw(r, "first knot")
		for range rapid.IntRange(1, 5).Draw(r, "knots") {
			t.Knots = append(t.Knots, at)
			at += rapid.Float64Range(0.5, 40).Draw(r, "span")
		}
		t.Values = make([]float64, len(t.Knots))
	}
	for i := range t.Values {
		t.Values[i] = value.Draw(r, "value")
	}
	return t
}

// drawPair draws what two terms say together.
func drawPair(r *rapid.T, first, second model.ScorecardTerm) model.ScorecardPair {
	p := model.ScorecardPair{
		First:  model.ScorecardAxis{Feature: first.Feature, Cuts: first.Knots, Levels: first.Levels},
		Second: model.ScorecardAxis{Feature: second.Feature, Cuts: second.Knots, Levels: second.Levels},
	}
	for range p.First.Cells() {
		values := make([]float64, p.Second.Cells())
		for i := range values {
			values[i] = rapid.Float64Range(-1, 1).Draw(r, "cell")
		}
		p.Values, p.Variances = append(p.Values, values), append(p.Variances, make([]float64, len(values)))
	}
	return p
}

// at asks everything.
func (l look) at(ctx context.Context, r *rapid.T, w FactWarehouse) seen {
	var s seen
	var err error
	must := func() {
		if err != nil {
			r.Fatal(err)
		}
	}
	err = readRemarks(ctx, w)
	must()
	s.Themes, err = w.ThemeWeeks(ctx, l.asOf, 50)
	must()
	s.Panel, err = w.Panel(ctx, model.PanelQuery{
		AsOf: l.asOf, Definition: l.definition, Parameters: l.parameters,
		Features: model.WithPainPoints(model.Catalogue(l.definition.Kind), ownPainPoints()),
	})
	must()
	s.Cycles, err = w.Cycles(ctx, model.CyclesQuery{
		AsOf: l.asOf, Definition: l.definition, CycleDays: l.parameters.Drift.CycleDays, Satisfaction: l.parameters.Satisfaction,
	})
	must()
	s.Left, err = w.Departures(ctx, l.asOf)
	must()
	s.Detectors, err = w.Detectors(ctx, l.asOf, ownPainPoints()...)
	must()
	points := make([]string, len(s.Detectors))
	for i, d := range s.Detectors {
		points[i] = d.Name
	}
	s.Answers, err = w.Answers(ctx, model.AnswersQuery{AsOf: l.asOf, Dimension: l.parameters.Satisfaction.Dimension, PainPoints: points, Own: ownPainPoints(), WindowDays: 90})
	must()
	s.Purchases, err = w.Purchases(ctx, model.PurchasesQuery{AsOf: l.asOf, MaxRows: l.most, Seed: 5})
	must()
	s.History, err = w.History(ctx, l.asOf)
	must()
	s.Quality, err = w.Quality(ctx, l.asOf)
	must()
	for _, customer := range []string{"c0", "c1", "nobody"} {
		known, failed := w.Known(ctx, customer, l.asOf)
		err = failed
		must()
		s.Known = append(s.Known, known)
	}
	s.Evidence, err = w.Evidence(ctx, "c0", l.asOf, l.features, 5)
	must()
	s.Hotspots, s.Overlaps = l.hotspots(ctx, r, w)
	s.Summary, s.Scores = l.score(ctx, r, w)
	dimensions := []string{"region", "channel", "tier"}
	s.Cohorts, err = w.Cohorts(ctx, 0, dimensions, 1)
	must()
	s.Turnout, err = w.Turnout(ctx, 0, dimensions, 1)
	must()
	s.Signals, s.Concerned = l.retention(ctx, r, w)
	return s
}

// retention finds what could set off a playbook, and what is known of the
// customers. Profiles are left out: a message goes by what the row says, from
// when the row is known.
func (l look) retention(ctx context.Context, r *rapid.T, w FactWarehouse) ([]model.Signal, []model.RetentionCustomer) {
	since := l.asOf.Add(-400 * model.Day)
	signals, err := w.Signals(ctx, model.SignalQuery{
		From: since, Until: l.asOf, Since: since, Oldest: since, Load: 1 << 60,
		Kinds: []model.SignalKind{
			model.SignalAnswer, model.SignalIncident, model.SignalEvent, model.SignalOrder, model.SignalDelivery,
			model.SignalResolved, model.SignalRenewal, model.SignalTrialEnd, model.SignalSilence,
		},
		Events: []string{"cart_abandon", "visit", "payment_failed"}, RenewalDays: []int{30, 7}, SilenceDays: 14,
		PainPoints: []string{"late_delivery", "not_delivered", "misfit", "returned", "unresolved_ticket", "slow_first_reply", "reopened_ticket"},
	})
	if err != nil {
		r.Fatal(err)
	}
	customers, err := w.RetentionCustomers(ctx, model.RetentionQuery{
		Customers: []string{"c1", "c0", "nobody", "c0"}, Since: since, From: since, Until: l.asOf,
	})
	if err != nil {
		r.Fatal(err)
	}
	for i := range customers {
		customers[i].Profiles = nil
	}
	return signals, customers
}

// hotspots counts the cells of every pain point, and what the cells of the
// first share.
func (l look) hotspots(ctx context.Context, r *rapid.T, w FactWarehouse) ([]model.HotspotCounts, [][]int64) {
	q := model.HotspotQuery{AsOf: l.asOf, From: l.asOf.Add(-90 * model.Day), Least: 1, Own: ownPainPoints()}
	counts, err := w.HotspotCounts(ctx, q)
	if err != nil {
		r.Fatal(err)
	}
	if len(counts) == 0 {
		return counts, nil
	}
	var cells []model.HotspotCell
	for _, c := range counts[0].Cells {
		cells = append(cells, c.HotspotCell)
	}
	overlaps, err := w.HotspotOverlaps(ctx, q, counts[0].PainPoint, cells)
	if err != nil {
		r.Fatal(err)
	}
	for i, c := range counts[0].Cells {
		if overlaps[i][i] != c.Reach.Exposures {
			r.Fatalf("%s: %+v shares %d exposures with itself, has %d", counts[0].PainPoint, c.HotspotCell, overlaps[i][i], c.Reach.Exposures)
		}
	}
	named := make([]model.PainPointCell, len(cells))
	for i, c := range cells {
		named[i] = model.PainPointCell{PainPoint: counts[0].PainPoint, HotspotCell: c}
	}
	touched, err := w.HotspotCustomers(ctx, q, named)
	if err != nil {
		r.Fatal(err)
	}
	for i, c := range counts[0].Cells {
		if int64(len(touched[i])) != c.Reach.CustomersTouched {
			r.Fatalf("%s: %+v touches %v, has %d customers", counts[0].PainPoint, c.HotspotCell, touched[i], c.Reach.CustomersTouched)
		}
	}
	return counts, overlaps
}

// readRemarks reads every remark by its words: late complains, delivery and
// parcel name the theme, another word names none.
func readRemarks(ctx context.Context, w FactWarehouse) error {
	remarks, err := w.UnreadRemarks(ctx, "words", 1000)
	if err != nil || len(remarks) == 0 {
		return err
	}
	readings := make([]model.RemarkReading, len(remarks))
	for i, remark := range remarks {
		readings[i] = model.RemarkReading{Hash: remark.Hash, Language: "en", Themes: []string{}, Severities: []int{}}
		severity, ok := map[string]int{"late": 2, "parcel": 0, "delivery": 0}[remark.Text]
		if ok {
			readings[i].Themes, readings[i].Severities = []string{"delivery"}, []int{severity}
		}
	}
	return w.SaveRemarks(ctx, "words", readings)
}

// score scores and publishes, and returns what that comes to without the
// numbers that every run has for itself.
func (l look) score(ctx context.Context, r *rapid.T, w FactWarehouse) (model.ScoringSummary, []model.Score) {
	summary, err := w.Score(ctx, model.ScoringQuery{
		AsOf: l.asOf, ScoredAt: l.asOf, Model: 1, Definition: l.definition, Features: l.features,
		Parameters: l.parameters, Card: l.card, Quality: &model.ScoringQuality{Status: model.Green, Checks: customerChecks()},
	})
	if err != nil {
		r.Fatal(err)
	}
	if _, err := w.Publish(ctx, summary.Run, l.asOf); err != nil {
		r.Fatal(err)
	}
	scores, err := w.Scores(ctx, model.ScoreQuery{Reasons: -1})
	if err != nil {
		r.Fatal(err)
	}
	for i := range scores {
		scores[i].Sequence = 0
	}
	summary.Run = 0
	return summary, scores
}

// sameBits compares numbers by their bits, so that NaN equals itself and 0
// differs from -0.
func sameBits() cmp.Option {
	return cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) })
}
