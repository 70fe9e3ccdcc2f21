package duckdb_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

func TestDuckDBKeepsTheContractOfFacts(t *testing.T) { factEngine(0).Run(t) }

func factEngine(checks int) warehousetest.FactEngine {
	return warehousetest.FactEngine{
		Open: func() (warehousetest.FactWarehouse, error) {
			return duckdb.Open(context.Background(), duckdb.Options{Clock: clock, Threads: 2})
		},
		Replace: func(ctx context.Context, w warehousetest.FactWarehouse, facts []warehousetest.Fact) error {
			return replaceFacts(ctx, w.(*duckdb.Store), facts)
		},
		Put: func(ctx context.Context, w warehousetest.FactWarehouse, run warehousetest.Run) (int64, error) {
			return w.(*duckdb.Store).PutRun(ctx, run)
		},
		Checks: checks,
	}
}

// replaceFacts makes these the only facts of a store.
func replaceFacts(ctx context.Context, s *duckdb.Store, facts []warehousetest.Fact) error {
	return s.Write(ctx, func(tx *sql.Tx) error {
		for _, kind := range model.FactKinds() {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+string(kind)); err != nil {
				return err
			}
			if err := insertFacts(ctx, tx, kind, facts); err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
		}
		return nil
	})
}

// insertFacts inserts the facts of one kind, in their order, by one statement.
func insertFacts(ctx context.Context, tx *sql.Tx, kind model.FactKind, facts []warehousetest.Fact) error {
	columns := map[string]bool{}
	for _, f := range facts {
		if f.Kind == kind {
			for column := range f.Values {
				columns[column] = true
			}
		}
	}
	if len(columns) == 0 {
		return nil
	}
	names := slices.Sorted(maps.Keys(columns))
	var rows []string
	var args []any
	for _, f := range facts {
		if f.Kind != kind {
			continue
		}
		for _, name := range names {
			args = append(args, f.Values[name])
		}
		args = append(args, f.KnownAt, f.KnownAt, f.SettledAt, f.Revision, f.Tie, f.Tie, int64(1), f.Line)
		rows = append(rows, "("+strings.TrimSuffix(strings.Repeat("?, ", len(names)+8), ", ")+")")
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO "+string(kind)+" ("+strings.Join(names, ", ")+
		", known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line) VALUES "+strings.Join(rows, ", "), args...)
	return err
}
