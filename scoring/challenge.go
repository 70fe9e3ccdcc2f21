package scoring

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// tolerated is by how much less ROC-AUC a new model may rank than the active one
// and still take its place.
const tolerated = 0.01

// Duel compares a new model with the active one on the same customers at the
// same cutoffs.
type Duel struct {
	// Model is the active one.
	Model int `json:"model"`
	// Cutoffs are those of the new model's test that are not before the instant of
	// the active one: neither has seen what came after them.
	Cutoffs []time.Time `json:"cutoffs"`
	// ROCAUC is the new one's less the active one's, with an interval from
	// resampling customers.
	ROCAUC estimate.Estimate `json:"roc_auc_difference"`
}

// lost reports whether the new model ranks worse by more than is tolerated, and
// by more than chance explains.
func (d *Duel) lost() bool { return d.ROCAUC.Value < -tolerated && d.ROCAUC.High < 0 }

// level reports whether it is shown that the new model ranks worse by no more than
// is tolerated. Between that and lost the customers are too few to tell.
func (d *Duel) level() bool { return d.ROCAUC.Low > -tolerated }

// challenge compares a new model with the active one, and says why it is not to
// take its place, "" where nothing speaks against it.
//
// Both are judged on the rows of the new one's test, which were predicted by fits
// on what was complete before each cutoff, and by the active one as it is stored.
// That has seen what happened before its instant, so that only cutoffs from then
// on count. Where there is none yet, and where the comparison is too weak to show
// that nothing is lost, each is taken at its own test too: see trails.
func (s *Service) challenge(ctx context.Context, active int, challenger *File, tests []tested) (*Duel, string, error) {
	_, champion, err := s.load(ctx, active)
	if err != nil || champion.Risk.Predictor == nil || champion.definition() != challenger.definition() {
		return nil, "", err
	}
	var unseen []tested
	var other [][]float64
	duel := &Duel{Model: active}
	for _, t := range tests {
		if t.panel.AsOf.Before(champion.AsOf) {
			continue
		}
		predicted, same, err := s.foresaid(ctx, champion, t.panel)
		switch {
		case err != nil:
			return nil, "", err
		case !same: // Somebody was erased, or corrected, since the test.
			s.log.LogAttrs(ctx, slog.LevelWarn, "customers of a cutoff have changed since the new model was tested: the models are not compared there",
				slog.Time("cutoff", t.panel.AsOf))
			continue
		}
		unseen, other, duel.Cutoffs = append(unseen, t), append(other, predicted), append(duel.Cutoffs, t.panel.AsOf)
	}
	if len(unseen) == 0 {
		return nil, trails(active, champion, challenger), nil
	}
	difference, err := evaluate.PairedDifference(asCutoffs(unseen), other, (*evaluate.Ranking).AUC, s.bootstrap())
	if err != nil {
		return nil, "", model.Wrap(model.KindInternal, "compare with the active model", err)
	}
	duel.ROCAUC = difference.Mean
	switch {
	case duel.level():
		return duel, "", nil
	case !duel.lost():
		return duel, trails(active, champion, challenger), nil
	}
	return duel, fmt.Sprintf("model %d stays active: on the same customers at %d cutoffs that neither had seen the new one ranks worse by %.3f ROC-AUC [%.3f, %.3f]",
		active, len(unseen), -duel.ROCAUC.Value, -duel.ROCAUC.High, -duel.ROCAUC.Low), nil
}

// foresaid is what a stored model says of the customers of a panel as of its
// instant, false where they are not the same any more.
func (s *Service) foresaid(ctx context.Context, file *File, p *model.Panel) (out []float64, same bool, err error) {
	panel, at, err := s.panelFor(ctx, file, p.AsOf, p.Customers)
	if err != nil || !slices.Equal(panel.Customers, p.Customers) {
		return nil, false, err
	}
	out = make([]float64, panel.Rows())
	var row additive.Row
	for i := range out {
		row = rowOf(panel, at, i, row)
		out[i] = file.Risk.Predictor.Probability(row)
	}
	return out, true, nil
}

// trails says why a new model is not to take the place of another one that has
// seen the outcomes by which the new one was tested. Each was tested at cutoffs of
// its own, so that what is compared is how far it ranked better there than recency
// did: the new one is worse where that is less than the interval of the other
// allows.
func trails(active int, champion, challenger *File) string {
	least, ok := advantage(&champion.Evaluation)
	if !ok {
		return ""
	}
	got, ok := advantage(&challenger.Evaluation)
	switch {
	case !ok:
		return fmt.Sprintf("model %d stays active: the new one could not be tested", active)
	case got.mean < least.low:
		return fmt.Sprintf("model %d stays active: the new one ranks better than recency by %+.3f ROC-AUC, the active one did by %+.3f, at least %+.3f",
			active, got.mean, least.mean, least.low)
	}
	return ""
}

// lead is how far a model ranked better than recency, and the least of it that
// its test allows.
type lead struct{ mean, low float64 }

// advantage is a model's lead in its test, false where it was not tested.
func advantage(e *model.Evaluation) (lead, bool) {
	at := slices.IndexFunc(e.Baselines, func(b model.Baseline) bool { return b.Name == recency })
	if at < 0 || e.Baselines[at].Difference == nil {
		return lead{}, false
	}
	return lead{e.Mean.ROCAUC - e.Baselines[at].Mean.ROCAUC, e.Baselines[at].Difference.Low}, true
}
