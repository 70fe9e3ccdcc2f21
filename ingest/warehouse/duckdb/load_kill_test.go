//go:build acceptance

package duckdb_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// kills is at how many moments an import is killed: CHURNWATCH_KILLS, or 5.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CHURNWATCH_KILLS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killFile is a file that the child imports.
type killFile struct {
	name string
	kind model.FactKind
	text string
}

// killFiles are three files: orders, changed and repeated orders with faults,
// and events without ids. Each is three chunks long.
func killFiles() []killFile {
	const rows = 30_000
	var first, second, events strings.Builder
	first.WriteString("order_id,customer_id,ordered_at,amount,status\n")
	second.WriteString("order_id,customer_id,ordered_at,amount,status\n")
	events.WriteString("customer_id,occurred_at,name\n")
	for i := range rows {
		fmt.Fprintf(&first, "o%06d,c%d,2024-01-%02d,%d.25,paid\n", i, i%977, i%28+1, i%300)
		amount := strconv.Itoa(i % 300)
		if i%1000 == 7 {
			amount = "unknown"
		}
		fmt.Fprintf(&second, "o%06d,c%d,2024-01-%02d,%s.25,sent\n", i+rows/2, (i+rows/2)%977, (i+rows/2)%28+1, amount)
		fmt.Fprintf(&events, "c%d,2024-01-%02d,visit\n", i%97, i%28+1)
	}
	return []killFile{{"first.csv", model.Orders, first.String()}, {"second.csv", model.Orders, second.String()}, {"events.csv", model.Events, events.String()}}
}

// importAll imports the files in dir in their order.
func importAll(t *testing.T, path string, done func(name string)) *gate {
	t.Helper()
	g := &gate{spool: filepath.Join(filepath.Dir(path), "spool")}
	if err := os.MkdirAll(g.spool, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := ingest.Sweep(g.spool); err != nil {
		t.Fatal(err)
	}
	g.store = openAt(t, duckdb.Options{Path: path, SpoolDirectory: g.spool})
	g.inChunks(t, 10_000)
	for _, f := range killFiles() {
		file := ingest.File(filepath.Join(filepath.Dir(path), f.name))
		reports, err := g.Import(t.Context(), ingest.Request{Kind: f.kind, Files: []ingest.Input{file}})
		if err != nil {
			t.Fatal(err)
		}
		done(fmt.Sprint(f.name, " ", reports[0].Read))
	}
	return g
}

func TestChildImportsFiles(t *testing.T) {
	importAll(t, asChild(t), func(name string) { say("done %s", name) })
}

// dumpAll returns the tables without where their rows came from.
func dumpAll(t *testing.T, g *gate) map[string][]string {
	t.Helper()
	dump := map[string][]string{}
	for _, table := range []string{"orders", "events"} {
		dump[table] = g.rows(t, "SELECT * EXCLUDE (load_id, tie) FROM "+table+" ORDER BY ALL")
	}
	dump["quarantine"] = g.rows(t, "SELECT parse_filename(file), * EXCLUDE (load_id, file) FROM quarantine ORDER BY ALL")
	return dump
}

func writeKillFiles(t *testing.T) (path string) {
	t.Helper()
	dir := t.TempDir()
	for _, f := range killFiles() {
		if err := os.WriteFile(filepath.Join(dir, f.name), []byte(f.text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "shop.duckdb")
}

func TestAnImportThatIsKilledLeavesWholeFilesOrNothing(t *testing.T) {
	start := time.Now()
	unbroken := importAll(t, writeKillFiles(t), func(string) {})
	took := time.Since(start)
	want := dumpAll(t, unbroken)
	random := rand.New(rand.NewPCG(3, 4))
	interrupted := 0
	for round := range kills(t) {
		path := writeKillFiles(t)
		command, output := child(t, "TestChildImportsFiles", path)
		wait := time.Duration(random.Int64N(int64(took)))
		timer := time.AfterFunc(wait, func() { _ = command.Process.Kill() })
		acknowledged := 0
		for output.Scan() {
			if strings.HasPrefix(output.Text(), "done ") {
				acknowledged++
			}
		}
		timer.Stop()
		if err := command.Wait(); err != nil {
			interrupted++
		}
		checkWholeFiles(t, path, acknowledged)
		again := importAll(t, path, func(string) {})
		if diff := gocmp.Diff(want, dumpAll(t, again)); diff != "" {
			t.Fatalf("round %d, killed after %v: tables (-unbroken +killed and imported again):\n%.2000s", round, wait, diff)
		}
		if err := again.store.Close(); err != nil {
			t.Error(err)
		}
	}
	if interrupted == 0 {
		t.Errorf("no import of %d was interrupted", kills(t))
	}
	t.Logf("%d of %d imports were interrupted, each within %v", interrupted, kills(t), took)
}

// checkWholeFiles opens what a killed child left.
func checkWholeFiles(t *testing.T, path string, acknowledged int) {
	t.Helper()
	store, err := duckdb.Open(context.Background(), duckdb.Options{Path: path, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	g := &gate{store: store}
	loads := g.rows(t, "SELECT load_id FROM loads")
	if len(loads) != acknowledged && len(loads) != acknowledged+1 {
		t.Errorf("%d files were acknowledged, %d are there", acknowledged, len(loads))
	}
	broken := g.rows(t, `SELECT load_id, loaded + replaced, quarantined, count(version), count(refused)
		FROM loads
		FULL JOIN (
			SELECT load_id, 1 AS version, NULL AS refused FROM orders
			UNION ALL SELECT load_id, 1, NULL FROM events
			UNION ALL SELECT load_id, NULL, 1 FROM quarantine
		) USING (load_id)
		GROUP BY ALL
		HAVING loaded + replaced IS DISTINCT FROM count(version) OR quarantined IS DISTINCT FROM count(refused)`)
	if len(broken) > 0 {
		t.Errorf("loads that are there in part: load, rows, refused, found rows, found refused: %q", broken)
	}
}
