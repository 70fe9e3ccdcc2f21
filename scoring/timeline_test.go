package scoring_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// aging is a town that keeps what panels were asked with.
type aging struct {
	town

	halfLives []float64
}

func (w *aging) Answers(_ context.Context, q model.AnswersQuery) (out []model.Answer, _ error) {
	for _, a := range w.answers {
		if a.At.Before(q.AsOf) {
			out = append(out, a)
		}
	}
	return out, nil
}

func (w *aging) Panel(ctx context.Context, q model.PanelQuery) (*model.Panel, error) {
	w.halfLives = append(w.halfLives, q.Parameters.Satisfaction.HalfLifeDays)
	return w.town.Panel(ctx, q)
}

func (*aging) Cycles(context.Context, model.CyclesQuery) ([]model.Cycles, error) { return nil, nil }

func (*aging) Purchases(context.Context, model.PurchasesQuery) ([]model.PurchaseHistory, error) {
	return nil, nil
}

// How fast answers age is measured as of the model and is the same at all of its
// cutoffs, however few answers were known at some; a model as of one of these
// measures it on what was known then.
func TestAModelsPanelsAgeAnswersAlike(t *testing.T) {
	w := &aging{town: town{answers: moods(300, 8, 60), recency: map[string]float64{"c00000": 1}}}
	w.add("web", model.Respondent{Eligible: true})
	cutoffs := []time.Time{snapshotAt.AddDate(0, 0, -400), snapshotAt.AddDate(0, 0, -90), snapshotAt.AddDate(0, 0, -480)}
	settings := scoring.Settings{HalfLifeDays: 333, SatisfactionCohort: "channel", CycleDays: 30}
	if err := scoring.PanelsFor(t.Context(), w, settings, cutoffs, snapshotAt); err != nil {
		t.Fatal(err)
	}
	now, err := scoring.FitSatisfaction(t.Context(), w, settings, snapshotAt)
	if err != nil || now.HalfLife.Basis != model.HalfLifeMeasured {
		t.Fatalf("as of the model: %+v, %v", now.HalfLife, err)
	}
	days := now.Parameters.HalfLifeDays
	if diff := cmp.Diff([]float64{days, days, days, 333}, w.halfLives); diff != "" {
		t.Errorf("half-lives of the panels (-want +got):\n%s", diff)
	}
}
