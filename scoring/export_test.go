package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// Judge gives the verdict on an evaluation.
var Judge = judge

// Usable says whether a first model may be activated.
var Usable = usable

// Judged says whether a new model that ranks differently by so much loses against the
// active one, and whether it is shown to be level.
func Judged(difference estimate.Estimate) (lost, level bool) {
	d := Duel{ROCAUC: difference}
	return d.lost(), d.level()
}

// FiguresOf compares what was said with what happened, by what was done.
var FiguresOf = figuresOf

// SurveysOf restates cycles for the judgement of answers.
var SurveysOf = asSurveys

// Findings are the gates that are left of findings in features.
func Findings(statuses []model.GateStatus, values []float64) []model.Gate {
	g := &gatekeeper{}
	found := make([]finding, len(values))
	for i, v := range values {
		gate := model.Gate{Name: "leakage", Status: statuses[i], Value: &v, Holds: allParts()}
		found[i] = finding{value: v, gate: gate}
	}
	g.report(found, model.Gate{Name: "leakage", Status: model.Green, Holds: allParts()})
	return g.gates
}

// CurvesOf draws tests at panels with these predictions.
func CurvesOf(panels []*model.Panel, predicted [][]float64) (*model.Curves, error) {
	tests := make([]tested, len(panels))
	for i, p := range panels {
		tests[i] = tested{panel: p, predicted: predicted[i]}
	}
	return curvesOf(tests)
}

// Data is a training set for tests.
type Data struct{ *dataset }

// NewData joins panels.
func NewData(panels []*model.Panel) Data { return Data{newDataset(panels)} }

// Folds splits the set for the choice of penalties.
func (d Data) Folds(horizon time.Duration) ([]additive.Fold, string) {
	return innerFolds(d.dataset, horizon, 1)
}

// Thinned keeps the rows of some customers.
func (d Data) Thinned(most int) Data { return Data{d.thinned(most, 1)} }

// Customer is the code of a row's customer, Cutoff the position of its panel.
func (d Data) Customer(row int) int { return d.customer[row] }

// Copies is the group of a row's customer and his copies.
func (d Data) Copies(row int) int { return d.design.Cluster[row] }

// Cutoff is the instant of a row.
func (d Data) Cutoff(row int) time.Time { return d.panels[d.cutoff[row]].AsOf }

// Weights are what the rows stand for.
func (d Data) Weights() []float64 { return d.design.Weight }

// LeaveOut takes the customers out whom retention touched.
var LeaveOut = leaveOut

// ShareChurned is the weighted share of a panel that churned.
var ShareChurned = shareChurned

// Rows is the number of rows.
func (d Data) Rows() int { return d.rows() }

// Columns are the names of the features that were kept.
func (d Data) Columns() (names []string) {
	for _, f := range d.features {
		names = append(names, f.Name)
	}
	return names
}

// Hash identifies the set.
func (d Data) Hash() string { return d.hash() }

// SatisfactionAdds compares on training panels and the panel that each cutoff
// is tested at.
func SatisfactionAdds(ctx context.Context, training, tests []*model.Panel) (model.SatisfactionAdds, error) {
	s := &Service{settings: Settings{Seed: 1, Resamples: 200}.withDefaults()}
	d := newDataset(training)
	var all []tested
	for _, p := range tests {
		t := tested{panel: p, fit: &riskFit{data: d, features: d.features, penalty: additive.DefaultPenalty()}}
		if err := s.bothWays(ctx, &t); err != nil {
			return model.SatisfactionAdds{}, err
		}
		all = append(all, t)
	}
	cluster(all)
	return s.satisfactionAdds(all)
}

// Alarms restates what was said at instants, in the order of the customers'
// ids; with nil notices churn is a silence.
func Alarms(asOf time.Time, horizon time.Duration, notices map[string]time.Time, at []time.Time, cycles [][]model.Cycles, alarm func(k, i int) bool) []evaluate.Alarms {
	history := make([]*instant, len(at))
	for k := range at {
		history[k] = &instant{at: at[k], cycles: cycles[k]}
	}
	return moments{asOf: asOf, horizon: horizon, notices: notices}.alarms(history, alarm)
}

// Answer is one answer of a customer, for what better ones would change.
type Answer = answered

// NewAnswer makes one: its recency weight, whether it is the last one, of the
// last year, the incidents behind it, and the points up to the end of its scale.
func NewAnswer(weight float64, last, year bool, incidents, room float64) Answer {
	return answered{weight: weight, last: last, year: year, incidents: incidents, room: room}
}

// Lift is by how much the index, the last answer and the last answer against
// the year's mean would be higher.
func Lift(prior float64, answers []Answer, gone, weight float64) (index, last, change float64) {
	l := (&answering{prior: prior, answers: [][]answered{answers}}).lift(0, gone, weight)
	return l.index, l.last, l.change
}

// FitSatisfaction fits the index as of an instant by settings, on what a
// warehouse knows.
func FitSatisfaction(ctx context.Context, w model.Warehouse, settings Settings, asOf time.Time) (model.SatisfactionFit, error) {
	s := &Service{warehouse: w, settings: settings.withDefaults()}
	return s.fitSatisfaction(ctx, asOf)
}

// CohortsOf returns the cohorts of a warehouse's snapshot by settings.
func CohortsOf(ctx context.Context, w model.Warehouse, settings Settings) ([]model.CohortRow, error) {
	s := &Service{warehouse: w, settings: settings.withDefaults()}
	return s.Cohorts(ctx, 0)
}

// Removable reads the answers of customers as of an instant, and how many
// incidents that may be removed lie behind each: those of the last days.
func Removable(ctx context.Context, w model.Warehouse, customers []string, days int, asOf time.Time) (incidents [][]float64, err error) {
	s := &Service{warehouse: w, settings: Settings{}.withDefaults()}
	a := &answering{}
	t := &thinning{file: &File{}, features: []model.Feature{{Window: days}}, panel: &model.Panel{Customers: customers}}
	if _, err := s.fillAnswers(ctx, a, t, "late_delivery", asOf); err != nil {
		return nil, err
	}
	for _, answers := range a.answers {
		var one []float64
		for _, b := range answers {
			one = append(one, b.incidents)
		}
		incidents = append(incidents, one)
	}
	return incidents, nil
}

// WorthsAsOf reads the worth of customers and its variance, nil where that of
// one is not known.
func WorthsAsOf(ctx context.Context, w model.Warehouse, customers []string, asOf time.Time) (worth, variance []float64, err error) {
	out, err := (&Service{warehouse: w}).readWorths(ctx, customers, asOf)
	return out.worth, out.variance, err
}

// FewerIncidents is the change that a predictor of the number of incidents
// expects if each is removed with a probability.
func FewerIncidents(p *additive.Predictor, counts, worth, variance []float64, remove float64) (model.WhatIf, error) {
	f := model.Feature{Name: p.Terms[0].Name, Window: 90}
	t := &thinning{
		file: &File{Risk: RiskPart{Predictor: p, Features: []model.Feature{f}}}, eligible: len(counts), features: []model.Feature{f},
		panel:  &model.Panel{Features: []model.Feature{f}, Customers: make([]string, len(counts)), Numbers: [][]float64{counts}},
		worths: worths{worth: worth, variance: variance},
	}
	out := model.WhatIf{Reduce: remove}
	if err := t.place(); err != nil {
		return out, err
	}
	return out, t.byModel(&out)
}

// HotspotsOf scans a warehouse for hotspots.
func HotspotsOf(ctx context.Context, w model.Warehouse, r HotspotRequest) (model.HotspotReport, error) {
	return (&Service{warehouse: w, settings: Settings{}.withDefaults()}).Hotspots(ctx, r)
}

// Described puts an association in the words of its moment.
var Described = described

// PanelsFor makes the labelled panel of each cutoff for a model as of an instant,
// and then that of the newest for a model as of it.
func PanelsFor(ctx context.Context, w model.Warehouse, settings Settings, cutoffs []time.Time, modelAsOf time.Time) error {
	s := &Service{warehouse: w, settings: settings.withDefaults()}
	source := s.newPanels(cutoffs[0], s.newTimeline(modelAsOf), len(cutoffs))
	for _, cutoff := range cutoffs {
		if _, err := source.at(ctx, cutoff, modelAsOf); err != nil {
			return err
		}
	}
	newest := cutoffs[len(cutoffs)-1]
	_, err := source.at(ctx, newest, newest)
	return err
}

// NewestRealised compares the newest forecast of a warehouse with what happened.
func NewestRealised(ctx context.Context, w model.Warehouse, clock Clock) (model.RealisedSnapshot, error) {
	s := &Service{warehouse: w, clock: clock, settings: Settings{}.withDefaults()}
	return s.NewestRealised(ctx)
}
