package duckdb_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
)

// erasables is how many customers the child erases, one after the other.
const erasables = 30

func erasableAt(i int) string { return fmt.Sprintf("erasable-customer-%03d-of-many", i) }

// TestChildErases erases customers until it is killed, and says each when it has
// its receipt.
func TestChildErases(t *testing.T) {
	path := asChild(t)
	s := openAt(t, duckdb.Options{Path: path, SpoolDirectory: filepath.Dir(path)})
	for i := range erasables {
		if _, err := s.EraseCustomer(t.Context(), erasableAt(i), clock()); err != nil {
			t.Fatal(err)
		}
		say("erased")
	}
}

// TestAnErasureIsWholeWheneverItIsKilled kills a process that erases, in the
// middle of deleting, copying or exchanging files: whoever had a receipt is
// gone with his bytes, nobody is half there, and nobody else is touched.
func TestAnErasureIsWholeWheneverItIsKilled(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 6 {
		s := &shelter{gate: &gate{}, dir: t.TempDir()}
		options := duckdb.Options{Path: filepath.Join(s.dir, "shop.duckdb"), SpoolDirectory: s.dir}
		s.store = openAt(t, options)
		for i := range erasables {
			if err := s.store.Exec(t.Context(), fmt.Sprintf("INSERT INTO triggers BY NAME SELECT '%[1]s' AS customer_id, '%[1]s' AS trigger_id, '' AS playbook, '' AS step, '' AS cause, TIMESTAMP '2026-03-01 00:00:00' AS caused_at, TIMESTAMP '2026-03-01 00:00:00' AS planned_at, '' AS reason, '' AS urgency, '' AS action, '' AS template, '' AS channel, '' AS owner, '' AS offer, '' AS ask, FALSE AS holdout, '' AS evidence, '' AS signal, 1 AS run;"+
				"INSERT INTO trigger_lives SELECT %[2]d, '%[1]s', 'open', TIMESTAMP '2026-03-01 00:00:00', '', '', NULL, '', NULL", erasableAt(i), i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.store.Close(); err != nil {
			t.Fatal(err)
		}

		command, output := child(t, "TestChildErases", options.Path)
		receipts, most := 0, random.IntN(4)
		for receipts < most && output.Scan() {
			receipts++
		}
		<-time.After(time.Duration(random.IntN(300)) * time.Millisecond)
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for output.Scan() { // What it said before it died counts.
			if output.Text() == "erased" {
				receipts++
			}
		}
		_ = command.Wait() // It was killed.

		s.store = openAt(t, options)
		for i := range erasables {
			triggers := value[int](t, s.store, "SELECT count(*) FROM triggers WHERE customer_id = ?", erasableAt(i))
			lives := value[int](t, s.store, "SELECT count(*) FROM trigger_lives WHERE trigger_id = ?", erasableAt(i))
			switch {
			case triggers != lives:
				t.Errorf("%d receipts: customer %d has %d triggers and %d lives", receipts, i, triggers, lives)
			case i < receipts && triggers > 0:
				t.Errorf("%d receipts: customer %d is there still", receipts, i)
			case i > receipts && triggers == 0:
				t.Errorf("%d receipts: customer %d is gone", receipts, i)
			case triggers == 0 && len(s.held(t, erasableAt(i))) > 0:
				t.Errorf("%d receipts: the bytes of customer %d are in %v", receipts, i, s.held(t, erasableAt(i)))
			}
		}
		t.Logf("%d receipts before the end", receipts)
		if err := s.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
