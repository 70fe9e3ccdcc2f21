package warehousetest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
)

// heard is a score as a reader of the feed last heard of it.
type heard struct {
	score    model.Score
	sequence model.Sequence
}

// sequencesMove publishes random snapshots and holds them against the rule as
// it is written in model.ScoreStore, kept here in Go.
func sequencesMove(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	check(t, func(r *rapid.T) {
		// Against an empty snapshot everyone is new.
		before, last := map[string]heard{}, e.publish(t, w, run(), asOf).Sequence
		for i := range rapid.IntRange(2, 5).Draw(r, "snapshots") {
			scores := randomScores(r)
			number, err := e.Put(t.Context(), w, run(scores...))
			if err != nil {
				r.Fatal(err)
			}
			at := asOf.Add(time.Duration(i) * time.Hour)
			snapshot, err := w.Publish(t.Context(), number, at)
			if err != nil {
				r.Fatal(err)
			}
			since := last
			before, last = expect(before, scores, last)
			checkSnapshot(t, r, w, snapshot, before, since, last)
		}
	})
}

func checkSnapshot(t *testing.T, r *rapid.T, w Warehouse, snapshot model.Snapshot, want map[string]heard, since, last model.Sequence) {
	t.Helper()
	if snapshot.Sequence != last {
		r.Fatalf("the snapshot's sequence is %s, want %s", snapshot.Sequence, last)
	}
	wantAll, wantNew := map[string]model.Sequence{}, []string{}
	for _, customer := range slices.Sorted(maps.Keys(want)) {
		wantAll[customer] = want[customer].sequence
		if want[customer].sequence > since {
			wantNew = append(wantNew, customer)
		}
	}
	gotAll := map[string]model.Sequence{}
	for _, s := range list(t, w, model.ScoreQuery{}) {
		gotAll[s.CustomerID] = s.Sequence
	}
	if diff := cmp.Diff(wantAll, gotAll); diff != "" {
		r.Fatalf("sequences (-want +got):\n%s", diff)
	}
	// New numbers follow the ids, so the feed since the snapshot before is by id.
	feed := ids(list(t, w, model.ScoreQuery{UpdatedSince: since, Order: model.BySequence}))
	if diff := cmp.Diff(wantNew, feed); diff != "" {
		r.Fatalf("feed since %s (-want +got):\n%s", since, diff)
	}
}

// expect returns what a reader has heard after a snapshot of the scores.
func expect(before map[string]heard, scores []model.Score, last model.Sequence) (map[string]heard, model.Sequence) {
	after := map[string]heard{}
	sorted := slices.SortedFunc(slices.Values(scores), func(a, b model.Score) int {
		return strings.Compare(a.CustomerID, b.CustomerID)
	})
	for _, s := range sorted {
		old, known := before[s.CustomerID]
		after[s.CustomerID] = old
		if !known || moved(old.score, s) {
			last++
			after[s.CustomerID] = heard{s, last}
		}
	}
	return after, last
}

// moved reports whether a reader must hear of the change from a to b. The
// probabilities that the test draws are multiples of 0.001.
func moved(a, b model.Score) bool {
	if a.Status != b.Status || a.Drift != b.Drift || a.Holdout != b.Holdout || !cmp.Equal(a.Band, b.Band) {
		return true
	}
	if a.ChurnProbability == nil || b.ChurnProbability == nil {
		return a.ChurnProbability != b.ChurnProbability
	}
	steps := math.Round(1000 * math.Abs(*a.ChurnProbability-*b.ChurnProbability))
	return steps >= 5
}

// randomScores draws scores of up to six customers that differ little, so
// that every cause of a change, and none, is met.
func randomScores(r *rapid.T) []model.Score {
	var scores []model.Score
	for i := range 6 {
		if !rapid.Bool().Draw(r, "held") && i > 0 {
			continue
		}
		customer := fmt.Sprintf("c%d", i)
		if rapid.IntRange(0, 9).Draw(r, "thin") == 0 {
			scores = append(scores, unscored(customer, model.StatusInsufficientEvidence))
			continue
		}
		// 0.005 between two doubles can be a little more and a little less.
		level := []int{100, 300, 900}[i/2]
		s := score(customer, float64(level+rapid.IntRange(0, 6).Draw(r, "step"))/1000)
		if rapid.Bool().Draw(r, "one band") {
			s.Band = new(model.BandMedium)
		}
		if rapid.IntRange(0, 9).Draw(r, "uncertain") == 0 {
			s.Status = model.StatusInsufficientEvidence
		}
		s.Holdout = rapid.IntRange(0, 9).Draw(r, "holdout") == 0
		if rapid.IntRange(0, 9).Draw(r, "drift") == 0 {
			s.Drift = model.Drifting
		}
		scores = append(scores, s)
	}
	return scores
}

// exactSteps changes probabilities by exactly 0.005 and by 0.004 from what was
// announced, at every thousandth: doubles hold such differences a little too
// large or too small. Small moves add up.
func exactSteps(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	at := func(step int) Run {
		scores := make([]model.Score, 990)
		for i := range scores {
			scores[i] = score(fmt.Sprintf("c%03d", i), float64(i+step)/1000)
			scores[i].Band = new(model.BandLow)
		}
		return run(scores...)
	}
	for _, c := range []struct {
		step int
		want model.Sequence
	}{{0, 990}, {5, 2 * 990}, {9, 2 * 990}, {4, 2 * 990}, {8, 2 * 990}, {10, 3 * 990}, {6, 3 * 990}, {5, 4 * 990}} {
		if got := e.publish(t, w, at(c.step), asOf).Sequence; got != c.want {
			t.Errorf("after step %d the sequence is %s, want %s", c.step, got, c.want)
		}
	}
}
