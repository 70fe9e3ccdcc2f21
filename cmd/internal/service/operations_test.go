package service_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// operation is one as REST tells it.
type operation struct {
	OperationID string `json:"operation_id"`
	Kind        string
	Status      string
	Steps       []string
	Code        *string
	Error       *string
	EndedAt     *time.Time `json:"ended_at"`
	Result      *struct {
		Model     int
		Activated bool
	}
}

// train begins a training.
func (r *running) train(body string) (status int, o operation, text string) {
	r.t.Helper()
	got := r.post("/v1/models:train", "", body)
	if got.status == http.StatusOK {
		if err := json.Unmarshal([]byte(got.text), &o); err != nil {
			r.t.Fatal(err)
		}
	}
	return got.status, o, got.text
}

// operation asks for one until it fits.
func (r *running) operation(id string, fits func(operation) bool) operation {
	r.t.Helper()
	end := time.After(2 * time.Minute)
	for ticks := time.NewTicker(20 * time.Millisecond); ; {
		var o operation
		status, body := r.get("/v1/operations/" + id)
		if err := json.Unmarshal([]byte(body), &o); err != nil || status != http.StatusOK {
			r.t.Fatalf("%d %s %v", status, body, err)
		}
		if fits(o) {
			return o
		}
		select {
		case <-end:
			r.t.Fatalf("operation %s stays %s", id, body)
		case <-ticks.C:
		}
	}
}

func over(o operation) bool { return o.Status != "running" }

func TestATrainingIsAnOperationThatOutlastsItsRequest(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	a := open(t, time.Now)
	shop(t, a, 150)
	r := start(t, a, nothing)

	status, begun, text := r.train(`{}`)
	if status != http.StatusOK || begun.Status != "running" || begun.EndedAt != nil {
		t.Fatalf("%d %s", status, text)
	}
	if status, _, text := r.train(`{}`); status != http.StatusConflict || !strings.Contains(text, begun.OperationID) {
		t.Errorf("a second one: %d %s", status, text)
	}
	done := r.operation(begun.OperationID, over)
	if done.Status != "done" || done.Result == nil || done.Result.Model != 1 || !done.Result.Activated || !slices.Contains(done.Steps, "features") {
		t.Fatalf("%+v", done)
	}
	if _, body := r.get("/v1/models"); !strings.Contains(body, `"version":1`) || !strings.Contains(body, `"active":true`) {
		t.Errorf("models: %s", body)
	}

	_, begun, _ = r.train(`{"activate": false}`)
	r.operation(begun.OperationID, func(o operation) bool { return len(o.Steps) > 0 })
	if got := r.post("/v1/operations/"+begun.OperationID+":cancel", "", `{}`); got.status != http.StatusOK {
		t.Errorf("cancel: %d %s", got.status, got.text)
	}
	if o := r.operation(begun.OperationID, over); o.Status != "cancelled" || o.Result != nil || o.EndedAt == nil {
		t.Errorf("cancelled: %+v", o)
	}
	if got := r.post("/v1/operations/"+begun.OperationID+":cancel", "", `{}`); got.status != http.StatusConflict || !strings.Contains(got.text, "it is cancelled") {
		t.Errorf("cancelled again: %d %s", got.status, got.text)
	}
	_, begun, _ = r.train(`{"as_of": "2001-01-01T00:00:00Z"}`)
	if o := r.operation(begun.OperationID, over); o.Status != "failed" || o.Code == nil || *o.Code != "no_data" || o.Error == nil {
		t.Errorf("without data: %+v", o)
	}
	for target, want := range map[string]int{
		"/v1/models/1:activate": 200, "/v1/models/9:activate": 404, "/v1/models/0:activate": 400, "/v1/models/x:activate": 400,
		"/v1/operations/none:cancel": 404,
	} {
		if got := r.post(target, "", `{}`); got.status != want {
			t.Errorf("%s: %d %s", target, got.status, got.text)
		}
	}
	for _, status := range []string{"ok", "failed"} {
		if got := r.metric(`churnwatch_job_duration_seconds_count{status="` + status + `",task="train"}`); len(got) != 1 {
			t.Errorf("jobs that are %s: %v", status, got)
		}
	}
}

func TestWhatTheEndOfTheProgramCutOffIsInterrupted(t *testing.T) {
	a := open(t, time.Now)
	cut := model.Job{ID: "a", Kind: "train", Status: model.JobRunning, Steps: []string{"features"}, StartedAt: noon}
	ended := noon.Add(time.Hour)
	done := model.Job{ID: "b", Kind: "train", Status: model.JobDone, Steps: []string{}, StartedAt: ended, EndedAt: &ended, Result: json.RawMessage(`{"model": 4}`)}
	for _, job := range []model.Job{cut, cut, done} {
		if err := a.Store.SaveJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, a, nothing)
	if o := r.operation("a", over); o.Status != "interrupted" || o.Steps[0] != "features" {
		t.Errorf("cut off: %+v", o)
	}
	if o := r.operation("b", over); o.Status != "done" || o.Result.Model != 4 {
		t.Errorf("done: %+v", o)
	}
	var list struct {
		Operations []operation
	}
	_, body := r.get("/v1/operations")
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Operations) != 2 || list.Operations[0].OperationID != "b" {
		t.Errorf("list: %s %v", body, err)
	}
	if status, _ := r.get("/v1/operations/c"); status != http.StatusNotFound {
		t.Errorf("unknown: %d", status)
	}
}
