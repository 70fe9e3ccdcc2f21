package duckdb_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestAFileOfDataIsNotTakenForADatabase(t *testing.T) {
	for _, name := range []string{"orders.csv", "orders.json", "orders.parquet", "notes.txt"} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte("order_id,customer_id,ordered_at,amount\nA,c,2026-01-01,1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := duckdb.Open(t.Context(), duckdb.Options{
			Path: path, Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			_ = store.Close()
		}
		if model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s was opened: %v", name, err)
		}
	}
}
