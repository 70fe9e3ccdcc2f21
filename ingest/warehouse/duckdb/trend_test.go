package duckdb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
)

// Runs 1 to 5 are published in the order of their snapshots; 2 and 3 are as of
// one day, 5 as of a day after that of the current snapshot, which is 4.
func TestATrendHasOneSnapshotADayUpToTheCurrentOne(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	if days, err := s.Trend(t.Context(), 10); err != nil || len(days) != 0 {
		t.Fatalf("without a snapshot: %v, %v", days, err)
	}
	err := s.Exec(t.Context(), `
INSERT INTO score_runs (run, model, as_of, scored_at, definition, horizon_us, lookback_us, horizon_days, label_definition, features, summary)
SELECT r, r, a, a, 'inactivity', 1, 1, 90, '', '[]', '{"scored": ' || r || '}'
FROM (VALUES (1, TIMESTAMP '2026-03-01'), (2, TIMESTAMP '2026-03-08 06:00:00'), (3, TIMESTAMP '2026-03-08'), (4, TIMESTAMP '2026-03-15 07:00:00'),
  (5, TIMESTAMP '2026-03-20'), (6, TIMESTAMP '2026-03-09')) AS runs(r, a);
INSERT INTO snapshots (snapshot, run, published_at, sequence)
SELECT n, r, TIMESTAMP '2026-04-01', 1 FROM (VALUES (1, 5), (2, 1), (3, 2), (4, 3), (5, 4)) AS published(n, r)`)
	if err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int][]int64{10: {1, 3, 4}, 2: {3, 4}} {
		days, err := s.Trend(t.Context(), most)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, day := range days {
			got = append(got, day.Summary.Scored)
			if int64(day.Model) != day.Summary.Scored || day.AsOf.Location() != time.UTC {
				t.Errorf("%+v", day)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("at most %d (-want +got):\n%s", most, diff)
		}
	}
}
