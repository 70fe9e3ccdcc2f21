package importing_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *app.App {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "a.duckdb"), func() time.Time { return noon })
}

func openAt(t *testing.T, path string, clock func() time.Time) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Database.Path, cfg.Database.Threads = path, 2
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func batch(kind model.FactKind, key, text string) model.Batch {
	return model.Batch{Kind: kind, Format: model.BatchNDJSON, Text: strings.NewReader(text), Key: key}
}

// small are requests as clients send them, good and bad. None of them says
// another thing of the same row, so that their order is free.
func small() (out []func() model.Batch) {
	add := func(kind model.FactKind, key, text string) {
		out = append(out, func() model.Batch { return batch(kind, key, text) })
	}
	for i := range 12 {
		add(model.Orders, fmt.Sprint("o", i), fmt.Sprintf(`{"order_id":"%d","customer_id":"c","ordered_at":"2026-02-01","amount":%d}
{"order_id":"%d-b","customer_id":"c","ordered_at":"never","amount":1}
`, i, i, i))
		add(model.Responses, "", fmt.Sprintf(`{"response_id":"%d","customer_id":"c","answered_at":"2026-02-01","kind":"nps","score":%d}`, i, i))
		add(model.Events, "", fmt.Sprintf(`{"customer_id":"c%d","occurred_at":"2026-02-01","name":"visit"}`, i))
	}
	add(model.Orders, "more", "{\"order_id\":\"m\",\"customer_id\":\"c\",\"ordered_at\":\"2026-02-01\",\"amount\":1,\"gift\":true}\nno object\n")
	add(model.Orders, "blank", "\n{\"order_id\":\"n\",\"customer_id\":\"c\",\"ordered_at\":\"2026-02-01\",\"amount\":1}\n\n")
	add(model.Events, "lacking", `{"name":"visit"}`)
	add(model.Events, "", `{"name":"visit"}`)
	return out
}

func told(answer model.BatchAnswer, err error) string {
	r := answer.Report
	for i := range r.Examples {
		r.Examples[i].Load = 0
	}
	return fmt.Sprintf("%v %+v", err, r)
}

// held is what a database holds, and what it refused.
func held(t *testing.T, a *app.App) (out []string) {
	t.Helper()
	history, err := a.Store.History(t.Context(), noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range history.Kinds {
		out = append(out, fmt.Sprint(k.Kind, k.Rows))
	}
	err = a.Store.Quarantined(t.Context(), model.QuarantineQuery{}, func(q model.QuarantinedRow) error {
		out = append(out, fmt.Sprint(q.Kind, q.Line, q.Column, q.Reason, q.Raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

// await returns when so many requests wait to be loaded.
func await(intake *importing.Intake, waiting int) {
	until(func() bool { return intake.Waiting() >= waiting })
}

func until(holds func() bool) {
	every := time.NewTicker(time.Millisecond)
	defer every.Stop()
	for !holds() {
		<-every.C
	}
}

func TestRequestsThatAreLoadedTogetherAreAnsweredAsIfEachWereLoadedAlone(t *testing.T) {
	alone, together := open(t), open(t)
	requests := small()
	want := make([]string, len(requests))
	for i, b := range requests {
		want[i] = told(importing.NewIntake(alone, func() {}).Import(t.Context(), b()))
	}
	intake := importing.NewIntake(together, func() {})
	release := intake.Hold()
	got := make([]string, len(requests))
	var group sync.WaitGroup
	for i, b := range requests {
		group.Go(func() { got[i] = told(intake.Import(t.Context(), b())) })
	}
	await(intake, 3*12)
	release()
	group.Wait()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-alone +together):\n%s", diff)
	}
	if diff := cmp.Diff(held(t, alone), held(t, together)); diff != "" {
		t.Errorf("held (-alone +together):\n%s", diff)
	}
	for i, b := range requests {
		again, err := intake.Import(t.Context(), b())
		if key := b().Key; key != "" && err == nil && (!again.Replayed || told(again, nil) != want[i]) {
			t.Errorf("%s again: %s", key, told(again, err))
		}
	}
}

func TestEqualRowsWithoutAKeyStayOneThoughTheyComeAtOnce(t *testing.T) {
	a := open(t)
	intake := importing.NewIntake(a, func() {})
	release := intake.Hold()
	var group sync.WaitGroup
	reports := make([]model.ImportReport, 2)
	for i := range reports {
		group.Go(func() {
			answer, err := intake.Import(t.Context(), batch(model.Events, "", `{"customer_id":"c","occurred_at":"2026-02-01","name":"visit"}`))
			if reports[i] = answer.Report; err != nil {
				t.Error(err)
			}
		})
		await(intake, 1)
	}
	release()
	group.Wait()
	if loaded, unchanged := reports[0].Loaded+reports[1].Loaded, reports[0].Unchanged+reports[1].Unchanged; loaded != 1 || unchanged != 1 {
		t.Errorf("loaded %d, unchanged %d", loaded, unchanged)
	}
}
