package duckdb_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// touchedFacts: ann complains twice of her one order and opens two tickets about
// it, bob one about his and one about nothing; cy was answered within a day. bob
// leaves a cart behind.
const touchedFacts = `
INSERT INTO customers (customer_id, channel, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT c, 'web', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01', TIMESTAMP '2026-01-01', 0, 0, 0, 1, 1
FROM (VALUES ('ann'), ('bob'), ('cy')) v(c);

INSERT INTO orders (order_id, customer_id, ordered_at, amount, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT o, c, t, a, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('1', 'ann', 100.0, TIMESTAMP '2026-02-01'), ('2', 'bob', 30.0, TIMESTAMP '2026-02-01'),
  ('3', 'cy', 7.0, TIMESTAMP '2026-02-01')) v(o, c, a, t);

INSERT INTO responses (response_id, customer_id, answered_at, kind, score, order_id, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT r, c, t, 'csat', s, o, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('a1', 'ann', TIMESTAMP '2026-03-02 10:00', 1.0, '1'), ('a2', 'ann', TIMESTAMP '2026-03-03 10:00', 2.0, '1'),
  ('c1', 'cy', TIMESTAMP '2026-03-03 10:00', 5.0, '3')) v(r, c, t, s, o);

INSERT INTO tickets (ticket_id, customer_id, opened_at, first_replied_at, order_id, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT k, c, t, f, o, t, t, t, 0, 0, 0, 1, 1
FROM (VALUES
  ('t1', 'ann', TIMESTAMP '2026-03-01', NULL, '1'), ('t2', 'ann', TIMESTAMP '2026-03-02', NULL, '1'),
  ('t3', 'bob', TIMESTAMP '2026-03-01', NULL, '2'), ('t4', 'bob', TIMESTAMP '2026-03-02', NULL, NULL),
  ('t5', 'cy', TIMESTAMP '2026-03-01', TIMESTAMP '2026-03-01 01:00', '3')) v(k, c, t, f, o);

INSERT INTO events (event_id, customer_id, occurred_at, name, known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line)
SELECT 'e1', 'bob', t, 'cart_abandon', t, t, t, 0, 0, 0, 1, 1
FROM (VALUES (TIMESTAMP '2026-03-02')) v(t)`

// An order of 100 is touched once, however often its customer complains of it;
// what is about no order touches an amount that is not known.
func TestEachOrderCountsOnceInWhatAHotspotTouches(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	if err := s.Exec(t.Context(), touchedFacts); err != nil {
		t.Fatal(err)
	}
	counts, err := s.HotspotCounts(t.Context(), model.HotspotQuery{AsOf: march(20, 0), From: march(1, 0), Least: 1})
	if err != nil {
		t.Fatal(err)
	}
	type cents struct{ All, Touched *int64 }
	got := map[string]cents{}
	for _, c := range counts {
		got[c.PainPoint] = cents{c.Whole.Cents, c.Whole.CentsTouched}
		for _, cell := range c.Cells {
			if cell.HotspotCell == (model.HotspotCell{Dimension: "channel", Cohort: "web"}) {
				got[c.PainPoint+" by web"] = cents{cell.Reach.Cents, cell.Reach.CentsTouched}
			}
		}
	}
	answers, tickets := cents{new(int64(10_700)), new(int64(10_000))}, cents{new(int64(13_700)), new(int64(13_000))}
	want := map[string]cents{
		"low_satisfaction": answers, "low_satisfaction by web": answers,
		"slow_first_reply": tickets, "slow_first_reply by web": tickets,
		"cart_abandon": {}, "cart_abandon by web": {},
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			delete(got, name)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cents of all and touched (-want +got):\n%s", diff)
	}
}
