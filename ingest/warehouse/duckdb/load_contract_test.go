package duckdb_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

func TestEventsWithoutIDsAreToldApartAcrossChunks(t *testing.T) {
	g := openGate(t)
	var file strings.Builder
	file.WriteString("customer_id,occurred_at,name\n")
	for i := range 60 { // Each of 20 events three times, far apart.
		fmt.Fprintf(&file, "c%d,2024-01-01,visit\n", i%20)
	}
	file.WriteString("c1,2024-01-01,visit\nc1,never,visit\n")
	for _, chunk := range []int{7, 0} {
		g.clear(t).inChunks(t, chunk)
		if r := g.take(t, model.Events, file.String()); r.Loaded != 61 || r.Quarantined != 1 {
			t.Errorf("in chunks of %d: %+v", chunk, r)
		}
		if r := g.take(t, model.Events, file.String()); r.Unchanged != 61 {
			t.Errorf("again: %+v", r)
		}
		got := g.rows(t, "SELECT customer_id, count(DISTINCT event_id), max(source_line) FROM events WHERE customer_id IN ('c1', 'c19') GROUP BY 1 ORDER BY 1")
		if diff := gocmp.Diff([]string{"c1 4 62", "c19 3 61"}, got); diff != "" {
			t.Errorf("in chunks of %d: events and last lines (-want +got):\n%s", chunk, diff)
		}
	}
}

func TestADryRunKeepsNothingAndShowsExamples(t *testing.T) {
	g := openGate(t)
	file := "order_id,customer_id,ordered_at,amount\no1,c1,2024-01-01,1\n" + strings.Repeat("o2,,2024-01-01,1\n", 5) + "o3,c1\n"
	r := g.take(t, model.Orders, file, func(r *ingest.Request) { r.DryRun, r.Examples = true, 2 })
	if r.Loaded != 1 || r.Quarantined != 6 || !r.DryRun || len(r.Examples) != 3 {
		t.Errorf("%+v", r)
	}
	if n := g.rows(t, "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM quarantine) + (SELECT count(*) FROM loads)"); n[0] != "0" {
		t.Errorf("%s rows were kept", n)
	}
}

func TestAFileThatBreaksOffLeavesNothing(t *testing.T) {
	g := openGate(t)
	broken := io.MultiReader(strings.NewReader("order_id,customer_id,ordered_at,amount\n"+strings.Repeat("o1,c1,2024-01-01,1\n", 50_000)), failing{})
	_, err := g.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.Stream("rows", broken)}})
	if !errors.Is(err, errBrokenOff) {
		t.Errorf("error %v, want %v", err, errBrokenOff)
	}
	if n := g.rows(t, "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM loads)"); n[0] != "0" {
		t.Errorf("%s rows were kept", n)
	}
}

var errBrokenOff = errors.New("the line broke off")

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errBrokenOff }

func TestRefusedRowsAreKeptForTheirTime(t *testing.T) {
	g := openGate(t)
	at := noon
	importer, err := ingest.New(g.store, ingest.Options{
		Spool: g.spool, Clock: func() time.Time { return at }, Logger: g.log, KeepQuarantine: 10 * model.Day,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Importer = importer
	bad := func(id string) string {
		return "order_id,customer_id,ordered_at,amount\nok,c1,2024-01-01,1\n" + id + ",,2024-01-01,1\n"
	}
	kept := func() []string { return g.rows(t, "SELECT raw FROM quarantine ORDER BY raw") }
	g.take(t, model.Orders, bad("o1"))
	at = noon.Add(9 * model.Day)
	g.take(t, model.Orders, bad("o2"))
	if diff := gocmp.Diff([]string{"o1,,2024-01-01,1", "o2,,2024-01-01,1"}, kept()); diff != "" {
		t.Errorf("after 9 days (-want +got):\n%s", diff)
	}
	at = noon.Add(11 * model.Day)
	g.take(t, model.Orders, bad("o2")) // The same row again is kept once.
	if diff := gocmp.Diff([]string{"o2,,2024-01-01,1"}, kept()); diff != "" {
		t.Errorf("after 11 days (-want +got):\n%s", diff)
	}
}

func TestQuarantinedRowsAreListedNewestLoadFirst(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Orders, "order_id,customer_id,ordered_at,amount\no0,c1,2024-01-01,1\no1,,2024-01-01,1\no2,c1,x,1\n")
	g.take(t, model.Events, "customer_id,occurred_at,name\nc1,2024-01-01,visit\nc1,2024-01-01,\n")
	for _, c := range []struct {
		query model.QuarantineQuery
		want  []string
	}{
		{model.QuarantineQuery{}, []string{"2 events 3 name", "1 orders 3 customer_id", "1 orders 4 ordered_at"}},
		{model.QuarantineQuery{Limit: 1}, []string{"2 events 3 name"}},
		{model.QuarantineQuery{Kind: model.Orders, Reason: model.NotATime}, []string{"1 orders 4 ordered_at"}},
		{model.QuarantineQuery{Load: 2, File: "rows"}, []string{"2 events 3 name"}},
		{model.QuarantineQuery{File: "elsewhere"}, []string{}},
	} {
		got := []string{}
		err := g.store.Quarantined(t.Context(), c.query, func(r model.QuarantinedRow) error {
			got = append(got, fmt.Sprint(r.Load, " ", r.Kind, " ", r.Line, " ", r.Column))
			if !r.RecordedAt.Equal(noon) || r.Raw == "" || r.Detail == "" {
				t.Errorf("%+v", r)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.query, diff)
		}
	}
}

func TestTheFirstVersionIsKnownAtItsOccurrenceOrArrival(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Customers, "customer_id,signed_up_at,tier\nc1,2023-05-01,gold\nc2,,gold\n")
	g.take(t, model.OrderItems, "order_id,line,sku\no1,1,A\n")
	want := []string{"c1 2023-05-01T00:00:00 2026-03-01T12:00:00", "c2 1970-01-01T00:00:00 2026-03-01T12:00:00"}
	if diff := gocmp.Diff(want, g.rows(t, "SELECT customer_id, known_at, settled_at FROM customers ORDER BY 1")); diff != "" {
		t.Errorf("customers: known, settled (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"1970-01-01T00:00:00"}, g.rows(t, "SELECT known_at FROM order_items")); diff != "" {
		t.Errorf("items are known with their order (-want +got):\n%s", diff)
	}
}

func TestUnknownColumnsOfCustomersAreKeptAsAttributes(t *testing.T) {
	g := openGate(t)
	r := g.take(t, model.Customers, "customer_id,zebra,Ärger mit \"Post\",apple\nc1,z,ja,\nc2,,,\n")
	if len(r.UnmappedColumns) != 0 {
		t.Errorf("unmapped: %q", r.UnmappedColumns)
	}
	if diff := gocmp.Diff([]string{`c1 {"zebra":"z","Ärger mit \"Post\"":"ja"}`, "c2 -"},
		g.rows(t, "SELECT customer_id, attributes FROM customers ORDER BY 1")); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	again := g.take(t, model.Customers, "apple,\"Ärger mit \"\"Post\"\"\",customer_id,zebra\n,ja,c1,z\n,,c2,\n")
	if again.Unchanged != 2 {
		t.Errorf("the same customers with columns in another order: %+v", again)
	}
}
