package scoring

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// tested is what happened at one cutoff of a validation.
type tested struct {
	panel     *model.Panel
	treatment *model.TreatmentReport
	fit       *riskFit // without its data, of which trainRows are left
	trainRows int
	// cluster is one number for all rows of a customer and his copies.
	cluster   []int
	predicted []float64
	baselines map[string][]float64
	// with and without are the predictions that tell what satisfaction adds.
	with, without []float64
}

// liftShares are the shares of customers at which lift is reported.
var liftShares = []int{5, 10, 20}

// validate tests at each cutoff a risk that was fitted on what was complete
// before it. Cutoffs that can't be tested are left out with a warning.
func (s *Service) validate(ctx context.Context, source *panels, cutoffs []time.Time) (model.Evaluation, []tested, error) {
	report := model.Evaluation{
		Definition: s.settings.Definition.Kind, HorizonDays: s.settings.Definition.HorizonDays(),
		Cutoffs: []model.CutoffEvaluation{}, Baselines: []model.Baseline{}, Cohorts: []model.CohortEvaluation{},
		Reasons: []string{}, Warnings: []string{},
	}
	var tests []tested
	for _, cutoff := range cutoffs {
		t, err := s.test(ctx, source, cutoff)
		switch {
		case err == nil:
			tests = append(tests, t)
		case model.KindOf(err) == model.KindNoData && ctx.Err() == nil:
			report.Warnings = append(report.Warnings, fmt.Sprintf("not tested at %s: %v", cutoff.Format(time.DateOnly), err))
		default:
			return report, nil, err
		}
	}
	if len(tests) == 0 {
		return report, nil, nil
	}
	cluster(tests)
	if err := s.measure(&report, tests); err != nil {
		return report, nil, err
	}
	if err := s.compare(&report, tests); err != nil {
		return report, nil, err
	}
	adds, err := s.satisfactionAdds(tests)
	if err != nil {
		return report, nil, err
	}
	report.SatisfactionAdds = &adds
	report.Cohorts = s.cohorts(tests)
	curves, err := curvesOf(tests)
	if err != nil {
		return report, nil, err
	}
	report.Curves = curves
	report.Warnings = append(report.Warnings, tests[len(tests)-1].fit.warnings...)
	return report, tests, nil
}

// test fits on what was complete before the cutoff and predicts at it, by the
// risk, by the naive rankings, and without satisfaction.
func (s *Service) test(ctx context.Context, source *panels, cutoff time.Time) (tested, error) {
	t, err := s.foretell(ctx, source, cutoff)
	if err != nil {
		return tested{}, err
	}
	if t.baselines, err = s.fitBaselines(ctx, t.fit.data, t.panel); err != nil {
		return tested{}, err
	}
	if err := s.bothWays(ctx, &t); err != nil {
		return tested{}, err
	}
	// The data of every cutoff together would outweigh all else in memory.
	t.fit.data = nil
	return t, nil
}

// foretell fits on what was complete before the cutoff and predicts at it.
func (s *Service) foretell(ctx context.Context, source *panels, cutoff time.Time) (tested, error) {
	training, err := source.before(ctx, cutoff)
	if err != nil {
		return tested{}, err
	}
	everybody, err := source.at(ctx, cutoff, cutoff)
	if err != nil {
		return tested{}, err
	}
	training, _ = leaveOut(training)
	panel, treatment := leaveOutOf(everybody)
	if n := trues(panel.Churned); n == 0 || n == panel.Rows() {
		return tested{}, model.Errorf(model.KindNoData, "%d of %d customers churned: nothing to tell apart", n, panel.Rows())
	}
	fit, err := s.fitRisk(ctx, source.start, training)
	if err != nil {
		return tested{}, err
	}
	t := tested{panel: panel, treatment: treatment, fit: fit, trainRows: fit.data.rows()}
	t.predicted, err = fit.predict(panel)
	return t, err
}

// measure fills in the measures of each cutoff and their means.
func (s *Service) measure(report *model.Evaluation, tests []tested) error {
	cutoffs := asCutoffs(tests)
	spans, err := evaluate.Bootstrap(cutoffs, []evaluate.Metric{(*evaluate.Ranking).AUC}, s.bootstrap())
	if err != nil {
		return model.Wrap(model.KindInternal, "evaluate: bootstrap", err)
	}
	slopes, err := evaluate.CalibrationSlopes(cutoffs, 0)
	if err != nil {
		return model.Wrap(model.KindInternal, "evaluate: calibration slopes", err)
	}
	var all []model.Measures
	for i, t := range tests {
		m, err := measures(t.panel, t.predicted)
		if err != nil {
			return err
		}
		all = append(all, m)
		report.Cutoffs = append(report.Cutoffs, model.CutoffEvaluation{
			AsOf: t.panel.AsOf, TrainCutoffs: len(t.fit.cutoffs), TrainRows: t.trainRows, N: t.panel.Rows(),
			BaseRate: shareChurned(t.panel), Treatment: t.treatment,
			Measures: m, Folds: t.fit.folds,
			ROCAUCInterval: model.Span{Low: spans[0].Cutoffs[i].Low, High: spans[0].Cutoffs[i].High},
		})
	}
	report.Mean = meanMeasures(all)
	// Cutoffs share customers and overlap in their labels: the mean slope's
	// error takes all rows of a customer together.
	report.Mean.Calibration.Slope, report.Mean.Calibration.SlopeStandardError = slopeOf(slopes.Mean)
	return nil
}

// compare measures the naive rankings at the same cutoffs.
func (s *Service) compare(report *model.Evaluation, tests []tested) error {
	for _, name := range baselineNames() {
		var all []model.Measures
		var other [][]float64
		for _, t := range tests {
			predicted, ok := t.baselines[name]
			if !ok {
				break
			}
			m, err := measures(t.panel, predicted)
			if err != nil {
				return err
			}
			all, other = append(all, m), append(other, predicted)
		}
		if len(all) != len(tests) {
			continue
		}
		b := model.Baseline{Name: name, Mean: meanMeasures(all)}
		if name != majority {
			diff, err := evaluate.PairedDifference(asCutoffs(tests), other, (*evaluate.Ranking).AUC, s.bootstrap())
			if err != nil {
				return model.Wrap(model.KindInternal, "evaluate: compare with "+name, err)
			}
			b.Difference = &model.Span{Low: diff.Mean.Low, High: diff.Mean.High}
		}
		report.Baselines = append(report.Baselines, b)
	}
	return nil
}

func (s *Service) bootstrap() evaluate.Options {
	return evaluate.Options{Resamples: s.settings.Resamples, Seed: s.settings.Seed, Confidence: 0.95, Threads: s.settings.Threads}
}

// cluster numbers the customers of all tests, copies as one.
func cluster(tests []tested) {
	all := make([]*model.Panel, len(tests))
	for i, t := range tests {
		all[i] = t.panel
	}
	rows := newDataset(all).design.Cluster
	for i := range tests {
		n := tests[i].panel.Rows()
		tests[i].cluster, rows = rows[:n:n], rows[n:]
	}
}

func asCutoffs(tests []tested) []evaluate.Cutoff {
	out := make([]evaluate.Cutoff, len(tests))
	for i, t := range tests {
		out[i] = evaluate.Cutoff{Customer: t.cluster, Churned: t.panel.Churned, Score: t.predicted, Tie: ties(t.panel), Weight: t.panel.Weight}
	}
	return out
}

// ties breaks equal scores by a hash of the customer's id.
func ties(p *model.Panel) []uint64 {
	out := make([]uint64, p.Rows())
	for i, id := range p.Customers {
		h := fnv.New64a()
		_, _ = h.Write([]byte(id)) // A hash takes everything.
		out[i] = mix(h.Sum64(), 0)
	}
	return out
}

func measures(p *model.Panel, predicted []float64) (m model.Measures, err error) {
	ranking, err := evaluate.NewRanking(predicted, p.Churned, ties(p))
	if err != nil {
		return m, model.Wrap(model.KindInternal, "evaluate", err)
	}
	m.ROCAUC, m.PRAUC, m.Brier = ranking.AUC(p.Weight), ranking.AveragePrecision(p.Weight), ranking.Brier(p.Weight)
	m.Lift, m.Gain = map[string]float64{}, map[string]float64{}
	for _, share := range liftShares {
		m.Lift[strconv.Itoa(share)] = ranking.Lift(p.Weight, float64(share)/100)
		m.Gain[strconv.Itoa(share)] = ranking.Gain(p.Weight, float64(share)/100)
	}
	c, err := evaluate.CalibrateWeighted(predicted, p.Churned, p.Weight, 0.95)
	if err != nil {
		return m, model.Wrap(model.KindInternal, "evaluate", err)
	}
	m.Calibration = model.CalibrationError{
		Level: c.Level.Value, Error: c.Error, ErrorAfterLevel: c.ErrorAfterLevel, ErrorOfPerfect: c.ErrorOfPerfect,
	}
	m.Calibration.Slope, m.Calibration.SlopeStandardError = slopeOf(c.Slope)
	return m, nil
}

// slopeOf returns a calibration slope and its error, nil where none exists.
func slopeOf(e estimate.Estimate) (slope, standardError *float64) {
	if e.StandardError == 0 {
		return nil, nil
	}
	return &e.Value, &e.StandardError
}

// meanMeasures is the plain mean over cutoffs; that of the slopes over those
// that have one, without its error.
func meanMeasures(all []model.Measures) (m model.Measures) {
	n := float64(len(all))
	var slopes []float64
	m.Lift, m.Gain = map[string]float64{}, map[string]float64{}
	for _, a := range all {
		m.ROCAUC += a.ROCAUC / n
		m.PRAUC += a.PRAUC / n
		m.Brier += a.Brier / n
		m.Calibration.Level += a.Calibration.Level / n
		m.Calibration.Error += a.Calibration.Error / n
		m.Calibration.ErrorAfterLevel += a.Calibration.ErrorAfterLevel / n
		m.Calibration.ErrorOfPerfect += a.Calibration.ErrorOfPerfect / n
		if a.Calibration.Slope != nil {
			slopes = append(slopes, *a.Calibration.Slope)
		}
		for share, v := range a.Lift {
			m.Lift[share] += v / n
		}
		for share, v := range a.Gain {
			m.Gain[share] += v / n
		}
	}
	if len(slopes) > 0 {
		slope := mean(slopes)
		m.Calibration.Slope = &slope
	}
	return m
}

// cohorts tests within each level of the dimensions, over all cutoffs.
func (s *Service) cohorts(tests []tested) []model.CohortEvaluation {
	out := []model.CohortEvaluation{}
	for _, dimension := range s.settings.Dimensions {
		f := slices.IndexFunc(tests[0].panel.Features, func(f model.Feature) bool { return f.Levels && f.Measure == dimension })
		if f < 0 {
			continue
		}
		rows := map[string]*cohortRows{}
		for _, t := range tests {
			for i, level := range t.panel.Levels[f] {
				if rows[level] == nil {
					rows[level] = &cohortRows{}
				}
				rows[level].add(t.predicted[i], t.panel.Churned[i], weightAt(t.panel.Weight, i))
			}
		}
		out = append(out, summarise(dimension, rows)...)
	}
	return out
}

type cohortRows struct {
	predicted []float64
	churned   []bool
	weight    []float64
}

func (c *cohortRows) add(p float64, churned bool, weight float64) {
	c.predicted, c.churned, c.weight = append(c.predicted, p), append(c.churned, churned), append(c.weight, weight)
}

// leastCohort is the least number of rows for which a cohort is reported.
const leastCohort = 30

func summarise(dimension string, rows map[string]*cohortRows) (out []model.CohortEvaluation) {
	levels := make([]string, 0, len(rows))
	for level := range rows {
		levels = append(levels, level)
	}
	slices.Sort(levels)
	if len(levels) < 2 {
		return nil
	}
	for _, level := range levels {
		r := rows[level]
		if len(r.churned) < leastCohort {
			continue
		}
		c := model.CohortEvaluation{
			Dimension: dimension, Cohort: level, N: len(r.churned),
			Predicted: weightedMean(r.predicted, r.weight),
		}
		if ranking, err := evaluate.NewRanking(r.predicted, r.churned, nil); err == nil {
			c.BaseRate, c.Brier = ranking.BaseRate(r.weight), ranking.Brier(r.weight)
			if auc := ranking.AUC(r.weight); !math.IsNaN(auc) {
				c.ROCAUC = &auc
			}
		}
		out = append(out, c)
	}
	return out
}
