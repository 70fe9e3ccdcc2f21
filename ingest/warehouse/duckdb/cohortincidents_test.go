package duckdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// ann of the north has two late orders in the window and dan of the south one,
// cid's is older. bob's order was cancelled.
func TestIncidentsAreCountedByTheCohortsOfTheSnapshot(t *testing.T) {
	s := publishCohorts(t, cohortRun(model.Inactivity))
	err := s.Exec(t.Context(), `
INSERT INTO orders (order_id, customer_id, ordered_at, amount, promise_ends_at, delivered_at, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT 'late' || row_number() OVER (), c, p - INTERVAL 2 DAY, 10, p, p + INTERVAL 3 DAY, p, p, p, 0, 0, 0, 1, 1
FROM (VALUES ('ann', TIMESTAMP '2026-02-10'), ('ann', TIMESTAMP '2026-02-15'), ('dan', TIMESTAMP '2026-02-20'), ('cid', TIMESTAMP '2025-12-20')) AS r(c, p)`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.CohortIncidents(t.Context(), []string{"region", "tier"}, 1, 30*model.Day)
	if err != nil {
		t.Fatal(err)
	}
	want := []duckdb.CohortIncidents{
		{Dimension: "region", Cohort: "north", PainPoint: "cancelled_by_shop", Incidents: 1, Customers: 1},
		{Dimension: "region", Cohort: "north", PainPoint: "late_delivery", Incidents: 2, Customers: 1},
		{Dimension: "region", Cohort: "other", PainPoint: "late_delivery", Incidents: 1, Customers: 1},
		{Dimension: "tier", Cohort: "other", PainPoint: "late_delivery", Incidents: 3, Customers: 2},
		{Dimension: "tier", Cohort: "unknown", PainPoint: "cancelled_by_shop", Incidents: 1, Customers: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("incidents (-want +got):\n%s", diff)
	}
	if _, err := s.CohortIncidents(t.Context(), []string{"shoe_size"}, 1, model.Day); model.KindOf(err) != model.KindInvalid {
		t.Errorf("an unknown dimension: %v", err)
	}
	states, err := s.DriftStates(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[model.DriftState]int64{model.Stable: 2, model.Drifting: 1, model.Silent: 2}, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
}

func TestUsageIsOfTheFileAndOfMemory(t *testing.T) {
	s := publishCohorts(t, cohortRun(model.Inactivity))
	u, err := s.Usage(t.Context())
	if err != nil || u.File != 0 || u.Memory <= 0 {
		t.Errorf("usage of a database in memory: %+v, %v", u, err)
	}
}
