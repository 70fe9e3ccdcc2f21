package scoring

import (
	"context"
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// worse says why a new model is not to take the place of another one, "" where
// nothing speaks against it. Each was tested at cutoffs of its own, so that what
// is compared is how far it ranked better there than recency did: the new one is
// worse where that is less than the interval of the other allows.
func (s *Service) worse(ctx context.Context, active int, challenger *File) (string, error) {
	_, champion, err := s.load(ctx, active)
	if err != nil || champion.Risk.Predictor == nil || champion.definition() != challenger.definition() {
		return "", err
	}
	least, ok := advantage(&champion.Evaluation)
	if !ok {
		return "", nil
	}
	got, ok := advantage(&challenger.Evaluation)
	switch {
	case !ok:
		return fmt.Sprintf("model %d stays active: the new one could not be tested", active), nil
	case got.mean < least.low:
		return fmt.Sprintf("model %d stays active: the new one ranks better than recency by %+.3f ROC-AUC, the active one did by %+.3f, at least %+.3f",
			active, got.mean, least.mean, least.low), nil
	}
	return "", nil
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
