package duckdb_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
)

// richShop fills a store with a shop in which everything happens, decided by
// hashes: so many customers with about 12 orders each over 500 days before
// richEnd, answers, tickets and events.
const richShop = `
CREATE OR REPLACE MACRO dice(i, salt, sides) AS CAST(hash(i, salt) % sides AS BIGINT);

INSERT INTO customers BY NAME
SELECT
  'c' || i AS customer_id, TIMESTAMP '2024-01-01' AS signed_up_at,
  ['web', 'shop', 'it''s', NULL][1 + dice(i, 1, 4)] AS channel, ['north', 'south'][1 + dice(i, 2, 2)] AS region,
  ['gold', 'plain'][1 + dice(i, 3, 2)] AS tier,
  TIMESTAMP '2024-01-01' AS known_at, TIMESTAMP '2024-01-01' AS recorded_at, TIMESTAMP '2024-01-01' AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM range($customers) AS t(i);

INSERT INTO orders BY NAME
WITH placed AS (
  SELECT i, 'c' || CAST(pow(dice(i, 4, 10000) / 10000, 1.7) * $customers AS BIGINT) AS customer_id,
    TIMESTAMP '2026-03-01' - to_seconds(dice(i, 5, 43200000)) AS at_
  FROM range(12 * $customers) AS t(i)
)
SELECT
  'o' || i AS order_id, customer_id, at_ AS ordered_at, CAST(dice(i, 6, 20000) / 100 AS DECIMAL(18, 4)) AS amount,
  CAST(dice(i, 7, 500) / 100 AS DECIMAL(18, 4)) AS discount_amount,
  at_ + INTERVAL 3 DAY AS promised_at, at_ + INTERVAL 4 DAY AS promise_ends_at,
  at_ + to_hours(dice(i, 8, 120)) AS delivered_at,
  CASE WHEN dice(i, 9, 30) = 0 THEN at_ + INTERVAL 1 HOUR END AS cancelled_at,
  CASE WHEN dice(i, 10, 12) = 0 THEN at_ + INTERVAL 9 DAY END AS returned_at,
  CASE WHEN dice(i, 11, 2) = 0 THEN 'misfit' ELSE 'changed_mind' END AS return_reason,
  at_ AS known_at, at_ AS recorded_at, at_ AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM placed;

INSERT INTO orders BY NAME
SELECT * REPLACE (amount + 1 AS amount, 1 AS revision, known_at + INTERVAL 2 DAY AS known_at, tie + 1 AS tie)
FROM orders
WHERE dice(order_id, 1, 20) = 0;

INSERT INTO order_items BY NAME
SELECT
  order_id, '1' AS line, 'sku' || dice(order_id, 2, 50) AS sku, CAST(dice(order_id, 3, 3000) / 100 AS DECIMAL(18, 4)) AS unit_price,
  known_at, recorded_at, settled_at, revision, tie, row_hash, load_id, source_line
FROM orders
WHERE revision = 0;

INSERT INTO responses BY NAME
WITH given AS (
  SELECT i, TIMESTAMP '2026-03-01' - to_seconds(dice(i, 12, 30000000)) AS at_ FROM range(8 * $customers) AS t(i)
)
SELECT
  'r' || i AS response_id, 'c' || dice(i, 13, $customers) AS customer_id, at_ AS answered_at,
  ['nps', 'csat', 'ces'][1 + dice(i, 14, 3)] AS kind, 1 + dice(i, 15, 5) AS score,
  CASE WHEN dice(i, 16, 2) = 0 THEN 'o' || dice(i, 17, (12 * $customers)) END AS order_id,
  at_ AS known_at, at_ AS recorded_at, at_ AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM given;

INSERT INTO tickets BY NAME
WITH opened AS (
  SELECT i, TIMESTAMP '2026-03-01' - to_seconds(dice(i, 18, 30000000)) AS at_ FROM range(2 * $customers) AS t(i)
)
SELECT
  't' || i AS ticket_id, 'c' || dice(i, 19, $customers) AS customer_id, at_ AS opened_at,
  at_ + to_hours(dice(i, 20, 60)) AS first_replied_at,
  at_ + to_hours(dice(i, 21, 150)) AS resolved_at, CAST(dice(i, 22, 2) AS INTEGER) AS reopened_count,
  at_ AS known_at, at_ AS recorded_at, at_ AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM opened;

INSERT INTO events BY NAME
WITH happened AS (
  SELECT i, TIMESTAMP '2026-03-01' - to_seconds(dice(i, 23, 9000000)) AS at_ FROM range(4 * $customers) AS t(i)
)
SELECT
  'e' || i AS event_id, 'c' || dice(i, 24, $customers) AS customer_id, at_ AS occurred_at,
  ['visit', 'cart_add', 'cart_abandon', 'return'][1 + dice(i, 25, 4)] AS name,
  at_ AS known_at, at_ AS recorded_at, at_ AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM happened`

// richEnd is where the rich shop's history ends.
var richEnd = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// richPurchases are parameters of BG/NBD with their classes of dropout.
func richPurchases(p btyd.Parameters) model.PurchaseParameters {
	out := model.PurchaseParameters{R: p.R, Alpha: p.Alpha, A: p.A, B: p.B}
	classes, err := p.Classes()
	if err != nil {
		panic(err)
	}
	for _, c := range classes {
		out.Dropout = append(out.Dropout, model.DropoutClass{Probability: c.Dropout, Weight: c.Weight})
	}
	return out
}

// openRich opens a store in memory with the rich shop.
func openRich(t *testing.T, customers, threads int) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), duckdb.Options{Clock: clock, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := s.Exec(t.Context(), richShop, sql.Named("customers", customers)); err != nil {
		t.Fatal(err)
	}
	return s
}

// inactivity is the definition of these tests.
func inactivity() model.Definition {
	return model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 300 * model.Day}
}

// richParameters are what might have been fitted on the rich shop.
func richParameters() model.FeatureParameters {
	return model.FeatureParameters{
		Satisfaction: model.SatisfactionParameters{
			Offset: map[string]float64{"csat": 3.25, "ces": -1.0 / 3}, HalfLifeDays: 90, Mean: 61.7, Within: 412.3, PriorAnswers: 1.9,
			Dimension: "channel", Cohorts: map[string]float64{"web": 66.25, "it's": 170.0 / 3}, Rest: new(58.5),
		},
		Drift: model.DriftParameters{
			CycleDays: 30, Level: 0.81, Prior: 2.3, Dispersion: 1.17, Movement: [8]float64{1.1, 0.9, 1, 1.05, 0.95, 1, 0.97, 1.2},
			Gap: 38.5, GapPrior: 1.7, GapDispersion: 0.83,
			Shift: [2]float64{-0.4, 0.7}, AnswerDispersion: 1.23,
			Threshold: -1.1, RhythmThreshold: -1.3, SatisfactionThreshold: -0.8, Depth: 0.9,
		},
		Purchases: richPurchases(btyd.Parameters{R: 1.3, Alpha: 61, A: 0.31, B: 3.7}),
	}
}
