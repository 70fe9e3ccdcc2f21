package duckdb_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
)

func TestDuckDBKeepsTheWarehouseContract(t *testing.T) {
	warehousetest.Engine{
		Open: func(dir string) (warehousetest.Warehouse, error) {
			path := filepath.Join(dir, "shop.duckdb")
			return duckdb.Open(context.Background(), duckdb.Options{Path: path, Clock: clock, Threads: 2})
		},
		Put: func(ctx context.Context, w warehousetest.Warehouse, run warehousetest.Run) (int64, error) {
			return w.(*duckdb.Store).PutRun(ctx, run)
		},
	}.Run(t)
}
