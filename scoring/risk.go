package scoring

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// riskFit is a risk predictor with how it came about.
type riskFit struct {
	predictor *additive.Predictor
	features  []model.Feature
	cutoffs   []time.Time
	data      *dataset
	folds     string
	penalty   additive.Penalty
	pairs     []additive.PairTrial
	baseRate  float64
	assumed   []Assumption
	warnings  []string
}

// mostChoosing is the most rows that penalties and calibration are chosen on:
// both are prior strengths and settle long before.
const mostChoosing = 20_000

// fitRisk fits the churn risk on panels with labels. Penalties, pairs and the
// calibration are chosen on folds within them.
//
// Too little evidence is KindNoData with what is missing.
func (s *Service) fitRisk(ctx context.Context, start time.Time, panels []*model.Panel) (*riskFit, error) {
	d := newDataset(panels)
	if d.lost < leastClasses || d.kept < leastClasses {
		return nil, model.Errorf(model.KindNoData,
			"risk: %d churned and %d kept customers in complete labels, need %d of each", d.lost, d.kept, leastClasses)
	}
	if len(d.features) == 0 {
		return nil, model.Errorf(model.KindNoData, "risk: no feature differs between customers")
	}
	assumed, err := d.assume()
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "risk", err)
	}
	choosing := d.thinned(mostChoosing, s.settings.Seed)
	folds, how := innerFolds(choosing, s.settings.Definition.Horizon, s.settings.Seed)
	if len(folds) == 0 {
		return nil, model.Errorf(model.KindNoData, "risk: the churned customers are too few to be split into folds")
	}
	options := additive.Options{Stop: stopper(ctx)}
	choice, err := additive.Choose(choosing.design, choosing.churned, folds, additive.DefaultGrid(),
		additive.ChooseOptions{Options: options, Workers: s.settings.Threads})
	if err != nil {
		return nil, s.fitError(ctx, "risk: choose penalties", err)
	}
	pairs, err := additive.ChoosePairs(choosing.design, choosing.churned, folds, choice, nil,
		additive.ChooseOptions{Options: options, Workers: s.settings.Threads})
	if err != nil {
		return nil, s.fitError(ctx, "risk: choose pairs", err)
	}
	options.Penalty, options.Pairing = choice.Penalty, pairs.Pairing
	predictor, err := additive.Fit(d.design, d.churned, options)
	if err != nil {
		return nil, s.fitError(ctx, "risk", err)
	}
	if predictor.Calibration, err = calibrate(choosing, folds, pairs.HeldOut); err != nil {
		return nil, s.fitError(ctx, "risk: calibrate", err)
	}
	fit := &riskFit{
		predictor: predictor, features: d.features, data: d, folds: how,
		penalty: choice.Penalty, pairs: pairs.Trials, baseRate: weightedMean(d.churned, d.design.Weight), assumed: assumed,
	}
	for _, p := range panels {
		fit.cutoffs = append(fit.cutoffs, p.AsOf)
	}
	fit.addSeason(panels, panels[len(panels)-1].AsOf.Add(s.settings.Definition.Horizon).Sub(start))
	return fit, nil
}

// calibrate fits slope and intercept on what the folds held out.
func calibrate(d *dataset, folds []additive.Fold, heldOut [][]float64) (additive.Calibration, error) {
	var logOdds, churned, weight []float64
	var cluster []int
	for k, fold := range folds {
		logOdds = append(logOdds, heldOut[k]...)
		for _, i := range fold.Test {
			churned = append(churned, d.churned[i])
			cluster = append(cluster, d.design.Cluster[i])
			if d.design.Weight != nil {
				weight = append(weight, d.design.Weight[i])
			}
		}
	}
	return additive.Calibrate(logOdds, churned, weight, cluster)
}

// leastRates is the least number of past base rates that their spread is
// taken from, and assumedSeason the standard deviation of the log-odds that is
// assumed where there are fewer: a share of 0.4 may then be 0.33 to 0.47.
const (
	leastRates    = 3
	assumedSeason = 0.3
)

// addSeason widens the intervals by the spread of past base rates while the
// history, up to the end of the newest label, is too short to have seen every
// season.
func (f *riskFit) addSeason(panels []*model.Panel, history time.Duration) {
	if history >= seasonKnown {
		return
	}
	var logits []float64
	for _, p := range panels {
		if rate := shareChurned(p); rate > 0 && rate < 1 {
			logits = append(logits, math.Log(rate/(1-rate)))
		}
	}
	f.predictor.SeasonVariance = assumedSeason * assumedSeason
	source := "an assumed spread of base rates"
	if len(logits) >= leastRates {
		f.predictor.SeasonVariance, source = variance(logits), "the spread of past base rates"
	}
	f.warnings = append(f.warnings, fmt.Sprintf(
		"season unknown: the history spans %d days, less than 13 months; intervals include %s (sd %.2f of the log-odds)",
		int(history/model.Day), source, math.Sqrt(f.predictor.SeasonVariance)))
}

// predict returns the probability of every row of a panel.
func (f *riskFit) predict(p *model.Panel) ([]float64, error) {
	at, err := positions(p, f.features)
	if err != nil {
		return nil, err
	}
	out := make([]float64, p.Rows())
	var row additive.Row
	for i := range out {
		row = rowOf(p, at, i, row)
		out[i] = f.predictor.Probability(row)
	}
	return out, nil
}

// scorecard restates the predictor as plain data for the engine.
func (p RiskPart) scorecard() model.Scorecard {
	c := p.Predictor.Calibration
	card := model.Scorecard{
		Base:  p.Predictor.Base,
		Slope: c.Slope, Intercept: c.Intercept,
		SlopeVariance: c.SlopeVariance, InterceptVariance: c.InterceptVariance, Covariance: c.Covariance,
		SeasonVariance: p.Predictor.SeasonVariance,
		Factor:         p.Predictor.Uncertainty.Factor,
		Remainder:      p.Predictor.Uncertainty.Remainder,
		Level:          p.Level, Z: estimate.Quantile(p.Level),
		WidestInterval: p.Widest, Bands: p.Bands,
	}
	for _, t := range p.Predictor.Terms {
		card.Terms = append(card.Terms, model.ScorecardTerm{
			Feature: t.Name, Knots: t.Knots, Levels: t.Levels, Values: t.Values,
			Other: t.Other, Missing: t.Missing,
			OtherVariance: t.OtherVariance, MissingVariance: t.MissingVariance,
		})
	}
	for _, pair := range p.Predictor.Pairs {
		card.Pairs = append(card.Pairs, model.ScorecardPair{
			First:  model.ScorecardAxis{Feature: pair.First.Term, Cuts: pair.First.Cuts, Levels: pair.First.Levels},
			Second: model.ScorecardAxis{Feature: pair.Second.Term, Cuts: pair.Second.Cuts, Levels: pair.Second.Levels},
			Values: pair.Values, Variances: pair.Variances(),
		})
	}
	return card
}

func stopper(ctx context.Context) func() bool {
	return func() bool { return ctx.Err() != nil }
}

// fitError gives an estimator's error a kind: a stopped fit is the context's
// error, anything else is data that can't be fitted.
func (s *Service) fitError(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return model.Wrap(model.KindNoData, what, err)
}

func mean(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// variance returns the sample variance, 0 below two values.
func variance(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	m, sum := mean(x), 0.0
	for _, v := range x {
		sum += (v - m) * (v - m)
	}
	return sum / float64(len(x)-1)
}
