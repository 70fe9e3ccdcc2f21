package duckdb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func month(m time.Month) time.Time { return time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC) }

// a and b come in January, c in February, d and e in March, which is not over on
// the 15th; a is back in February twice and in March, b's order of March is
// cancelled. c's order of the 20th is not known yet.
func TestRetentionCountsWhoBoughtAgainInMonthsThatAreOver(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Exec(t.Context(), `
INSERT INTO orders (order_id, customer_id, ordered_at, amount, cancelled_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT row_number() OVER (), c, o, 1, CASE WHEN v THEN o + INTERVAL 1 HOUR END, o, o, o, 0, 0, 0, 1, 1
FROM (VALUES
  ('a', TIMESTAMP '2026-01-01', false), ('b', TIMESTAMP '2026-01-31 23:59:59', false), ('c', TIMESTAMP '2026-02-01', false),
  ('a', TIMESTAMP '2026-02-10', false), ('a', TIMESTAMP '2026-02-11', false), ('a', TIMESTAMP '2026-03-02', false),
  ('b', TIMESTAMP '2026-02-20', true), ('d', TIMESTAMP '2026-03-01', false), ('e', TIMESTAMP '2026-03-01', false),
  ('c', TIMESTAMP '2026-03-20', false)) AS r(c, o, v)`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		asOf time.Time
		most int
		all  int
		want []duckdb.RetentionMonth
	}{
		{month(time.January).AddDate(0, 0, 14), 12, 0, nil},
		{month(time.March).AddDate(0, 0, 14), 12, 2, []duckdb.RetentionMonth{
			{Month: month(time.January), Customers: 2, Retained: 1, Age: 1},
			{Month: month(time.February), Customers: 1, Retained: 1},
		}},
		{month(time.April), 12, 3, []duckdb.RetentionMonth{
			{Month: month(time.January), Customers: 2, Retained: 1, Age: 1},
			{Month: month(time.January), Customers: 2, Retained: 1, Age: 2},
			{Month: month(time.February), Customers: 1, Retained: 1, Age: 1},
			{Month: month(time.March), Customers: 2, Retained: 2},
		}},
		{month(time.April), 1, 3, []duckdb.RetentionMonth{{Month: month(time.March), Customers: 2, Retained: 2}}},
	} {
		got, all, err := s.RetentionMonths(t.Context(), c.asOf, model.Inactivity, c.most)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" || all != c.all {
			t.Errorf("as of %s, at most %d: %d months, want %d (-want +got):\n%s", c.asOf.Format(time.DateOnly), c.most, all, c.all, diff)
		}
	}
}

// a and b have contracts from January; a gives notice in February, b's ends in
// March, after which he has another.
func TestRetentionCountsWhoStillHasAContract(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Exec(t.Context(), `
INSERT INTO contracts (contract_id, customer_id, started_at, cancelled_at, ends_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT row_number() OVER (), c, b, n, e, b, b, b, 0, 0, 0, 1, 1
FROM (VALUES
  ('a', TIMESTAMP '2026-01-05', TIMESTAMP '2026-02-20', TIMESTAMP '2026-06-01'), ('b', TIMESTAMP '2026-01-10', NULL, TIMESTAMP '2026-03-10'),
  ('b', TIMESTAMP '2026-03-20', NULL, NULL)) AS r(c, b, n, e)`)
	if err != nil {
		t.Fatal(err)
	}
	got, all, err := s.RetentionMonths(t.Context(), month(time.April), model.Cancellation, 12)
	if err != nil {
		t.Fatal(err)
	}
	want := []duckdb.RetentionMonth{
		{Month: month(time.January), Customers: 2, Retained: 1, Age: 1},
		{Month: month(time.January), Customers: 2, Retained: 1, Age: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" || all != 1 {
		t.Errorf("%d months (-want +got):\n%s", all, diff)
	}
}
