package ingest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

func TestColumnsAreRecognisedByTheirNames(t *testing.T) {
	for _, c := range []struct {
		name, header string
		given        map[string]string
		want         map[string]string
		unmapped     []string
	}{
		{
			"as they are, in any order", "amount,ordered_at,customer_id,order_id", nil,
			map[string]string{"amount": "amount", "ordered_at": "ordered_at", "customer_id": "customer_id", "order_id": "order_id"},
			[]string{},
		},
		{
			"without regard to case, spaces and hyphens", "Order-ID, customer ID ,orderedAt,AMOUNT", nil,
			map[string]string{"order_id": "Order-ID", "customer_id": "customer ID", "ordered_at": "orderedAt", "amount": "AMOUNT"},
			[]string{},
		},
		{
			"by words that mean the same", "order_number,client_id,order_date,total,colour", nil,
			map[string]string{"order_id": "order_number", "customer_id": "client_id", "ordered_at": "order_date", "amount": "total"},
			[]string{"colour"},
		},
		{
			"the own name before one that means the same", "user_id,customer_id,order_id,ordered_at,amount", nil,
			map[string]string{"order_id": "order_id", "customer_id": "customer_id", "ordered_at": "ordered_at", "amount": "amount"},
			[]string{"user_id"},
		},
		{
			"what is given before all", "order_id,customer_id,ordered_at,amount,buyer,Net Sum",
			map[string]string{"customer_id": "buyer", "amount": "Net Sum"},
			map[string]string{"order_id": "order_id", "customer_id": "buyer", "ordered_at": "ordered_at", "amount": "Net Sum"},
			[]string{"customer_id", "amount"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newShop(t).take(t, model.Orders, c.header+"\n", func(r *ingest.Request) { r.Map = c.given })
			if diff := cmp.Diff(c.want, r.MappedColumns); diff != "" {
				t.Errorf("mapped (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.unmapped, r.UnmappedColumns); diff != "" {
				t.Errorf("unmapped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRequestsThatCantBeMetSayWhy(t *testing.T) {
	const header = "order_id,customer_id,ordered_at,amount\n"
	s := newShop(t)
	for _, c := range []struct {
		text   string
		kind   model.FactKind
		change func(*ingest.Request)
		want   string
	}{
		{header, "shops", func(*ingest.Request) {}, `unknown kind "shops": want one of customers, contracts,`},
		{header, model.Orders, func(r *ingest.Request) { r.Files = nil }, "no file was given"},
		{header, model.Orders, func(r *ingest.Request) { r.Map = map[string]string{"custmer_id": "x"} }, `map custmer_id=x: orders has no column "custmer_id" (did you mean customer_id?)`},
		{header, model.Orders, func(r *ingest.Request) { r.Map = map[string]string{"status": "state"} }, `map status=state: the file has no column "state"`},
		{header, model.Orders, func(r *ingest.Request) { r.TimeZone = "Europe/Atlantis" }, `unknown time zone "Europe/Atlantis"`},
		{header, model.Orders, func(r *ingest.Request) { r.DateFormat = "soon" }, `date format "soon": want a form such as DD/MM/YYYY`},
		{header, model.Orders, func(r *ingest.Request) { r.DateFormat = "%d/%m/%Y %z" }, "times with an offset need no format"},
		{"id,name\n", model.Orders, func(*ingest.Request) {}, "required column order_id, customer_id, ordered_at, amount is missing; found: id, name"},
		{"order_ref,customer_id,ordered_at,amount\n", model.Orders, func(*ingest.Request) {}, "perhaps --map order_id=order_ref"},
	} {
		_, err := s.try(c.kind, c.text, c.change)
		if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one of kind invalid with %q", err, c.want)
		}
	}
}

func TestSeveralFilesGiveOneReportAKind(t *testing.T) {
	s := newShop(t)
	var last ingest.Progress
	reports, err := s.Import(t.Context(), ingest.Request{
		Kind: model.Orders,
		Files: []ingest.Input{
			ingest.Stream("a", strings.NewReader(header+rows(0, 3)+"o90,,2024-01-01,1,\n")),
			ingest.Stream("b", strings.NewReader("note,"+header+"x,o5,c1,2024-01-01,1,\n")),
		},
		Progress: func(p ingest.Progress) { last = p },
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(reports) != 1 {
		t.Fatalf("%d reports, want 1", len(reports))
	}
	want := outcome{Read: 5, Loaded: 4, Quarantined: 1, Reasons: map[string]int64{"missing_value": 1}}
	if diff := cmp.Diff(want, outcomeOf(reports[0])); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if r := reports[0]; r.Source != "a, b" || len(r.UnmappedColumns) != 1 {
		t.Errorf("source %q, unmapped %q", r.Source, r.UnmappedColumns)
	}
	if last.File != "b" || last.Rows != 5 || last.Bytes == 0 {
		t.Errorf("progress %+v", last)
	}
}

func TestTheSpoolIsEmptyAfterwards(t *testing.T) {
	s := newShop(t)
	s.take(t, model.Orders, header+rows(0, 3))
	_, _ = s.try(model.Orders, header+"o1,,,,\n")
	if left := globbed(t, s.spool); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}
