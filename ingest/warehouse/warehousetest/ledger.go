package warehousetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
)

// stored is a model as training saves it.
func stored(file string) model.StoredModel {
	return model.StoredModel{
		CreatedAt: asOf.Add(time.Minute), AsOf: asOf, Definition: inactivity, Verdict: model.Activate,
		ROCAUC: new(0.75), CodeVersion: "v0.1.0", File: []byte(file),
	}
}

// save saves models and returns their numbers.
func save(t *testing.T, w Warehouse, n int) []int {
	t.Helper()
	versions := make([]int, n)
	for i := range versions {
		version, err := w.SaveModel(t.Context(), stored(fmt.Sprintf(`{"n":%d}`, i)))
		if err != nil {
			t.Fatal(err)
		}
		versions[i] = version
	}
	return versions
}

func modelsComeBack(t *testing.T, e Engine) {
	t.Helper()
	dir := t.TempDir()
	w := e.openIn(t, dir)
	_, err := w.ActiveModel(t.Context())
	wantKind(t, "an active model before the first", err, model.KindNoData)

	versions := save(t, w, 2)
	if diff := cmp.Diff([]int{1, 2}, versions); diff != "" {
		t.Fatalf("numbers (-want +got):\n%s", diff)
	}
	if err := w.Activate(t.Context(), 1, asOf.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	w = e.openIn(t, dir)
	first, second := stored(`{"n":0}`), stored(`{"n":1}`)
	first.Version, first.Active, first.ActivatedAt = 1, true, new(asOf.Add(time.Hour))
	second.Version = 2
	active, err := w.ActiveModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, active); diff != "" {
		t.Errorf("active model (-want +got):\n%s", diff)
	}
	got, err := w.Model(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(second, got); diff != "" {
		t.Errorf("model (-want +got):\n%s", diff)
	}

	first.File, second.File = nil, nil
	models, err := w.Models(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]model.StoredModel{second, first}, models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
}

// oneModelIsActive activates models from many goroutines: at every moment
// exactly one is active.
func oneModelIsActive(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	versions := save(t, w, 4)
	if err := w.Activate(t.Context(), versions[0], asOf); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, version := range versions {
		group.Go(func() {
			for range 5 {
				if err := w.Activate(t.Context(), version, asOf); err != nil {
					t.Error(err)
				}
				if n := countActive(t, w); n != 1 {
					t.Errorf("%d models are active", n)
				}
			}
		})
	}
	group.Wait()

	if err := w.Activate(t.Context(), versions[2], asOf.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "activate an unknown model", w.Activate(t.Context(), 99, asOf), model.KindNotFound)
	active, err := w.ActiveModel(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if active.Version != versions[2] {
		t.Errorf("active is %d, want %d", active.Version, versions[2])
	}
	if err := w.Activate(t.Context(), versions[0], asOf.Add(2*time.Hour)); err != nil { // the way back
		t.Fatal(err)
	}
	if active, err = w.ActiveModel(t.Context()); err != nil || active.Version != versions[0] {
		t.Errorf("active is %d, want %d (%v)", active.Version, versions[0], err)
	}
}

func countActive(t *testing.T, w Warehouse) int {
	t.Helper()
	models, err := w.Models(t.Context())
	if err != nil {
		t.Error(err)
	}
	n := 0
	for _, m := range models {
		if m.Active {
			n++
		}
	}
	return n
}

func activeModelStays(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	save(t, w, 2)
	if err := w.Activate(t.Context(), 2, asOf); err != nil {
		t.Fatal(err)
	}
	wantKind(t, "delete the active model", w.DeleteModel(t.Context(), 2), model.KindConflict)
	wantKind(t, "delete an unknown model", w.DeleteModel(t.Context(), 9), model.KindNotFound)
	if err := w.DeleteModel(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	_, err := w.Model(t.Context(), 1)
	wantKind(t, "read a deleted model", err, model.KindNotFound)
	if versions := save(t, w, 1); versions[0] != 3 {
		t.Errorf("the next model is %d, want 3: a number is never used twice", versions[0])
	}
}

func cancelledCallLeavesNothing(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	made := e.put(t, w, run(score("ann", 0.2)))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	calls := map[string]func() error{
		"save":     func() error { _, err := w.SaveModel(ctx, stored("{}")); return err },
		"publish":  func() error { _, err := w.Publish(ctx, made, asOf); return err },
		"discard":  func() error { return w.Discard(ctx, made) },
		"snapshot": func() error { _, err := w.Snapshot(ctx); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: want the context's error, got %v", name, err)
		}
	}
	_, err := w.Snapshot(t.Context())
	wantKind(t, "snapshot after a cancelled publication", err, model.KindNoData)
	if models, err := w.Models(t.Context()); err != nil || models == nil || len(models) != 0 {
		t.Errorf("models after a cancelled save: %v, %v", models, err)
	}
	if _, err := w.Publish(t.Context(), made, asOf); err != nil {
		t.Errorf("publish after a cancelled discard: %v", err)
	}
}

func closedWarehouse(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Snapshot(t.Context())
	wantKind(t, "snapshot of a closed warehouse", err, model.KindUnavailable)
	_, err = w.SaveModel(t.Context(), stored("{}"))
	wantKind(t, "save into a closed warehouse", err, model.KindUnavailable)
}
