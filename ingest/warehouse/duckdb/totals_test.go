package duckdb_test

import (
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestTotalsCountWhatWasReadRefusedAndSuffered(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	empty, err := s.Totals(t.Context(), noon, 30*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(duckdb.Totals{}, empty); diff != "" {
		t.Errorf("nothing loaded (-want +got):\n%s", diff)
	}
	if n, at, err := s.NewestLoad(t.Context()); n != 0 || !at.IsZero() || err != nil {
		t.Errorf("newest load %d at %v, %v, want none", n, at, err)
	}
	// Given two loads of orders, one of events, and late orders on three days.
	err = s.Exec(t.Context(), `
INSERT INTO loads VALUES (1, 'a', 'orders', $at, 10, 8, 0, 0, 2, 0), (2, 'b', 'orders', $at, 5, 5, 0, 0, 0, 0), (2, 'b', 'events', $at, 3, 0, 0, 0, 3, 0);
INSERT INTO quarantine SELECT 1, 'orders', 'a', n, 'amount', 'not_a_number', '', '', $at, NULL, FALSE FROM range(2) AS r(n);
INSERT INTO quarantine VALUES (2, 'events', 'b', 1, 'name', 'missing_value', '', '', $at, NULL, FALSE);
INSERT INTO orders (order_id, customer_id, ordered_at, amount, promise_ends_at, delivered_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT 'o' || d, 'c' || (d % 2), $at - to_days(d + 5), 10, $at - to_days(d), $at, $at - to_days(d + 5), $at, $at - to_days(d + 5), 0, d, d, 1, d
FROM (VALUES (2), (4), (29), (31)) AS v(d);`, sql.Named("at", noon))
	if err != nil {
		t.Fatal(err)
	}

	got, err := s.Totals(t.Context(), noon, 30*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	want := duckdb.Totals{
		Rows:      []duckdb.RowTotal{{Kind: "events", Read: 3, Quarantined: 3}, {Kind: "orders", Read: 15, Quarantined: 2}},
		Refused:   []duckdb.RefusedTotal{{Kind: "events", Reason: "missing_value", Rows: 1}, {Kind: "orders", Reason: "not_a_number", Rows: 2}},
		Incidents: []duckdb.IncidentTotal{{PainPoint: "late_delivery", Incidents: 2, Customers: 1}, {PainPoint: "not_delivered", Incidents: 2, Customers: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("totals (-want +got):\n%s", diff)
	}
	if n, at, err := s.NewestLoad(t.Context()); n != 2 || !at.Equal(noon) || err != nil {
		t.Errorf("newest load %d at %v, %v, want 2 at noon", n, at, err)
	}
	before, err := s.Totals(t.Context(), noon.Add(-20*model.Day), 30*model.Day)
	if err != nil || len(before.Incidents) != 1 || before.Incidents[0].Incidents != 2 {
		t.Errorf("20 days before: %+v, %v, want the two late orders of then", before.Incidents, err)
	}
}
