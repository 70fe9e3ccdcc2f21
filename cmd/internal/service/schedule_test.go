package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// jobs are what /v1/operations tells.
type jobs struct {
	Operations []operation
	Schedules  []struct {
		Kind         string
		EverySeconds int       `json:"every_seconds"`
		NextAt       time.Time `json:"next_at"`
	}
}

// jobsOnce returns the jobs as soon as they fit.
func (r *running) jobsOnce(fits func(jobs) bool) (got jobs) {
	r.t.Helper()
	end := time.After(2 * time.Minute)
	for ticks := time.NewTicker(20 * time.Millisecond); ; {
		got = jobs{}
		status, body := r.get("/v1/operations")
		if err := json.Unmarshal([]byte(body), &got); err != nil || status != http.StatusOK {
			r.t.Fatalf("%d %s %v", status, body, err)
		}
		if fits(got) {
			return got
		}
		select {
		case <-end:
			r.t.Fatalf("operations stay %s", body)
		case <-ticks.C:
		}
	}
}

func allOver(n int) func(jobs) bool {
	return func(j jobs) bool {
		done := 0
		for _, o := range j.Operations {
			if over(o) {
				done++
			}
		}
		return done == n && len(j.Operations) == n
	}
}

func TestAScoringIsAnOperation(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	a := open(t, func() time.Time { return midsummer })
	a.Config.Server.RescoreEvery, a.Config.Server.RetrainEvery = 0, 0
	shop(t, a, 150)
	r := start(t, a, nothing)
	if got := r.post("/v1/scores:run", "", `{}`); got.status != http.StatusConflict || got.Code != "no_data" {
		t.Errorf("without a model: %d %s", got.status, got.text)
	}
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true}); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{}`, `{"as_of": "2026-06-20T00:00:00Z"}`} {
		got := r.post("/v1/scores:run", "", body)
		var begun operation
		if err := json.Unmarshal([]byte(got.text), &begun); err != nil || got.status != http.StatusOK || begun.Status != "running" {
			t.Fatalf("%d %s %v", got.status, got.text, err)
		}
		if done := r.operation(begun.OperationID, over); done.Status != "done" || done.Result.Model != 1 {
			t.Errorf("%+v", done)
		}
	}
	if snapshot, err := a.Store.Snapshot(t.Context()); err != nil || !snapshot.AsOf.Equal(time.Date(2026, 6, 20, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("snapshot as of %v, %v", snapshot.AsOf, err)
	}
	if got := r.jobsOnce(allOver(2)); len(got.Schedules) != 0 {
		t.Errorf("schedules that are off: %+v", got.Schedules)
	}
}

func TestWhatBecameDueWhileNothingRanIsDoneOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("trains models")
	}
	now := midsummer.AddDate(0, 0, -9)
	a := open(t, func() time.Time { return now })
	a.Config.Server.RetrainEvery = config.Days(7)
	shop(t, a, 150)
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{AsOf: now, Activate: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Scoring.Score(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	now = midsummer
	r := start(t, a, nothing)
	got := r.jobsOnce(allOver(2))
	kinds := []string{}
	for _, o := range got.Operations {
		kinds = append(kinds, o.Kind+" "+o.Status)
	}
	if text := strings.Join(kinds, ", "); text != "train done, score done" && text != "score done, train done" {
		t.Errorf("operations: %s", text)
	}
	got = r.jobsOnce(func(j jobs) bool { return len(j.Schedules) == 2 })
	for i, want := range []struct {
		kind string
		days int
	}{{"score", 1}, {"train", 7}} {
		s := got.Schedules[i]
		if s.Kind != want.kind || s.EverySeconds != want.days*86400 || s.NextAt.Sub(midsummer.AddDate(0, 0, want.days)).Abs() > 3*time.Minute {
			t.Errorf("schedule %+v, want %s every %d days", s, want.kind, want.days)
		}
		if next := r.metric(fmt.Sprintf(`churnwatch_job_next_run_timestamp_seconds{task=%q}`, want.kind)); len(next) != 1 {
			t.Errorf("metric of %s: %v", want.kind, next)
		}
	}
}

// A training that took the program with it is not the first thing that the next
// start does.
func TestATrainingThatWasInterruptedIsNotTriedAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer.AddDate(0, 0, -9)
	a := open(t, func() time.Time { return now })
	a.Config.Server.RescoreEvery, a.Config.Server.RetrainEvery = 0, config.Days(7)
	shop(t, a, 150)
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{AsOf: now, Activate: true}); err != nil {
		t.Fatal(err)
	}
	now = midsummer
	began := midsummer.Add(-time.Hour)
	if err := a.Store.SaveJob(t.Context(), model.Job{ID: "cut-off", Kind: "train", Status: model.JobInterrupted, StartedAt: began, EndedAt: &now}); err != nil {
		t.Fatal(err)
	}
	r := start(t, a, nothing)
	got := r.jobsOnce(func(j jobs) bool { return len(j.Schedules) == 1 })
	if next := got.Schedules[0].NextAt; next.Sub(began.Add(24*time.Hour)).Abs() > 3*time.Minute || len(got.Operations) != 1 {
		t.Errorf("next at %s, operations %+v", next, got.Operations)
	}
}

// champion makes a model active that says of itself that it led recency by so
// much at least.
func champion(t *testing.T, a *app.App, least float64) int {
	t.Helper()
	stored, err := a.Store.ActiveModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]any
	if err := json.Unmarshal(stored.File, &file); err != nil {
		t.Fatal(err)
	}
	for _, b := range file["evaluation"].(map[string]any)["baselines"].([]any) {
		if b := b.(map[string]any); b["name"] == "recency" {
			b["roc_auc_difference"] = map[string]any{"low": least, "high": 1}
		}
	}
	if stored.File, err = json.Marshal(file); err != nil {
		t.Fatal(err)
	}
	version, err := a.Store.SaveModel(t.Context(), stored)
	if err == nil {
		err = a.Store.Activate(t.Context(), version, midsummer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func TestAModelThatDidWorseDoesNotTakeThePlaceOfTheActiveOneByItself(t *testing.T) {
	if testing.Short() {
		t.Skip("trains models")
	}
	a := open(t, func() time.Time { return midsummer })
	shop(t, a, 300)
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true}); err != nil {
		t.Fatal(err)
	}
	better := champion(t, a, 0.9)
	report, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true, Challenge: true})
	if err != nil {
		t.Fatal(err)
	}
	stays := fmt.Sprintf("model %d stays active", better)
	if active, err := a.Store.ActiveModel(t.Context()); err != nil || active.Version != better || report.Activated || !strings.Contains(strings.Join(report.Warnings, "\n"), stays) {
		t.Errorf("active %d, %v; activated %v: %q", active.Version, err, report.Activated, report.Warnings)
	}
	champion(t, a, -0.9)
	if report, err = a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true, Challenge: true}); err != nil {
		t.Fatal(err)
	}
	if report.Activated != (report.Evaluation.Verdict == model.Activate) {
		t.Errorf("activated %v with verdict %s: %q", report.Activated, report.Evaluation.Verdict, report.Warnings)
	}
}
