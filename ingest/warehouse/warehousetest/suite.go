// Package warehousetest is the suite that every storage engine must pass. It
// knows an engine by model's contracts alone, and by two functions that the
// engine's own tests bring along.
package warehousetest

import (
	"context"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Warehouse is an engine with the ledger that it keeps beside its facts.
type Warehouse interface {
	model.Warehouse
	model.Ledger
}

// Engine is what an engine's tests bring along.
type Engine struct {
	// Open opens the warehouse that is kept in a folder; an empty folder
	// gives an empty one. The suite closes it.
	Open func(dir string) (Warehouse, error)
	// Put stores a run as Score would and returns its number.
	Put func(ctx context.Context, w Warehouse, run Run) (int64, error)
}

// Run is a scoring run as Score would have made it.
type Run struct {
	Model      int
	AsOf       time.Time
	ScoredAt   time.Time
	Definition model.Definition
	// Features are those of the predictor's terms; each score's contributions
	// are in their order.
	Features []model.Feature
	Scores   []model.Score
	Summary  model.ScoringSummary
}

// Run runs the whole suite.
func (e Engine) Run(t *testing.T) {
	t.Helper()
	for _, part := range []struct {
		name string
		test func(*testing.T, Engine)
	}{
		{"a run is invisible until it is published", runIsInvisibleUntilPublished},
		{"publishing twice changes nothing", publishingTwiceChangesNothing},
		{"a run can be discarded until it is published", runCanBeDiscarded},
		{"a score comes back as it was stored", scoreComesBack},
		{"sequences move only with what a reader must hear of", sequencesMove},
		{"a probability moves by exactly 0.005", exactSteps},
		{"scores are ordered exactly", scoresAreOrdered},
		{"pages follow on each other", pagesFollow},
		{"filters restrict", filtersRestrict},
		{"readers see whole snapshots", readersSeeWholeSnapshots},
		{"a snapshot can be read as of an instant", snapshotsByInstant},
		{"what was published outlives a restart", publishedOutlivesRestart},
		{"one model is active", oneModelIsActive},
		{"models come back as they were saved", modelsComeBack},
		{"an active model cannot be deleted", activeModelStays},
		{"keys come back with their ends", keysComeBack},
		{"the audit log says who did what", auditComesBack},
		{"receivers come back with their secrets and cursors", receiversComeBack},
		{"what became of deliveries is saved at once", deliveriesAreSavedAtOnce},
		{"jobs come back as they were saved last", jobsComeBack},
		{"triggers come back with their lives", triggersComeBack},
		{"what is shown of a score moves with what is told of it", shownMovesWithWhatIsTold},
		{"plans of surveys come back", plansOfSurveysComeBack},
		{"a run of playbooks follows on the one before", runsFollow},
		{"designs of experiments are noted once", designsAreNotedOnce},
		{"experiments count customers once", experimentsCountCustomers},
		{"what has ended stays ended", endedStaysEnded},
		{"open triggers stand on the scores", openTriggersStandOnScores},
		{"a cancelled call leaves nothing", cancelledCallLeavesNothing},
		{"errors have kinds", errorsHaveKinds},
		{"a closed warehouse is unavailable", closedWarehouse},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, e) })
	}
}

// open opens an empty warehouse for a test.
func (e Engine) open(t *testing.T) Warehouse {
	t.Helper()
	return e.openIn(t, t.TempDir())
}

func (e Engine) openIn(t *testing.T, dir string) Warehouse {
	t.Helper()
	w, err := e.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// put stores a run.
func (e Engine) put(t *testing.T, w Warehouse, run Run) int64 {
	t.Helper()
	number, err := e.Put(t.Context(), w, run)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

// publish stores and publishes a run.
func (e Engine) publish(t *testing.T, w Warehouse, run Run, at time.Time) model.Snapshot {
	t.Helper()
	snapshot, err := w.Publish(t.Context(), e.put(t, w, run), at)
	if err != nil {
		t.Fatal(err)
	}
	return snapshot
}

// list returns the current scores that a query selects.
func list(t *testing.T, w Warehouse, q model.ScoreQuery) []model.Score {
	t.Helper()
	scores, err := w.Scores(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	all := q
	all.Top, all.After = 0, nil
	count, err := w.CountScores(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(scores)); q.Top == 0 && q.After == nil && count != n || count < n {
		t.Errorf("%d scores were counted and %d listed: %+v", count, n, q)
	}
	return scores
}

// wantKind fails unless err has the kind.
func wantKind(t *testing.T, what string, err error, kind model.ErrorKind) {
	t.Helper()
	if err == nil || model.KindOf(err) != kind {
		t.Errorf("%s: want an error of kind %s, got %v", what, kind, err)
	}
}
