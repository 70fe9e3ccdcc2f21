package duckdb_test

import (
	"crypto/md5"
	"encoding/binary"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// in sets the time zone of a request.
func in(zone string) func(*ingest.Request) {
	return func(r *ingest.Request) { r.TimeZone = zone }
}

func TestTimesAreReadInTheirForms(t *testing.T) {
	g := openGate(t)
	for _, c := range []struct{ text, zone, want string }{
		{"2024-03-05", "", "2024-03-05T00:00:00"},
		{"2024-03-05 10:20", "", "2024-03-05T10:20:00"},
		{"2024-03-05 10:20:30", "", "2024-03-05T10:20:30"},
		{"2024-03-05T10:20:30", "", "2024-03-05T10:20:30"},
		{"2024-03-05 10:20:30.25", "", "2024-03-05T10:20:30.25"},
		{"2024-03-05 10:20:30,25", "", "2024-03-05T10:20:30.25"},
		{"2024-03-05T10:20:30Z", "", "2024-03-05T10:20:30"},
		{"2024-03-05T10:20Z", "", "2024-03-05T10:20:00"},
		{"2024-03-05T10:20:30.123456Z", "", "2024-03-05T10:20:30.123456"},
		{"2024-03-05T10:20:30+02:00", "", "2024-03-05T08:20:30"},
		{"2024-03-05 10:20:30 +0100", "", "2024-03-05T09:20:30"},
		{"2024-03-05 10:20:30-05", "", "2024-03-05T15:20:30"},
		{"2024-03-05 10:20:30-09:30", "", "2024-03-05T19:50:30"},
		{"2024-03-05 10:20:30 UTC", "", "2024-03-05T10:20:30"},
		{" 2024-03-05 10:20:30 ", "", "2024-03-05T10:20:30"},
		{"2024-3-5 1:02:03", "", "2024-03-05T01:02:03"},
		{"2024-03-05", "Europe/Berlin", "2024-03-04T23:00:00"},
		{"2024-07-05 10:20:30", "Europe/Berlin", "2024-07-05T08:20:30"},
		{"2024-07-05 10:20", "Europe/Berlin", "2024-07-05T08:20:00"},
		{"2024-07-05T10:20:30Z", "Europe/Berlin", "2024-07-05T10:20:30"},
		{"2024-07-05T10:20:30+05:30", "Europe/Berlin", "2024-07-05T04:50:30"},
	} {
		g.clear(t).take(t, model.Orders, fmt.Sprintf("order_id,customer_id,ordered_at,amount\no1,c1,\"%s\",1\n", c.text), in(c.zone))
		if diff := gocmp.Diff([]string{c.want}, g.rows(t, "SELECT ordered_at FROM orders")); diff != "" {
			t.Errorf("%q in zone %q (-want +got):\n%s", c.text, c.zone, diff)
		}
	}
}

func TestOtherFormsOfTimesAreRefusedUnlessTheyAreGiven(t *testing.T) {
	g := openGate(t)
	const good = "o0,c1,2024-01-01,1\n"
	for _, value := range []string{"31/12/2024", "12/31/2024", "10/11/12", "1.2.2024", "epoch", "infinity", " infinity ", "-infinity", "99999-1-01", "20240105", "1704448800", "2024-02-30", "2024-01-05T25:00:00Z", "0024-01-05", "tomorrow"} {
		r := g.clear(t).take(t, model.Orders, "order_id,customer_id,ordered_at,amount\n"+good+"o1,c1,"+value+",1\n")
		if r.Loaded != 1 || r.Quarantined != 1 {
			t.Errorf("%q: loaded %d, want it refused", value, r.Loaded)
		}
		r = g.clear(t).take(t, model.Orders, "order_id,customer_id,ordered_at,amount,promised_at\n"+strings.ReplaceAll(good, ",1\n", ",1,\n")+"o1,c1,2024-01-01,1,"+value+"\n", in("Europe/Berlin"))
		if r.Loaded != 1 || r.Quarantined != 1 {
			t.Errorf("promised %q: loaded %d, want it refused", value, r.Loaded)
		}
	}
	for _, c := range []struct{ form, text, want string }{
		{"DD/MM/YYYY", "31/12/2024", "2024-12-31T00:00:00"},
		{"MM/DD/YYYY HH:MM", "3/5/2024 8:26", "2024-03-05T08:26:00"},
		{"%d.%m.%Y %H:%M:%S", "05.03.2024 08:26:01", "2024-03-05T08:26:01"},
		{"DD/MM/YYYY", "2024-03-05", "2024-03-05T00:00:00"},
	} {
		g.clear(t).take(t, model.Orders, "order_id,customer_id,ordered_at,amount\no1,c1,"+c.text+",1\n", func(r *ingest.Request) { r.DateFormat = c.form })
		if diff := gocmp.Diff([]string{c.want}, g.rows(t, "SELECT ordered_at FROM orders")); diff != "" {
			t.Errorf("%q as %s (-want +got):\n%s", c.text, c.form, diff)
		}
	}
}

func TestAPromisedDayIsKeptUntilItsEnd(t *testing.T) {
	g := openGate(t)
	for _, c := range []struct{ text, zone, want string }{
		{"2024-03-05", "", "2024-03-05T00:00:00 2024-03-06T00:00:00"},
		{"2024-03-05 00:00:00", "", "2024-03-05T00:00:00 2024-03-06T00:00:00"},
		{"2024-03-05 0:00", "", "2024-03-05T00:00:00 2024-03-06T00:00:00"},
		{"2024-03-05 18:00:00", "", "2024-03-05T18:00:00 2024-03-05T18:00:00"},
		{"2024-03-05T00:00:00+02:00", "", "2024-03-04T22:00:00 2024-03-05T22:00:00"},
		{"2024-03-05T00:00:00Z", "Europe/Berlin", "2024-03-05T00:00:00 2024-03-06T00:00:00"},
		{"2024-03-05", "Europe/Berlin", "2024-03-04T23:00:00 2024-03-05T23:00:00"},
		// The day on which summer time begins has 23 hours.
		{"2024-03-31", "Europe/Berlin", "2024-03-30T23:00:00 2024-03-31T22:00:00"},
		{"2024-03-05T23:00:00Z", "Europe/Berlin", "2024-03-05T23:00:00 2024-03-05T23:00:00"},
		{"", "", "- -"},
	} {
		g.clear(t).take(t, model.Orders, fmt.Sprintf("order_id,customer_id,ordered_at,amount,promised_at\no1,c1,2024-01-01,1,%s\n", c.text), in(c.zone))
		if diff := gocmp.Diff([]string{c.want}, g.rows(t, "SELECT promised_at, promise_ends_at FROM orders")); diff != "" {
			t.Errorf("%q in zone %q (-want +got):\n%s", c.text, c.zone, diff)
		}
	}
}

// Go's own reading of times is the reference.
func TestTimesWithOffsetsAndZonesAreInstants(t *testing.T) {
	g := openGate(t)
	repeat(t, 6, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata"}).Draw(t, "zone")
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("zone: %v", err)
		}
		var file strings.Builder
		var want []string
		file.WriteString("order_id,customer_id,ordered_at,amount\n")
		for i := range 20 {
			// Noon keeps off the hours that a zone has twice or not at all.
			day := time.Date(rapid.IntRange(1990, 2030).Draw(t, "year"), 1, rapid.IntRange(1, 365).Draw(t, "day"), 12,
				rapid.IntRange(0, 59).Draw(t, "minute"), rapid.IntRange(0, 59).Draw(t, "second"), 0, location)
			form := rapid.SampledFrom([]string{
				time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05.000", time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02T15:04:05.999999Z07:00",
			}).Draw(t, "form")
			fmt.Fprintf(&file, "o%02d,c1,%s,1\n", i, day.Format(form))
			want = append(want, word(day))
		}
		g.clear(t).take(t, model.Orders, file.String(), in(zone))
		if diff := gocmp.Diff(want, g.rows(t, "SELECT ordered_at FROM orders ORDER BY order_id")); diff != "" {
			t.Fatalf("instants in %s (-want +got):\n%s\n%s", zone, diff, file.String())
		}
	})
}

func TestMoneyIsExact(t *testing.T) {
	g := openGate(t)
	repeat(t, 6, func(t *rapid.T) {
		var file strings.Builder
		var want []string
		file.WriteString("order_id,customer_id,ordered_at,amount\n")
		for i := range 20 {
			cents := rapid.Int64Range(0, 1e14-1).Draw(t, "amount")
			decimals := rapid.IntRange(0, 4).Draw(t, "decimals")
			amount := new(big.Rat).SetFrac(big.NewInt(cents), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil))
			fmt.Fprintf(&file, "o%02d,c1,2024-01-01,%s\n", i, amount.FloatString(decimals))
			want = append(want, amount.FloatString(4))
		}
		g.clear(t).take(t, model.Orders, file.String())
		if diff := gocmp.Diff(want, g.rows(t, "SELECT CAST(amount AS VARCHAR) FROM orders ORDER BY order_id")); diff != "" {
			t.Fatalf("amounts (-want +got):\n%s", diff)
		}
	})
}

// refused imports a cell of a column beside a good row and returns why it was
// refused, or "".
func refused(t *testing.T, g *gate, kind model.FactKind, header, row string) string {
	t.Helper()
	request := ingest.Request{Kind: kind, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(header+"\n"+row+"\n"))}, DryRun: true}
	reports, err := g.Import(t.Context(), request)
	if len(reports) != 1 || reports[0].Read != 1 || reports[0].Quarantined+reports[0].Loaded != 1 {
		t.Fatalf("%s: %+v, %v", row, reports, err)
	}
	r := reports[0]
	if r.Quarantined == 0 {
		return ""
	}
	if model.KindOf(err) != model.KindInvalid {
		t.Errorf("%s: no row could be used, but the error is %v", row, err)
	}
	if len(r.Examples) != 1 || r.Examples[0].Line != 2 || r.Examples[0].Raw != row {
		t.Errorf("%s: examples %+v", row, r.Examples)
	}
	return r.Examples[0].Column + ": " + r.Examples[0].Reason
}

func TestEachRuleRefusesWithItsColumnAndReason(t *testing.T) {
	const orders = "order_id,customer_id,ordered_at,amount,discount_amount,sampling_weight,known_at"
	const responses = "response_id,customer_id,answered_at,kind,score,tags"
	const tickets = "ticket_id,customer_id,opened_at,reopened_count,sentiment"
	const customers = "customer_id,strategic"
	g := openGate(t)
	for _, c := range []struct {
		kind        model.FactKind
		header, row string
		want        string
	}{
		{model.Orders, orders, "o1,c1,2024-01-01,10.0050,0,1,2024-01-02", ""},
		{model.Orders, orders, ",c1,2024-01-01,1,,,", "order_id: missing_value"},
		{model.Orders, orders, "o1,  ,2024-01-01,1,,,", "customer_id: missing_value"},
		{model.Orders, orders, "o1,NULL,2024-01-01,1,,,", "customer_id: missing_value"},
		{model.Orders, orders, "o1,c1,  ,1,,,", "ordered_at: missing_value"},
		{model.Orders, orders, "o1,c1,soon,1,,,", "ordered_at: not_a_time"},
		{model.Orders, orders, "o1,c1,1066-10-14,1,,,", "ordered_at: out_of_range"},
		{model.Orders, orders, "o1,c1,2024-01-01,,,,", "amount: missing_value"},
		{model.Orders, orders, `o1,c1,2024-01-01,"1,000.00",,,`, "amount: not_a_number"},
		{model.Orders, orders, "o1,c1,2024-01-01,nan,,,", "amount: missing_value"},
		{model.Orders, orders, "o1,c1,2024-01-01,inf,,,", "amount: not_a_number"},
		{model.Orders, orders, "o1,c1,2024-01-01,100000000000000,,,", "amount: out_of_range"},
		{model.Orders, orders, "o1,c1,2024-01-01,-1,,,", "amount: out_of_range"},
		{model.Orders, orders, "o1,c1,2024-01-01,10.00501,,,", "amount: too_many_decimals"},
		{model.Orders, orders, "o1,c1,2024-01-01,12.340000000000002,,,", ""}, // what doubles print
		{model.Orders, orders, "o1,c1,2024-01-01,1,x,,", "discount_amount: not_a_number"},
		{model.Orders, orders, "o1,c1,2024-01-01,1,,-2,", "sampling_weight: out_of_range"},
		{model.Orders, orders, "o1,c1,2024-01-01,1,,,yesterday", "known_at: not_a_time"},
		{model.Responses, responses, "r1,c1,2024-01-01,nps,10,a;b", ""},
		{model.Responses, responses, "r1,c1,2024-01-01,NPS,0,", ""},
		{model.Responses, responses, "r1,c1,2024-01-01,nps,11,", "score: out_of_range"},
		{model.Responses, responses, "r1,c1,2024-01-01,csat,0,", "score: out_of_range"},
		{model.Responses, responses, "r1,c1,2024-01-01,ces,7,", ""},
		{model.Responses, responses, "r1,c1,2024-01-01,rating,5.5,", "score: out_of_range"},
		{model.Responses, responses, "r1,c1,2024-01-01,sentiment,-1.01,", "score: out_of_range"},
		{model.Responses, responses, "r1,c1,2024-01-01,stars,5,", "kind: unknown_level"},
		{model.Responses, responses, "r1,c1,2024-01-01,nps,ten,", "score: not_a_number"},
		{model.Tickets, tickets, "t1,c1,2024-01-01,2.0,0.5", ""},
		{model.Tickets, tickets, "t1,c1,2024-01-01,1.5,", "reopened_count: not_an_integer"},
		{model.Tickets, tickets, "t1,c1,2024-01-01,-1,", "reopened_count: out_of_range"},
		{model.Tickets, tickets, "t1,c1,2024-01-01,,-2", "sentiment: out_of_range"},
		{model.Customers, customers, "c1,Yes", ""},
		{model.Customers, customers, "c1,perhaps", "strategic: not_a_boolean"},
	} {
		if got := refused(t, g, c.kind, c.header, c.row); got != c.want {
			t.Errorf("%s %s: refused for %q, want %q", c.kind, c.row, got, c.want)
		}
	}
}

func TestListsAreSetsOfWords(t *testing.T) {
	g := openGate(t)
	for cell, want := range map[string]string{
		"": "-", "late": "[late]", "late;damaged": "[damaged late]", "late | damaged ; late": "[damaged late]",
		`"[""late"", ""a, b""]"`: "[a, b late]", ";": "-",
	} {
		g.clear(t).take(t, model.Tickets, "ticket_id,customer_id,opened_at,tags\nt1,c1,2024-01-01,"+cell+"\n")
		if diff := gocmp.Diff([]string{want}, g.rows(t, "SELECT tags FROM tickets")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", cell, diff)
		}
	}
}

// contentHash is the row hash of columns in their order: the first eight bytes,
// lowest first, of the MD5 sum of their texts, each ended by a unit separator, instants as
// microseconds since 1970 and money with four decimals.
func contentHash(columns ...string) string {
	sum := md5.Sum([]byte(strings.Join(columns, "\x1f") + "\x1f"))
	return strconv.FormatUint(binary.LittleEndian.Uint64(sum[:8]), 10)
}

// Hashes stand in every database: their form may never change.
func TestRowHashesAreMD5OfTheTypedContent(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Orders, "order_id,customer_id,ordered_at,amount,promised_at\no1,c1,2024-01-01T10:00:00Z,10.5,2024-01-05\n")
	g.take(t, model.Customers, "customer_id,strategic,Colour,size\nc1,yes,red,\n")
	g.take(t, model.Events, "customer_id,occurred_at,name\nc1,2024-01-01,visit\nc1,2024-01-01,visit\n")
	got := append(g.rows(t, "SELECT row_hash FROM orders"), g.rows(t, "SELECT row_hash FROM customers")...)
	got = append(got, g.rows(t, "SELECT event_id, row_hash FROM events ORDER BY event_id")...)
	event := contentHash("", "c1", "1704067200000000", "visit", "", "", "")
	want := []string{
		contentHash("o1", "c1", "1704103200000000", "10.5000", "", "", "", "", "", "1704412800000000", "1704499200000000", "", "", "", "", "", ""),
		contentHash("c1", "", "", "", "", "", "", "", "", "", "", "", "true", "", "", "", `{"Colour":"red"}`),
		"71921d8be3b26ea50160f83f058b62a6-1 " + event, "71921d8be3b26ea50160f83f058b62a6-2 " + event,
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("hashes (-want +got):\n%s", diff)
	}
}

func TestColumnsThatAreMissingAreAsGoodAsEmpty(t *testing.T) {
	g := openGate(t)
	g.take(t, model.Orders, "order_id,customer_id,ordered_at,amount,status\no1,c1,2024-01-01,10,\n")
	r := g.take(t, model.Orders, "amount,order_id,customer_id,ordered_at\n10.00,o1,c1,2024-01-01T00:00:00Z\n")
	if r.Unchanged != 1 {
		t.Errorf("the same order in other columns: %+v", r)
	}
}
