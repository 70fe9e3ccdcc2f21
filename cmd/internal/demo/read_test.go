package demo_test

import (
	"encoding/csv"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/demo"
)

// record is one CSV row by column name.
type record map[string]string

// shop is what a reader of the files sees.
type shop struct {
	dir     string
	planted demo.Planted
	files   []demo.File
}

// generate makes up a shop in a directory of the test's own.
func generate(tb testing.TB, customers int, seed uint64) shop {
	tb.Helper()
	dir := tb.TempDir()
	planted, files, err := demo.Generate(tb.Context(), demo.Options{Customers: customers, Seed: seed, Dir: dir}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return shop{dir, planted, files}
}

// each calls do for the rows of a kind, in the file's order; the record is
// reused.
func (s shop) each(tb testing.TB, kind string, do func(record)) int {
	tb.Helper()
	f, err := os.Open(filepath.Join(s.dir, kind+".csv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		tb.Fatal(err)
	}
	names := append([]string(nil), head...)
	rows, row := 0, record{}
	for {
		fields, err := r.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			tb.Fatal(kind, err)
		}
		for i, name := range names {
			row[name] = fields[i]
		}
		do(row)
		rows++
	}
}

// moment reads a time; the zero time stands for an empty field.
func (r record) moment(tb testing.TB, name string) time.Time {
	tb.Helper()
	if r[name] == "" {
		return time.Time{}
	}
	at, err := time.Parse("2006-01-02T15:04:05Z", r[name])
	if err != nil {
		tb.Fatal(name, err)
	}
	return at
}

func (r record) date(tb testing.TB, name string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.DateOnly, r[name])
	if err != nil {
		tb.Fatal(name, err)
	}
	return at
}

func (r record) number(tb testing.TB, name string) float64 {
	tb.Helper()
	v, err := strconv.ParseFloat(r[name], 64)
	if err != nil {
		tb.Fatal(name, err)
	}
	return v
}

// order, ticket and reply are rows as the detectors of the program read them:
// from the dated columns alone.
type order struct {
	at, promised, delivered, cancelled, returned time.Time
	misfit, refunded, express, discount          bool
}

type ticket struct{ opened, replied, resolved time.Time }

type reply struct {
	at            time.Time
	customer      string
	kind          string
	order, ticket string
	score         float64 // 0-100
}

// history is one customer's rows.
type history struct {
	orders  []string
	tickets []string
	events  map[string][]time.Time
}

// books are the rows of a shop by key.
type books struct {
	ids       []string
	customers map[string]*history
	orders    map[string]order
	tickets   map[string]ticket
	replies   []reply
}

func (s shop) read(tb testing.TB) books {
	tb.Helper()
	b := books{customers: map[string]*history{}, orders: map[string]order{}, tickets: map[string]ticket{}}
	s.each(tb, "customers", func(r record) {
		b.ids = append(b.ids, r["customer_id"])
		b.customers[r["customer_id"]] = &history{events: map[string][]time.Time{}}
	})
	s.each(tb, "orders", func(r record) {
		c := b.customers[r["customer_id"]]
		c.orders = append(c.orders, r["order_id"])
		reason := r["return_reason"]
		b.orders[r["order_id"]] = order{
			at: r.moment(tb, "ordered_at"), promised: r.date(tb, "promised_at"), delivered: r.moment(tb, "delivered_at"),
			cancelled: r.moment(tb, "cancelled_at"), returned: r.moment(tb, "returned_at"),
			misfit:   reason == "misfit" || reason == "wrong_size" || reason == "not_as_expected",
			refunded: reason != "" && r.number(tb, "refunded_amount") > 0,
			express:  r["shipping_method"] == "express", discount: r.number(tb, "discount_amount") > 0,
		}
	})
	s.each(tb, "tickets", func(r record) {
		c := b.customers[r["customer_id"]]
		c.tickets = append(c.tickets, r["ticket_id"])
		b.tickets[r["ticket_id"]] = ticket{
			r.moment(tb, "opened_at"), r.moment(tb, "first_replied_at"), r.moment(tb, "resolved_at"),
		}
	})
	s.each(tb, "events", func(r record) {
		c := b.customers[r["customer_id"]]
		c.events[r["name"]] = append(c.events[r["name"]], r.moment(tb, "occurred_at"))
	})
	s.each(tb, "responses", func(r record) {
		score := r.number(tb, "score")
		if r["kind"] == "nps" {
			score *= 10
		} else {
			score = (score - 1) * 25
		}
		b.replies = append(b.replies, reply{
			r.moment(tb, "answered_at"), r["customer_id"], r["kind"], r["order_id"], r["ticket_id"], score,
		})
	})
	return b
}

const oneDay = 24 * time.Hour

func before(at, asOf time.Time) bool { return !at.IsZero() && at.Before(asOf) }

// lateAt is when an order is known to be late, if it ever is.
func (o order) lateAt() time.Time {
	end := o.promised.Add(oneDay)
	if !o.cancelled.IsZero() || before(o.delivered, end) {
		return time.Time{}
	}
	return end
}

// daysLate is the calendar days of lateness as known at a time.
func (o order) daysLate(asOf time.Time) float64 {
	if !before(o.lateAt(), asOf) {
		return 0
	}
	until := asOf
	if before(o.delivered, asOf) {
		until = o.delivered
	}
	return until.Truncate(oneDay).Sub(o.promised).Hours() / 24
}

func (t ticket) slowAt() time.Time {
	limit := t.opened.Add(24 * time.Hour)
	if before(t.replied, limit) {
		return time.Time{}
	}
	return limit
}

func (t ticket) unresolvedAt() time.Time {
	limit := t.opened.Add(72 * time.Hour)
	if before(t.resolved, limit) {
		return time.Time{}
	}
	return limit
}

// within counts 1 for a time in the 90 days before asOf.
func within(at, asOf time.Time) float64 {
	if before(at, asOf) && !at.Before(asOf.Add(-90*oneDay)) {
		return 1
	}
	return 0
}
