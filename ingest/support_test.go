package ingest_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// arrival is when rows arrive in these tests.
var arrival = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shop is a warehouse with an importer.
type shop struct {
	*ingest.Importer
	store *duckdb.Store
	path  string
	spool string
	now   time.Time
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return openShop(t, filepath.Join(t.TempDir(), "shop.duckdb"), filepath.Join(t.TempDir(), "spool"))
}

func openShop(tb testing.TB, path, spool string) *shop {
	tb.Helper()
	if err := os.MkdirAll(spool, 0o700); err != nil {
		tb.Fatal(err)
	}
	s := &shop{path: path, spool: spool, now: arrival}
	clock := func() time.Time { return s.now }
	store, err := duckdb.Open(context.Background(), duckdb.Options{Path: path, SpoolDirectory: spool, Clock: clock, Threads: 2})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { store.Close() })
	s.store = store
	s.Importer, err = ingest.New(store, ingest.Options{
		Spool: spool, Clock: clock, Logger: quiet(),
	})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// take imports text as a file of a kind.
func (s *shop) take(t *testing.T, kind model.FactKind, text string, change ...func(*ingest.Request)) model.ImportReport {
	t.Helper()
	r, err := s.try(kind, text, change...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *shop) try(kind model.FactKind, text string, change ...func(*ingest.Request)) (model.ImportReport, error) {
	request := ingest.Request{Kind: kind, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(text))}}
	for _, c := range change {
		c(&request)
	}
	reports, err := s.Import(context.Background(), request)
	if len(reports) != 1 {
		return model.ImportReport{}, err
	}
	return reports[0], err
}

func (s *shop) quarantined(t *testing.T) []model.QuarantinedRow {
	t.Helper()
	var rows []model.QuarantinedRow
	err := s.store.Quarantined(context.Background(), model.QuarantineQuery{}, func(r model.QuarantinedRow) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func globbed(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}
