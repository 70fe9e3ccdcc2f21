//go:build acceptance

package duckdb_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

const (
	killRounds    = 20
	killCustomers = 2000
)

// killRun is a run whose every score says which round of which model it is.
func killRun(round int) warehousetest.Run {
	run := warehousetest.Run{
		Model: round, AsOf: noon, ScoredAt: noon,
		Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Features:   []model.Feature{{Name: "recency"}},
	}
	for i := range killCustomers {
		run.Scores = append(run.Scores, model.Score{
			CustomerID: fmt.Sprintf("c%05d", i), Status: model.StatusOK, Drift: model.Stable, StatusReason: strconv.Itoa(round),
			ChurnProbability: new(float64(round%100) / 100), Contributions: []model.Contribution{{Name: "recency", LogOdds: float64(round)}},
		})
	}
	return run
}

// TestChildPublishesWithoutEnd saves, activates, scores and publishes, and
// says so, until it is killed.
func TestChildPublishesWithoutEnd(t *testing.T) {
	path := asChild(t)
	s := openAt(t, duckdb.Options{Path: path})
	for {
		version, err := s.SaveModel(t.Context(), model.StoredModel{CreatedAt: noon, AsOf: noon, File: []byte("{}")})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Activate(t.Context(), version, noon); err != nil {
			t.Fatal(err)
		}
		say("active %d", version)
		number, err := s.PutRun(t.Context(), killRun(version))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Publish(t.Context(), number, noon.Add(time.Duration(version)*time.Second)); err != nil {
			t.Fatal(err)
		}
		say("published %d", version)
	}
}

func TestWhatWasPublishedSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	random := rand.New(rand.NewPCG(1, 2))
	var sequence model.Sequence
	for round := range killRounds {
		active, published := killAtRandom(t, path, random)
		s, err := duckdb.Open(context.Background(), duckdb.Options{Path: path, Clock: clock})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		sequence = checkKilled(t, s, active, published, sequence)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// killAtRandom lets a child publish at least once and kills it some
// milliseconds later. It returns what the child has said it had done.
func killAtRandom(t *testing.T, path string, random *rand.Rand) (active, published int) {
	t.Helper()
	command, output := child(t, "TestChildPublishesWithoutEnd", path)
	var timer *time.Timer
	for output.Scan() {
		what, number, _ := strings.Cut(output.Text(), " ")
		n, err := strconv.Atoi(number)
		switch {
		case err != nil:
			t.Logf("the child said: %s", output.Text())
		case what == "active":
			active = n
		default:
			published = n
		}
		if published > 0 && timer == nil {
			wait := time.Duration(random.IntN(400_000)) * time.Microsecond
			timer = time.AfterFunc(wait, func() { _ = command.Process.Kill() })
		}
	}
	if published == 0 {
		t.Fatal("the child published nothing")
	}
	_ = command.Wait() // It was killed.
	return active, published
}

// checkKilled checks what a killed child left: everything that it had said,
// the one step after at most, and nothing in halves.
func checkKilled(t *testing.T, s *duckdb.Store, active, published int, last model.Sequence) model.Sequence {
	t.Helper()
	snapshot, err := s.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if snapshot.Model != published && snapshot.Model != published+1 {
		t.Errorf("published %d, found %d", published, snapshot.Model)
	}
	model, err := s.ActiveModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if model.Version != active && model.Version != active+1 {
		t.Errorf("activated %d, found %d", active, model.Version)
	}
	checkWhole(t, s, snapshot.Model, last)
	for _, table := range []string{"scores", "score_runs", "score_reasons"} {
		unpublished := value[int](t, s, "SELECT count(*) FROM "+table+" WHERE run NOT IN (SELECT run FROM snapshots)")
		if unpublished != 0 {
			t.Errorf("%d rows of %s belong to no published run", unpublished, table)
		}
	}
	return snapshot.Sequence
}

// checkWhole checks that all current scores are of one round, with their
// reasons, and that every one has moved.
func checkWhole(t *testing.T, s *duckdb.Store, round int, last model.Sequence) {
	t.Helper()
	scores, err := s.Scores(t.Context(), model.ScoreQuery{Reasons: -1, Order: model.BySequence})
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != killCustomers {
		t.Fatalf("%d of %d scores", len(scores), killCustomers)
	}
	for i, score := range scores {
		if score.StatusReason != strconv.Itoa(round) || score.Contributions[0].LogOdds != float64(round) {
			t.Fatalf("round %d holds a score of %s", round, score.StatusReason)
		}
		if score.CustomerID != fmt.Sprintf("c%05d", i) || score.Sequence <= last {
			t.Fatalf("score %d is of %s with sequence %s after %s", i, score.CustomerID, score.Sequence, last)
		}
	}
}
