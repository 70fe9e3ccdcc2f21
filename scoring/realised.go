package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// The statuses of a realised snapshot.
const (
	statusComplete = "complete"
	statusPartly   = "partly"
)

const (
	// saidBins is the number of bins of what was said, each a tenth wide.
	saidBins           = 10
	realisedConfidence = 0.95
)

// Realised says how every published snapshot turned out: outcomes are compared
// once its horizon lies before the end of the data.
func (s *Service) Realised(ctx context.Context) (model.Realised, error) {
	out := model.Realised{Snapshots: []model.RealisedSnapshot{}, Warnings: []string{}}
	runs, err := s.warehouse.Published(ctx)
	if err != nil {
		return out, err
	}
	if len(runs) == 0 {
		return out, model.Errorf(model.KindNoData, "no scores were published yet: %s",
			model.Way{Command: "run `churnwatch score`", Service: "POST /v1/scores:run publishes them"})
	}
	var pooled []model.Outcome
	counted := map[int64]bool{}
	for _, run := range slices.Backward(runs) { // The newest of each instant is pooled.
		snapshot, outcomes, err := s.realised(ctx, run, &out)
		if err != nil {
			return out, err
		}
		out.Snapshots = append(out.Snapshots, snapshot)
		if at := run.AsOf.UnixNano(); outcomes != nil && !counted[at] {
			counted[at] = true
			pooled = append(pooled, outcomes...)
		}
	}
	if len(counted) == 0 {
		out.Warnings = append(out.Warnings, "no snapshot's horizon has passed yet: figures come with time, or from churnwatch evaluate --cutoffs")
		return out, nil
	}
	figures, err := figuresOf(pooled)
	if len(counted) > 1 {
		figures.All.Warnings = append(figures.All.Warnings,
			fmt.Sprintf("%d snapshots share customers: the pooled intervals are narrower than they should be", len(counted)))
	}
	out.Pooled = &figures
	return out, err
}

// NewestRealised says how the newest published forecast turned out: that of the
// newest instant whose horizon has passed, of those that were made before their
// outcome was known. KindNoData while there is none.
func (s *Service) NewestRealised(ctx context.Context) (model.RealisedSnapshot, error) {
	runs, err := s.warehouse.Published(ctx)
	if err != nil {
		return model.RealisedSnapshot{}, err
	}
	slices.SortStableFunc(runs, func(a, b model.PublishedRun) int { return a.AsOf.Compare(b.AsOf) })
	for _, run := range slices.Backward(runs) {
		if run.ScoredAt.After(run.AsOf.Add(run.Definition.Horizon)) {
			continue
		}
		var about model.Realised
		snapshot, _, err := s.realised(ctx, run, &about)
		if err != nil || snapshot.Figures != nil {
			return snapshot, err
		}
	}
	return model.RealisedSnapshot{}, model.Errorf(model.KindNoData, "no snapshot's horizon has passed yet")
}

// realised compares one snapshot; nil outcomes while its horizon runs.
func (s *Service) realised(ctx context.Context, run model.PublishedRun, out *model.Realised) (model.RealisedSnapshot, []model.Outcome, error) {
	end, err := s.at(ctx, time.Time{}, run.Definition.Kind)
	if err != nil {
		return model.RealisedSnapshot{}, nil, err
	}
	out.DataEnd = end
	complete := run.AsOf.Add(run.Definition.Horizon)
	days := max(0, min(run.Definition.HorizonDays(), int(end.Sub(run.AsOf)/model.Day)))
	snapshot := model.RealisedSnapshot{
		Run: run.Run, Model: run.Model, AsOf: run.AsOf, PublishedAt: run.PublishedAt,
		HorizonDays: run.Definition.HorizonDays(), CompleteAt: complete, Status: statusPartly, DaysKnown: days,
	}
	if complete.After(end) {
		return snapshot, nil, nil
	}
	if run.ScoredAt.After(complete) {
		out.Warnings = append(out.Warnings, fmt.Sprintf(
			"run %d was scored as of %s when its outcome lay in the data: its model may have learned from it, so that it is no forecast",
			run.Run, run.AsOf.Format(time.DateOnly)))
	}
	outcomes, err := s.warehouse.Outcomes(ctx, run)
	if err != nil || len(outcomes) == 0 {
		return snapshot, nil, err
	}
	figures, err := figuresOf(outcomes)
	snapshot.Status, snapshot.Figures = statusComplete, &figures
	return snapshot, outcomes, err
}

// figuresOf splits outcomes into everyone, untreated, treated and holdout.
func figuresOf(outcomes []model.Outcome) (out model.RealisedFigures, err error) {
	if out.All, err = groupOf(outcomes); err != nil {
		return out, err
	}
	for _, part := range []struct {
		into *(*model.RealisedGroup)
		in   func(model.Outcome) bool
	}{
		{&out.Untreated, func(o model.Outcome) bool { return !o.Treated }},
		{&out.Treated, func(o model.Outcome) bool { return o.Treated }},
		{&out.Holdout, func(o model.Outcome) bool { return o.Holdout }},
	} {
		var rows []model.Outcome
		for _, o := range outcomes {
			if part.in(o) {
				rows = append(rows, o)
			}
		}
		if len(rows) == 0 {
			continue
		}
		group, err := groupOf(rows)
		if err != nil {
			return out, err
		}
		*part.into = &group
	}
	return out, nil
}

// groupOf compares what was said of some customers with what happened.
func groupOf(outcomes []model.Outcome) (model.RealisedGroup, error) {
	out := model.RealisedGroup{Customers: len(outcomes), Bins: []model.RealisedBin{}, Warnings: []string{}}
	said, left, gaps := make([]float64, len(outcomes)), make([]bool, len(outcomes)), make([]float64, len(outcomes))
	bins := make([]model.RealisedBin, saidBins)
	for i, o := range outcomes {
		said[i], left[i], gaps[i] = o.Probability, o.Churned, o.Probability
		bin := &bins[min(saidBins-1, int(o.Probability*saidBins))]
		bin.Customers++
		bin.Said += o.Probability
		if o.Churned {
			out.Churned++
			bin.Churned++
			gaps[i]--
		}
	}
	out.Said, out.Left = mean(said), float64(out.Churned)/float64(len(outcomes))
	for i, bin := range bins {
		if bin.Customers == 0 {
			continue
		}
		bin.From, bin.To = float64(i)/saidBins, float64(i+1)/saidBins
		bin.Said /= float64(bin.Customers)
		bin.Left = rangedOf(evaluate.Proportion(bin.Churned, bin.Customers, realisedConfidence))
		out.Bins = append(out.Bins, bin)
	}
	out.Level = rangedOf(estimate.Normal(mean(gaps), math.Sqrt(variance(gaps)/float64(len(gaps))), realisedConfidence, len(gaps)))
	brier, err := evaluate.Brier(said, left)
	if err != nil {
		return out, model.Wrap(model.KindInternal, "realised", err)
	}
	out.Brier = brier
	auc, err := evaluate.DeLong(said, left, realisedConfidence)
	if err != nil {
		out.Warnings = append(out.Warnings, "too few of one outcome for a ROC-AUC")
		return out, nil //nolint:nilerr // it is said
	}
	ranged := rangedOf(auc)
	out.ROCAUC = &ranged
	return out, nil
}

func rangedOf(e estimate.Estimate) model.Ranged {
	return model.Ranged{Value: e.Value, Low: e.Low, High: e.High}
}
