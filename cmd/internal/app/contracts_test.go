package app_test

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// contract is one customer's, with the zero time for no notice.
type contract struct{ started, notice time.Time }

// contractsOf gives each customer of a shop's orders a contract from the first
// order on, and notice three weeks after the last one to who fell silent.
func contractsOf(t *testing.T, files []demo.File) map[string]contract {
	t.Helper()
	at := slices.IndexFunc(files, func(f demo.File) bool { return f.Kind == string(model.Orders) })
	rows := read(t, files[at].Path)
	id, ordered := slices.Index(rows[0], "customer_id"), slices.Index(rows[0], "ordered_at")
	span := map[string][2]time.Time{}
	for _, row := range rows[1:] {
		when, err := time.Parse(time.RFC3339, row[ordered])
		if err != nil {
			t.Fatal(err)
		}
		s, ok := span[row[id]]
		if !ok || when.Before(s[0]) {
			s[0] = when
		}
		if when.After(s[1]) {
			s[1] = when
		}
		span[row[id]] = s
	}
	out := map[string]contract{}
	for id, s := range span {
		c := contract{started: s[0]}
		if s[1].Before(demo.DefaultEnd().Add(-60 * model.Day)) {
			c.notice = s[1].Add(21 * model.Day)
		}
		out[id] = c
	}
	return out
}

func loadContracts(t *testing.T, a *app.App, contracts map[string]contract) {
	t.Helper()
	rows := [][]string{{"contract_id", "customer_id", "started_at", "cancelled_at"}}
	for id, c := range contracts {
		notice := ""
		if !c.notice.IsZero() {
			notice = c.notice.Format(time.RFC3339)
		}
		rows = append(rows, []string{"k-" + id, id, c.started.Format(time.RFC3339), notice})
	}
	path := filepath.Join(t.TempDir(), "contracts.csv")
	write(t, path, rows)
	reports, err := importing.Run(t.Context(), a, importing.Request{Kind: model.Contracts, Files: []importing.File{{Name: path, Path: path}}})
	if err != nil || int(reports[0].Loaded) != len(contracts) {
		t.Fatalf("%+v, %v", reports, err)
	}
}

// Who gave notice after drift could be judged is recounted from the contracts.
func TestDriftOfContractsLeadsTheNotice(t *testing.T) {
	long(t)
	cfg := config.Default()
	cfg.Training.MaxCutoffs, cfg.Definition.Kind = 2, string(model.Cancellation)
	a, err := newApp(t, 2).With(cfg)
	if err != nil {
		t.Fatal(err)
	}
	_, files := shop(t, 300)
	loadShop(t, a, files)
	contracts := contractsOf(t, files)
	loadContracts(t, a, contracts)
	file, err := scoring.Decode(modelFile(t, a, train(t, a, time.Time{}).Model))
	if err != nil {
		t.Fatal(err)
	}
	got := file.Drift
	if got.Status.Status != "ok" {
		t.Fatalf("drift: %+v", got.Status)
	}
	began := contracts[""].started
	for _, c := range contracts {
		if began.IsZero() || c.started.Before(began) {
			began = c.started
		}
	}
	churned := 0
	for _, c := range contracts {
		judged := false
		for k := range 24 {
			at := got.AsOf.Add(-time.Duration(30*k) * model.Day)
			if !at.Add(-90 * model.Day).Before(model.StartOfDay(began)) {
				judged = judged || c.started.Before(at) && !c.notice.Before(at)
			}
		}
		if judged && !c.notice.IsZero() && c.notice.Before(got.AsOf) {
			churned++
		}
	}
	if got.Lead.Churned != churned || churned < 30 {
		t.Errorf("%d gave notice who were judged before, recounted %d", got.Lead.Churned, churned)
	}
	if lead := got.Lead.MedianDays; lead == nil || !(*lead > 0) || got.LeadTime.Median == nil {
		t.Errorf("lead time %+v", got.Lead)
	}
}

// A shop whose customers seldom order, or whose orders come by another way, is
// not out of date: its triggers go by the clock while anything comes in. What is
// not known then is said.
func TestTheClockOfTriggersIsNotThatOfTheOrders(t *testing.T) {
	now := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	cfg := config.Default()
	cfg.Database.Path, cfg.Definition.Kind = filepath.Join(t.TempDir(), "test.duckdb"), string(model.Cancellation)
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	load := func(kind model.FactKind, rows ...[]string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), string(kind)+".csv")
		write(t, path, rows)
		if _, err := importing.Run(t.Context(), a, importing.Request{Kind: kind, Files: []importing.File{{Name: path, Path: path}}}); err != nil {
			t.Fatal(err)
		}
	}
	setUp := time.Date(2025, 12, 2, 0, 0, 0, 0, time.UTC)
	load(model.Orders, []string{"order_id", "customer_id", "ordered_at", "amount"}, []string{"setup", "ada", "2025-12-02T10:00:00Z", "50"})
	load(model.Contracts, []string{"contract_id", "customer_id", "started_at"}, []string{"k", "ada", "2025-12-02T10:00:00Z"})
	if got, err := a.Retention.Now(t.Context()); err != nil || !got.Equal(setUp) {
		t.Errorf("while nothing comes in it is %s, %v; want %s", got, err, setUp)
	}
	report, err := a.Retention.Run(t.Context(), time.Time{})
	if err != nil || len(report.Warnings) != 1 || !strings.Contains(report.Warnings[0], "stands at 2025-12-02") {
		t.Errorf("%+v, %v", report, err)
	}
	load(model.Responses, []string{"response_id", "customer_id", "answered_at", "kind", "score"}, []string{"r", "ada", "2026-03-06T09:00:00Z", "nps", "3"})
	if got, err := a.Retention.Now(t.Context()); err != nil || !got.Equal(now) {
		t.Errorf("after an answer of today it is %s, %v; want %s", got, err, now)
	}
	report, err = a.Retention.Run(t.Context(), time.Time{})
	if err != nil || !report.To.Equal(now) || !strings.Contains(strings.Join(report.Warnings, "; "), "the newest order is of 2025-12-02") {
		t.Errorf("%+v, %v", report, err)
	}
}

// Contracts are signed before they start: those that are still to start are no
// end of the data, unless it is the clock that is wrong.
func TestAContractThatIsStillToStartDoesNotMoveTheEndOfTheData(t *testing.T) {
	now := time.Date(2026, 3, 6, 12, 0, 0, 0, time.UTC)
	cfg := config.Default()
	cfg.Database.Path, cfg.Definition.Kind = filepath.Join(t.TempDir(), "test.duckdb"), string(model.Cancellation)
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	path := filepath.Join(t.TempDir(), "contracts.csv")
	write(t, path, [][]string{
		{"contract_id", "customer_id", "started_at", "cancelled_at"}, {"1", "ada", "2026-01-01", ""}, {"2", "ben", "2025-01-01", "2026-02-03"}, {"3", "cy", "2026-09-01", ""},
	})
	if _, err := importing.Run(t.Context(), a, importing.Request{Kind: model.Contracts, Files: []importing.File{{Name: path, Path: path}}}); err != nil {
		t.Fatal(err)
	}
	for clock, want := range map[time.Time]string{now: "2026-02-03", now.AddDate(1, 0, 0): "2026-09-01", now.AddDate(-9, 0, 0): "2026-09-01"} {
		now = clock
		if got, err := a.Scoring.Watermark(t.Context()); err != nil || got.Format(time.DateOnly) != want {
			t.Errorf("on %s the data end at %s, %v; want %s", clock, got, err, want)
		}
	}
}
