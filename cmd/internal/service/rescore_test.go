package service_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// order loads one order of that instant.
func order(t *testing.T, a *app.App, id int, at time.Time) {
	t.Helper()
	path := filepath.Join(a.Spool(), fmt.Sprintf("orders-%d.csv", id))
	text := fmt.Sprintf("order_id,customer_id,ordered_at,amount\n%d,c%d,%s,5\n", id, id, at.Format(time.RFC3339))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t.Context(), t, a, "orders", path)
}

// activate stores a model that has only a number, and makes it active.
func activate(t *testing.T, a *app.App) int {
	t.Helper()
	version, err := a.Store.SaveModel(t.Context(), model.StoredModel{
		CreatedAt: noon, AsOf: noon, Verdict: model.Activate, CodeVersion: "test", File: []byte("{}"),
		Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Store.Activate(t.Context(), version, noon); err != nil {
		t.Fatal(err)
	}
	return version
}

// publish scores everyone alike and publishes that.
func publish(t *testing.T, a *app.App, version int, asOf, scoredAt time.Time) {
	t.Helper()
	summary, err := a.Store.Score(t.Context(), model.ScoringQuery{
		AsOf: asOf, ScoredAt: scoredAt, Model: version, Features: model.Catalogue(model.Inactivity),
		Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Parameters: model.FeatureParameters{
			Satisfaction: model.SatisfactionParameters{HalfLifeDays: 180, Mean: 50, Within: 100, PriorAnswers: 3},
			Drift:        model.DriftParameters{CycleDays: 30, Level: 1, Prior: 1, Dispersion: 1, Movement: [8]float64{1, 1, 1, 1, 1, 1, 1, 1}, Threshold: -1, Depth: 1},
		},
		Card: model.Scorecard{Slope: 1, Level: 0.9, Z: 1.64, WidestInterval: 0.5, Bands: model.Bands{Medium: 0.3, High: 0.6}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Store.Publish(t.Context(), summary.Run, scoredAt); err != nil {
		t.Fatal(err)
	}
}

func schedule(a *app.App, log *lines) service.Rescorer {
	return service.NewRescorer(a, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), func(bool) {})
}

func TestWithoutAModelOrDataThereIsNothingToRescore(t *testing.T) {
	log := &lines{}
	a := open(t, func() time.Time { return noon })
	schedule(a, log).Once(t.Context())
	activate(t, a)
	schedule(a, log).Once(t.Context())
	if got := strings.Count(log.String(), `level=DEBUG msg="nothing to rescore"`); got != 2 {
		t.Errorf("log: %s", log.String())
	}
}

func TestFreshDataAreScoredAsOfTheClock(t *testing.T) {
	now := noon.Add(123456789)
	a := open(t, func() time.Time { return now })
	order(t, a, 1, noon.Add(-2*model.Day))
	version := activate(t, a)
	publish(t, a, version, noon.Add(-model.Day), noon.Add(-model.Day))
	r := schedule(a, &lines{})
	for range 2 { // Nothing has changed but the time: that is enough.
		asOf, due, err := r.Plan(t.Context())
		if !asOf.Equal(noon) || !due || err != nil {
			t.Errorf("as of %v, due %v, error %v, want noon", asOf, due, err)
		}
	}
}

func TestStaleDataAreScoredAsOfTheirWatermarkAndOnlyWhenSomethingChanged(t *testing.T) {
	now := noon
	log := &lines{}
	a := open(t, func() time.Time { return now })
	order(t, a, 1, noon.Add(-40*model.Day))
	version := activate(t, a)
	r := schedule(a, log)
	expect := func(when string, want bool) {
		t.Helper()
		asOf, due, err := r.Plan(t.Context())
		if !asOf.IsZero() || due != want || err != nil {
			t.Errorf("%s: as of %v, due %v, error %v, want the watermark and %v", when, asOf, due, err, want)
		}
	}
	expect("never scored", true)
	if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "scoring as of the data") {
		t.Errorf("log: %s", log.String())
	}
	publish(t, a, version, noon.Add(-40*model.Day), now)
	expect("scored", false)
	now = now.Add(time.Hour)
	expect("later", false)
	order(t, a, 2, noon.Add(-39*model.Day))
	expect("a load", true)
	now = now.Add(time.Hour)
	publish(t, a, version, noon.Add(-39*model.Day), now)
	expect("scored again", false)
	publish(t, a, activate(t, a)-1, noon.Add(-39*model.Day), now)
	expect("another model", true)
}

func TestASnapshotIsDueWhenItIsOldEnough(t *testing.T) {
	now := noon
	a := open(t, func() time.Time { return now })
	r := schedule(a, &lines{})
	if got := r.UntilDue(t.Context(), time.Hour); got != 0 {
		t.Errorf("without a snapshot due in %v", got)
	}
	order(t, a, 1, noon.Add(-model.Day))
	publish(t, a, activate(t, a), noon, noon)
	now = noon.Add(20 * time.Minute)
	if got := r.UntilDue(t.Context(), time.Hour); got != 40*time.Minute {
		t.Errorf("due in %v, want 40 minutes", got)
	}
	now = noon.Add(2 * time.Hour)
	if got := r.UntilDue(t.Context(), time.Hour); got != 0 {
		t.Errorf("long overdue, due in %v", got)
	}
}

func TestAScoringThatFailsIsLoggedAndCounted(t *testing.T) {
	a := open(t, func() time.Time { return noon })
	order(t, a, 1, noon.Add(-model.Day))
	activate(t, a) // Its file is no model.
	log, results := &lines{}, []bool{}
	r := service.NewRescorer(a, slog.New(slog.NewTextHandler(log, nil)), func(ok bool) { results = append(results, ok) })
	r.Once(t.Context())
	if len(results) != 1 || results[0] || !strings.Contains(log.String(), "rescoring failed") {
		t.Errorf("results %v, log: %s", results, log.String())
	}
}
