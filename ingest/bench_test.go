package ingest_test

import (
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
)

// BenchmarkImportOrders1M imports a million made-up orders into a new database
// and reports the speed over that of DuckDB's own typed reader into a bare
// table of the same file, in the same run. The import's time is the
// benchmark's.
func BenchmarkImportOrders1M(b *testing.B) {
	const orders = 1_000_000
	var ratio, seconds float64
	for i := range b.N { // Not b.Loop: each run makes its own database and times only a part.
		s := openShop(b, b.TempDir()+"/shop.duckdb", b.TempDir())
		importer, err := ingest.New(s.store, ingest.Options{Spool: s.spool, Clock: time.Now, Logger: quiet()})
		if err != nil {
			b.Fatal(err)
		}
		c, err := importer.CompareOrders(b.Context(), s.store, orders, uint64(i))
		if err != nil {
			b.Fatal(err)
		}
		ratio, seconds = ratio+c.Ratio, seconds+c.ImportSeconds
	}
	b.ReportMetric(seconds*1e9/float64(b.N), "ns/op")
	b.ReportMetric(orders*float64(b.N)/seconds, "rows/s")
	b.ReportMetric(ratio/float64(b.N), "of-bare-speed")
}
