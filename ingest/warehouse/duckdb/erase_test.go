package duckdb_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// erasable is a customer whose bytes are easily told from all others, and the
// things that only she has.
const (
	erasable      = "wanda-erasable-77"
	erasableName  = "Wandalinda"
	erasableWords = "the zebra parcel was squashed"
)

// wandas are facts of every kind of two customers; the last lines of orders are
// refused, one for its time and one as no record at all.
var wandas = map[model.FactKind]string{
	model.Customers:  "customer_id,first_name,channel,hobby\n" + erasable + "," + erasableName + ",web,chess\nother,Otto,web,go\n",
	model.Contracts:  "contract_id,customer_id,started_at\nk1," + erasable + ",2026-01-01\nk2,other,2026-01-01\n",
	model.Orders:     "order_id,customer_id,ordered_at,amount\no1," + erasable + ",2026-01-01,5\no2,other,2026-01-02,6\no3," + erasable + ",yesterday,7\n\"o4\"x," + erasable + ",2026-01-03\n",
	model.OrderItems: "order_id,line,sku\no1,1,zebra-sku\no2,1,plain-sku\n",
	model.Responses:  "response_id,customer_id,answered_at,kind,score,comment\nr1," + erasable + ",2026-01-05,nps,2," + erasableWords + "\nr2,other,2026-01-05,nps,9,fine\n",
	model.Tickets:    "ticket_id,customer_id,opened_at\nt1," + erasable + ",2026-01-06\nt2,other,2026-01-06\n",
	model.Events:     "event_id,customer_id,occurred_at,name\ne1," + erasable + ",2026-01-07,visit\ne2,other,2026-01-07,visit\n",
	model.Outreach:   "outreach_id,customer_id,sent_at,kind\nu1," + erasable + ",2026-01-08,survey\nu2,other,2026-01-08,survey\n",
}

// shelter is a database in a file, with an importer before it.
type shelter struct {
	*gate

	dir string
}

func openShelter(t *testing.T) *shelter {
	t.Helper()
	dir := t.TempDir()
	spool := filepath.Join(dir, "shop.duckdb.spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	g := &gate{spool: spool, store: openAt(t, duckdb.Options{Path: filepath.Join(dir, "shop.duckdb"), SpoolDirectory: spool})}
	return &shelter{gate: g.inChunks(t, 0), dir: dir}
}

// take imports all of a customer's facts and returns what was refused of each kind.
func (s *shelter) takeAll(t *testing.T) map[model.FactKind]model.ImportReport {
	t.Helper()
	out := map[model.FactKind]model.ImportReport{}
	for _, kind := range model.FactKinds() {
		out[kind] = s.take(t, kind, wandas[kind])
	}
	return out
}

// personal lists the tables with a customer_id, from the catalogue.
func (s *shelter) personal(t *testing.T) (tables []string) {
	t.Helper()
	s.rows(t, "SELECT DISTINCT table_name FROM information_schema.columns WHERE column_name = 'customer_id' AND table_schema = 'main' ORDER BY 1", func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return err
	})
	return tables
}

func (s *shelter) rows(t *testing.T, query string, row func(scan func(...any) error) error) {
	t.Helper()
	err := s.store.Read(t.Context(), func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(t.Context(), query)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

// count is how many rows a table has of a customer.
func (s *shelter) count(t *testing.T, table, customer string) (n int) {
	t.Helper()
	s.rows(t, fmt.Sprintf("SELECT count(*) FROM %s WHERE customer_id = '%s'", table, customer), func(scan func(...any) error) error { return scan(&n) })
	return n
}

// fill puts a made-up row of each customer into every table that has none yet,
// whatever its columns are.
func (s *shelter) fill(t *testing.T, tables []string) {
	t.Helper()
	for _, table := range tables {
		for _, customer := range []string{erasable, "other"} {
			if s.count(t, table, customer) > 0 {
				continue
			}
			var names, values []string
			s.rows(t, "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = '"+table+"' AND table_schema = 'main'", func(scan func(...any) error) error {
				var name, kind string
				err := scan(&name, &kind)
				names, values = append(names, name), append(values, made(name, kind, customer))
				return err
			})
			if err := s.store.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(names, ", "), strings.Join(values, ", "))); err != nil {
				t.Fatalf("%s: %v", table, err)
			}
		}
	}
}

// made is a value for a column.
func made(name, kind, customer string) string {
	switch {
	case name == "customer_id":
		return "'" + customer + "'"
	case name == "trigger_id":
		return "'t-" + customer + "'"
	case strings.HasSuffix(kind, "[]"):
		return "[]"
	case kind == "VARCHAR":
		return "'word'"
	case kind == "BOOLEAN":
		return "TRUE"
	case strings.HasPrefix(kind, "TIMESTAMP"):
		return "TIMESTAMP '2026-01-09 00:00:00'"
	case kind == "DATE":
		return "DATE '2026-01-09'"
	}
	return "1"
}

// onDisk lists the files below the data directory that hold one of the texts.
func (s *shelter) onDisk(t *testing.T, texts ...string) (found []string) {
	t.Helper()
	if err := s.store.Exec(t.Context(), "CREATE OR REPLACE TEMP TABLE nothing (i INTEGER); DROP TABLE nothing"); err != nil {
		t.Fatal(err)
	}
	return s.held(t, texts...)
}

// held is onDisk without a look at the database first.
func (s *shelter) held(t *testing.T, texts ...string) (found []string) {
	t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, text := range texts {
			if bytes.Contains(data, []byte(text)) {
				found = append(found, filepath.Base(path)+": "+text)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNothingOfAnErasedCustomerIsLeft(t *testing.T) {
	s := openShelter(t)
	s.takeAll(t)
	tables := s.personal(t)
	s.fill(t, tables)
	for _, text := range []string{
		"INSERT INTO trigger_lives SELECT 1, trigger_id, 'open', TIMESTAMP '2026-01-09 00:00:00', 'wanda-life', '', NULL, '', NULL FROM triggers WHERE customer_id = '" + erasable + "'",
		"INSERT INTO kept_answers VALUES ('k', 'h', '{\"refused\": \"" + erasable + "\"}', TIMESTAMP '2026-01-09 00:00:00'), ('l', 'h', '{}', TIMESTAMP '2026-01-09 00:00:00')",
		"INSERT INTO operations VALUES ('o', 'import', 'done', '[]', TIMESTAMP '2026-01-09 00:00:00', TIMESTAMP '2026-01-09 00:00:01', NULL, NULL, '{\"read\":5,\"examples\":[{\"detail\":\"" + erasable + "\"}]}'), ('p', 'import', 'failed', '[]', TIMESTAMP '2026-01-09 00:00:00', NULL, 'invalid', 'no column is called " + erasable + "', NULL), ('q', 'import', 'done', '[]', TIMESTAMP '2026-01-09 00:00:00', NULL, NULL, NULL, '{\"read\":6,\"examples\":[1]}')",
		"CHECKPOINT",
	} {
		if text == "CHECKPOINT" {
			s.rows(t, text, func(func(...any) error) error { return nil })
			continue
		}
		if err := s.store.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	secrets := []string{erasable, erasableName, erasableWords, "zebra-sku", "wanda-life"}
	if before := s.onDisk(t, secrets...); len(before) < len(secrets) {
		t.Fatalf("before the erasure the disk holds only %v", before)
	}

	export, err := s.store.ExportCustomer(t.Context(), erasable)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range append(slices.Clone(tables), "order_items", "trigger_lives") {
		if len(export.Tables[table]) == 0 {
			t.Errorf("the export has nothing of %s", table)
		}
	}
	text, err := json.Marshal(export)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if !strings.Contains(string(text), secret) {
			t.Errorf("the export lacks %q", secret)
		}
	}
	if strings.Contains(string(text), "Otto") {
		t.Error("the export tells of somebody else")
	}

	receipt := s.eraseWhileReading(t)
	if !receipt.Compacted || len(receipt.Subject) != 64 {
		t.Errorf("receipt: %+v", receipt)
	}
	counted := map[string]int64{}
	for _, r := range receipt.Tables {
		counted[r.Table] += r.Rows
	}
	for _, table := range tables {
		if n := s.count(t, table, erasable); n != 0 {
			t.Errorf("%s still has %d rows", table, n)
		}
		if n := s.count(t, table, "other"); n == 0 && table != "quarantine" {
			t.Errorf("%s lost the rows of somebody else", table)
		}
		if counted[table] == 0 {
			t.Errorf("the receipt does not count %s: %v", table, receipt.Tables)
		}
	}
	for _, table := range []string{"order_items", "trigger_lives", "kept_answers"} {
		if counted[table] != 1 {
			t.Errorf("the receipt counts %d rows of %s, want 1", counted[table], table)
		}
	}
	if left := s.onDisk(t, secrets...); len(left) > 0 {
		t.Errorf("after the erasure the disk holds %v", left)
	}
	for id, want := range map[string]string{"o": `{"read":5,"unmapped_columns":[]}`, "p": "", "q": `{"read":6,"examples":[1]}`} {
		if job, err := s.store.Job(t.Context(), id); err != nil || string(job.Result) != want || (job.Error != nil) != (id == "p") {
			t.Errorf("operation %s: %+v, %v", id, job, err)
		}
	}
	if counted["operations"] != 2 {
		t.Errorf("the receipt counts %d operations", counted["operations"])
	}
	if _, err := s.store.ExportCustomer(t.Context(), erasable); model.KindOf(err) != model.KindNotFound {
		t.Errorf("export after the erasure: %v", err)
	}
	s.staysOut(t, secrets)
}

// eraseWhileReading erases while others read, who must not notice.
func (s *shelter) eraseWhileReading(t *testing.T) model.Erasure {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if _, err := s.store.Keys(t.Context()); err != nil { //nolint:contextcheck // A read that has begun goes on.
					t.Errorf("a reader: %v", err)
					return
				}
			}
		})
	}
	receipt, err := s.store.EraseCustomer(t.Context(), erasable, clock())
	cancel()
	readers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// staysOut imports the same files again: nothing about her comes back, and
// nothing of hers is kept in the quarantine.
func (s *shelter) staysOut(t *testing.T, secrets []string) {
	t.Helper()
	for kind, report := range s.takeAll(t) {
		want := int64(1)
		if kind == model.Orders {
			want = 3
		}
		if report.Loaded != 0 || report.Unchanged != 1 || report.Quarantined != want || report.Reasons[model.Erased] == 0 {
			t.Errorf("%s again: %+v", kind, report)
		}
	}
	for _, table := range s.personal(t) {
		if n := s.count(t, table, erasable); n != 0 {
			t.Errorf("%s has %d rows after the import", table, n)
		}
	}
	if left := s.onDisk(t, secrets...); len(left) > 0 {
		t.Errorf("after another import the disk holds %v", left)
	}
	if _, err := s.store.EraseCustomer(t.Context(), erasable, clock()); err != nil {
		t.Errorf("erase again: %v", err)
	}
}

func TestWhatWasDecidedBeforeAnErasureIsNotKept(t *testing.T) {
	s := openShelter(t)
	if _, err := s.store.EraseCustomer(t.Context(), erasable, clock()); err != nil {
		t.Fatal(err)
	}
	run := model.RetentionRun{From: noon, To: noon.Add(time.Minute), RanAt: noon}
	if err := s.store.SaveRetention(t.Context(), run, []model.Trigger{{ID: "t", CustomerID: erasable}}, nil); model.KindOf(err) != model.KindConflict {
		t.Errorf("triggers: %v", err)
	}
	plan := model.SurveyPlan{Day: "2026-03-01", PlannedAt: new(noon), Surveys: []model.PlannedSurvey{{ID: "s", CustomerID: erasable}}}
	if err := s.store.SaveSurveyPlan(t.Context(), plan, 0); model.KindOf(err) != model.KindConflict {
		t.Errorf("surveys: %v", err)
	}
	if err := s.store.SaveRetention(t.Context(), run, []model.Trigger{{ID: "t", CustomerID: "other"}}, nil); err != nil {
		t.Errorf("somebody else: %v", err)
	}
}

func TestAnErasureThatWasCutShortEndsAtTheNextStart(t *testing.T) {
	s := openShelter(t)
	s.takeAll(t)
	// As if the program had been killed between the deletion and the copy.
	for _, text := range []string{
		"DELETE FROM customers WHERE customer_id = '" + erasable + "'",
		"INSERT INTO compactions_due VALUES (TIMESTAMP '2026-03-01 12:00:00')",
	} {
		if err := s.store.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(s.spool, "copy-1")
	if err := errors.Join(os.Mkdir(left, 0o700), os.WriteFile(filepath.Join(left, "fresh.duckdb"), []byte(erasableName), 0o600), s.store.Close()); err != nil {
		t.Fatal(err)
	}
	if found := s.held(t, erasableName); len(found) < 2 {
		t.Fatalf("before the start the disk holds only %v", found)
	}
	s.store = openAt(t, duckdb.Options{Path: filepath.Join(s.dir, "shop.duckdb"), SpoolDirectory: s.spool})
	if found := s.held(t, erasableName); len(found) > 0 {
		t.Errorf("after the start the disk holds %v", found)
	}
	if n := value[int](t, s.store, "SELECT count(*) FROM compactions_due"); n != 0 {
		t.Errorf("%d copies are due still", n)
	}
}

func TestSomebodyUnknownCanBeErasedBeforehand(t *testing.T) {
	s := openShelter(t)
	receipt, err := s.store.EraseCustomer(t.Context(), erasable, clock())
	if err != nil || receipt.Rows() != 0 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	if r := s.take(t, model.Customers, wandas[model.Customers]); r.Loaded != 1 || r.Reasons[model.Erased] != 1 {
		t.Errorf("import: %+v", r)
	}
	if _, err := s.store.EraseCustomer(t.Context(), "", clock()); model.KindOf(err) != model.KindInvalid {
		t.Errorf("no id: %v", err)
	}
}
