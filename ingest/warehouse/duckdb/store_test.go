package duckdb_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// noon is the instant that the clocks of these tests show.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func openAt(t *testing.T, path string) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, Clock: clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestAStoreOpensTwiceInARowAndClosesTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	for range 2 {
		s := openAt(t, path)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOpenStoreIsAConflictForTheSameProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	openAt(t, path)
	_, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, Clock: clock, Threads: 2})
	if model.KindOf(err) != model.KindConflict {
		t.Fatalf("got %v", err)
	}
	t.Log(err)
}
