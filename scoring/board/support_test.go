package board_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// now is when boards are drawn up; days of tests count from it.
var now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)

// shop is the real warehouse with what is known of it.
type shop struct {
	*board.Service

	t        *testing.T
	store    *duckdb.Store
	importer *ingest.Importer
	scoring  *scoring.Service
	settings board.Settings
}

func newShop(t *testing.T, change func(*board.Settings)) *shop {
	t.Helper()
	log, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	s := &shop{t: t}
	spool := t.TempDir()
	store, err := duckdb.Open(t.Context(), duckdb.Options{SpoolDirectory: spool, Clock: clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.store = store
	if s.importer, err = ingest.New(store, ingest.Options{Spool: spool, Clock: clock, Logger: log}); err != nil {
		t.Fatal(err)
	}
	definition := model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day}
	s.scoring, err = scoring.New(store, store, scoring.Settings{
		Definition: definition, Calendar: model.Calendar{Step: 30 * model.Day, MinHistory: 90 * model.Day},
		Bands: model.Bands{Medium: 0.35, High: 0.65}, IntervalLevel: 0.9, CycleDays: 30, FalseAlarms: 20, HalfLifeDays: 180, Seed: 1,
		Dimensions: []string{"channel"},
	}, clock, log)
	if err != nil {
		t.Fatal(err)
	}
	settings := board.Settings{Definition: definition, MinimumCell: 2, TrendDays: scoring.TrendWindowDays}
	if change != nil {
		change(&settings)
	}
	s.settings = settings
	s.Service = board.New(store, s.scoring, settings)
	return s
}

// day is that many days from now, at noon: @-3 in rows.
func day(n int) time.Time { return now.AddDate(0, 0, n).Add(12 * time.Hour) }

// take imports rows of a kind; @-3 is noon of three days before now, @-3+2h two
// hours later.
func (s *shop) take(kind model.FactKind, text string) {
	s.t.Helper()
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		cells := strings.Split(strings.TrimSpace(line), ",")
		for k, cell := range cells {
			if when, ok := strings.CutPrefix(cell, "@"); ok {
				cells[k] = at(s.t, when).Format(time.RFC3339)
			}
		}
		lines[i] = strings.Join(cells, ",")
	}
	reports, err := s.importer.Import(s.t.Context(), ingest.Request{
		Kind: kind, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(strings.Join(lines, "\n")+"\n"))},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range reports {
		if r.Quarantined > 0 {
			s.t.Fatalf("%s: %d rows refused", kind, r.Quarantined)
		}
	}
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	days, later, _ := strings.Cut(text, "+")
	var n int
	if _, err := fmt.Sscan(days, &n); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if later == "" {
		return day(n)
	}
	by, err := time.ParseDuration(later)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return day(n).Add(by)
}

// orders are those of a customer on some days, each of an amount.
func orders(customer string, amount float64, days ...int) string {
	var out strings.Builder
	for _, d := range days {
		fmt.Fprintf(&out, "%s%d,%s,@%d,%g\n", customer, -d, customer, d, amount)
	}
	return out.String()
}

// every are days from one on, before another, some days apart.
func every(step, from, until int) (out []int) {
	for d := from; d < until; d += step {
		out = append(out, d)
	}
	return out
}

const orderColumns = "order_id,customer_id,ordered_at,amount\n"
