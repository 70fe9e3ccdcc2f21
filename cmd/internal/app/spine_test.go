package app_test

import (
	"bytes"
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// clock stands still, so that nothing depends on when a test runs.
func clock() time.Time { return time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC) }

// long marks a test that trains several times over.
func long(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIPPED with -short: trains several models")
	}
}

// newApp opens an empty database for the test.
func newApp(t *testing.T, threads int) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Database.Path = filepath.Join(t.TempDir(), "test.duckdb")
	cfg.Database.Threads = threads
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// shop makes up a shop and returns its files.
func shop(t *testing.T, customers int) (demo.Planted, []demo.File) {
	t.Helper()
	planted, files, err := demo.Generate(t.Context(), demo.Options{Customers: customers, Seed: 1, Dir: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return planted, files
}

// loadShop imports a shop's files.
func loadShop(t *testing.T, a *app.App, files []demo.File) {
	t.Helper()
	for _, f := range files {
		reports, err := importing.Run(t.Context(), a, importing.Request{
			Kind: model.FactKind(f.Kind), Files: []importing.File{{Name: f.Path, Path: f.Path}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if reports[0].Loaded != f.Rows {
			t.Fatalf("%s: loaded %d of %d rows", f.Name, reports[0].Loaded, f.Rows)
		}
	}
}

func train(t *testing.T, a *app.App, asOf time.Time) scoring.TrainReport {
	t.Helper()
	report, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{AsOf: asOf, Activate: true})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func modelFile(t *testing.T, a *app.App, version int) []byte {
	t.Helper()
	stored, _, err := a.Scoring.Model(t.Context(), version)
	if err != nil {
		t.Fatal(err)
	}
	return stored.File
}

func TestFilesBecomeExplainedScores(t *testing.T) {
	a := newApp(t, 2)
	customers := 500
	if testing.Short() {
		customers = 400
	}
	_, files := shop(t, customers)
	loadShop(t, a, files)

	report := train(t, a, time.Time{})
	if !report.Activated || len(report.Evaluation.Cutoffs) == 0 {
		t.Fatalf("not activated after validation: %+v", report.Evaluation)
	}
	for name, part := range report.Parts {
		if part.Status != "ok" {
			t.Errorf("%s was not fitted: %v", name, part.Needs)
		}
	}
	scored, err := a.Scoring.Score(t.Context(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if scored.Scored == 0 {
		t.Fatalf("nobody was scored: %+v", scored)
	}
	top, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 5, Reasons: -1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range top {
		addsUp(t, a, s.CustomerID)
	}
	checkWhatIf(t, a)
}

// addsUp checks that a customer's explanation adds up, whether it is read
// from the published score or computed as of the same instant.
func addsUp(t *testing.T, a *app.App, customer string) {
	t.Helper()
	published, err := a.Scoring.Explain(t.Context(), customer, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	sum := *published.BaseLogOdds
	for _, c := range published.Contributions {
		sum += c.LogOdds
	}
	p, printed := 1/(1+math.Exp(-sum)), *published.LogOdds
	grouped := *published.BaseLogOdds
	for _, g := range published.Groups {
		grouped += g.LogOdds
	}
	if len(published.Groups) != 9 || math.Abs(grouped-printed) > 1e-9 {
		t.Errorf("%s: %d groups give log-odds %v, printed %v", customer, len(published.Groups), grouped, printed)
	}
	if math.Abs(sum-printed) > 1e-9 || math.Abs(p-*published.ChurnProbability) > 1e-9 {
		t.Errorf("%s: parts give log-odds %v and %v, printed %v and %v", customer, sum, p, printed, *published.ChurnProbability)
	}
	again, err := a.Scoring.Explain(t.Context(), customer, published.AsOf)
	if err != nil {
		t.Fatal(err)
	}
	again.Sequence, again.ChangedAt = published.Sequence, published.ChangedAt
	// How old the data were by the clock is of the moment of scoring, not of the
	// instant.
	if published.DataQuality == nil || published.DataQuality.Status != model.Yellow || again.DataQuality.Status != model.Green {
		t.Errorf("%s: data quality %+v, as of the same instant %+v", customer, published.DataQuality, again.DataQuality)
	}
	again.DataQuality = published.DataQuality
	if diff := cmp.Diff(published, again); diff != "" {
		t.Errorf("%s: as of the same instant something else is said (-published +now):\n%s", customer, diff)
	}
}

func TestTheSameDataGiveTheSameModelFileWhateverTheThreads(t *testing.T) {
	long(t)
	_, files := shop(t, 350)
	var bytesOf [][]byte
	for _, threads := range []int{1, 2} {
		a := newApp(t, threads)
		loadShop(t, a, files)
		bytesOf = append(bytesOf, modelFile(t, a, train(t, a, time.Time{}).Model))
	}
	if !bytes.Equal(bytesOf[0], bytesOf[1]) {
		t.Errorf("model files differ:\n%s", cmp.Diff(string(bytesOf[0]), string(bytesOf[1])))
	}
}
