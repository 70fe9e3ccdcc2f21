package duckdb_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestNothingIsWrittenWhereTheDiskHasLessSpaceThanIsKeptFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	s := openAt(t, duckdb.Options{Path: path, KeepFree: 1}) // Every disk has that.
	if err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	full := openAt(t, duckdb.Options{Path: path, KeepFree: 1 << 60}) // No disk has that. It opens all the same.
	err := full.Exec(t.Context(), "INSERT INTO t VALUES (2)")
	if model.KindOf(err) != model.KindExhausted || !strings.Contains(err.Error(), "database.keep_free") {
		t.Errorf("a write: %s %v", model.KindOf(err), err)
	}
	if n := value[int](t, full, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows are there, want 1", n)
	}
}

func TestADatabaseInMemoryKeepsNoDiskFree(t *testing.T) {
	s := openAt(t, duckdb.Options{KeepFree: 1 << 60})
	if err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Error(err)
	}
}
