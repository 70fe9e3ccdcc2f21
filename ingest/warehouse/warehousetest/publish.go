package warehousetest

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

func runIsInvisibleUntilPublished(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	first := e.put(t, w, run(score("ann", 0.2)))

	_, err := w.Snapshot(t.Context())
	wantKind(t, "snapshot before the first publication", err, model.KindNoData)
	_, err = w.Scores(t.Context(), model.ScoreQuery{})
	wantKind(t, "scores before the first publication", err, model.KindNoData)

	if _, err := w.Publish(t.Context(), first, asOf); err != nil {
		t.Fatal(err)
	}
	second := e.put(t, w, run(score("ann", 0.9), score("bob", 0.9)))
	if diff := cmp.Diff([]string{"ann"}, ids(list(t, w, model.ScoreQuery{}))); diff != "" {
		t.Errorf("an unpublished run shows (-want +got):\n%s", diff)
	}
	snapshot, err := w.Publish(t.Context(), second, asOf.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	want := model.Snapshot{
		Run: second, Model: 1, AsOf: asOf, ScoredAt: asOf.Add(time.Hour), PublishedAt: asOf.Add(time.Hour), Sequence: 3,
		Summary: model.ScoringSummary{Run: second, Scored: 2, Bands: map[model.Band]int{model.BandLow: 2}, MeanRisk: 0.25},
	}
	if diff := cmp.Diff(want, snapshot); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	if got := ids(list(t, w, model.ScoreQuery{})); len(got) != 2 {
		t.Errorf("after publishing: %v", got)
	}
}

func publishingTwiceChangesNothing(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	first := e.publish(t, w, run(score("ann", 0.2)), asOf)
	second := e.publish(t, w, run(score("ann", 0.8)), asOf.Add(time.Hour))
	before := list(t, w, model.ScoreQuery{Reasons: -1})

	for _, published := range []model.Snapshot{first, second} {
		again, err := w.Publish(t.Context(), published.Run, asOf.Add(48*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(published, again); diff != "" {
			t.Errorf("published again (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(before, list(t, w, model.ScoreQuery{Reasons: -1})); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
}

func runCanBeDiscarded(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	published := e.publish(t, w, run(score("ann", 0.2)), asOf)
	made := e.put(t, w, run(score("ann", 0.9)))

	if err := w.Discard(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	_, err := w.Publish(t.Context(), made, asOf)
	wantKind(t, "publish a discarded run", err, model.KindNotFound)
	wantKind(t, "discard twice", w.Discard(t.Context(), made), model.KindNotFound)
	wantKind(t, "discard a published run", w.Discard(t.Context(), published.Run), model.KindConflict)
	if got := list(t, w, model.ScoreQuery{}); len(got) != 1 || *got[0].ChurnProbability != 0.2 {
		t.Errorf("scores after discarding: %v", got)
	}
}

func readersSeeWholeSnapshots(t *testing.T, e Engine) {
	t.Helper()
	const customers, readers, publications = 40, 3, 12
	w := e.open(t)
	e.publish(t, w, uniform(customers, 0.5), asOf)

	done := make(chan struct{})
	var group sync.WaitGroup
	for range readers {
		group.Go(func() {
			last := 0.0
			for {
				select {
				case <-done:
					return
				default:
				}
				last = wholeSnapshot(t, w, customers, last)
			}
		})
	}
	for i := range publications {
		e.publish(t, w, uniform(customers, 0.5+float64(i+1)/100), asOf.Add(time.Duration(i+1)*time.Hour))
	}
	close(done)
	group.Wait()
}

// wholeSnapshot reads the current scores of a uniform run once and returns
// their probability, which never falls below last.
func wholeSnapshot(t *testing.T, w Warehouse, customers int, last float64) float64 {
	t.Helper()
	scores, err := w.Scores(t.Context(), model.ScoreQuery{})
	if err != nil {
		t.Error(err)
		return last
	}
	if len(scores) != customers {
		t.Errorf("read %d of %d scores", len(scores), customers)
		return last
	}
	now := *scores[0].ChurnProbability
	for _, s := range scores {
		if *s.ChurnProbability != now {
			t.Errorf("one answer holds scores of two snapshots: %v and %v", now, *s.ChurnProbability)
		}
	}
	if now < last {
		t.Errorf("a reader went back from %v to %v", last, now)
	}
	return now
}

func publishedOutlivesRestart(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	published := e.publish(t, w, run(score("ann", 0.2), score("bob", 0.4)), asOf)
	unpublished := e.put(t, w, run(score("cid", 0.9)))
	before := list(t, w, model.ScoreQuery{Reasons: -1})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	snapshot, err := w.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(published, snapshot); diff != "" {
		t.Errorf("snapshot (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, list(t, w, model.ScoreQuery{Reasons: -1})); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	_, err = w.Publish(t.Context(), unpublished, asOf)
	wantKind(t, "publish what the process before left unfinished", err, model.KindNotFound)

	next := e.publish(t, w, run(score("ann", 0.9)), asOf.Add(time.Hour))
	if next.Sequence != published.Sequence+1 || next.Run <= published.Run {
		t.Errorf("after the restart: run %d, sequence %s; before: run %d, sequence %s",
			next.Run, next.Sequence, published.Run, published.Sequence)
	}
}
