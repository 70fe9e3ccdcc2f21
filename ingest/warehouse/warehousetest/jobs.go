package warehousetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

func jobsComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	_, err := w.Job(t.Context(), "a")
	wantKind(t, "an unknown job", err, model.KindNotFound)
	_, err = w.Job(t.Context(), "")
	wantKind(t, "a job without an id", err, model.KindNotFound)

	running := model.Job{ID: "a", Kind: "train", Status: model.JobRunning, Steps: []string{}, StartedAt: asOf}
	failed := running
	failed.Status, failed.Steps = model.JobFailed, []string{"features", "risk"}
	failed.EndedAt, failed.Code, failed.Error = new(asOf.Add(time.Minute)), new(model.KindRefused), new("a gate is red")
	later := model.Job{ID: "b", Kind: "train", Status: model.JobDone, Steps: []string{}, StartedAt: asOf.Add(time.Hour), Result: json.RawMessage(`{"model":1}`)}
	for _, job := range []model.Job{running, later, failed} {
		if err := w.SaveJob(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	got, err := w.Job(t.Context(), "a")
	if diff := cmp.Diff(failed, got); diff != "" || err != nil {
		t.Errorf("job %v (-want +got):\n%s", err, diff)
	}
	for most, want := range map[int][]model.Job{1: {later}, 9: {later, failed}} {
		list, err := w.Jobs(t.Context(), most)
		if diff := cmp.Diff(want, list); diff != "" || err != nil {
			t.Errorf("the newest %d %v (-want +got):\n%s", most, err, diff)
		}
	}
}
