package duckdb_test

import (
	"database/sql"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// steadyShop fills a store with two channels that answer about 35 and about 75
// points: levels vary by 4 around that and answers by 12 around the level, which
// never moves. Each customer answers once before the two cycles and in each.
const steadyShop = `
CREATE OR REPLACE MACRO uniform(i, salt) AS (hash(i, salt) % 1000003 + 0.5) / 1000003e0;
CREATE OR REPLACE MACRO normal(i, salt) AS sqrt(-2 * ln(uniform(i, salt))) * cos(2 * pi() * uniform(i, salt + 1000));

INSERT INTO customers BY NAME
SELECT
  'c' || i AS customer_id, TIMESTAMP '2024-01-01' AS signed_up_at, ['shop', 'web'][1 + i % 2] AS channel,
  TIMESTAMP '2024-01-01' AS known_at, TIMESTAMP '2024-01-01' AS recorded_at, TIMESTAMP '2024-01-01' AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM range($customers) AS t(i);

INSERT INTO orders BY NAME
SELECT
  'o' || i AS order_id, 'c' || i AS customer_id, TIMESTAMP '2026-01-01' AS ordered_at, CAST(10 AS DECIMAL(18, 4)) AS amount,
  ordered_at AS known_at, ordered_at AS recorded_at, ordered_at AS settled_at,
  0 AS revision, hash(i) AS tie, hash(i) AS row_hash, 1 AS load_id, i AS source_line
FROM range($customers) AS t(i);

INSERT INTO responses BY NAME
SELECT
  'r' || i || '-' || k AS response_id, 'c' || i AS customer_id, TIMESTAMP '2026-03-01' - to_days(CAST([80, 45, 15][1 + k] AS INTEGER)) AS answered_at,
  'nps' AS kind, greatest(0, least(10, ([35, 75][1 + i % 2] + 4 * normal(i, 7) + 12 * normal(i, 8 + k)) / 10)) AS score,
  answered_at AS known_at, answered_at AS recorded_at, answered_at AS settled_at,
  0 AS revision, hash(i, k) AS tie, hash(i, k) AS row_hash, 1 AS load_id, 3 * i + k AS source_line
FROM range($customers) AS t(i), range(3) AS u(k)`

// fitSteady fits the index on all answers, by channel or for all as one.
func fitSteady(t *testing.T, s *duckdb.Store, dimension string) model.SatisfactionParameters {
	t.Helper()
	answers, err := s.Answers(t.Context(), model.AnswersQuery{AsOf: richEnd, Dimension: dimension})
	if err != nil {
		t.Fatal(err)
	}
	codes, customers := map[string]int{"shop": 1, "web": 2}, map[string]int{}
	points := make([]satisfaction.Answer, len(answers))
	for i, a := range answers {
		if _, ok := customers[a.Customer]; !ok {
			customers[a.Customer] = len(customers)
		}
		points[i] = satisfaction.Answer{
			Customer: customers[a.Customer], Cohort: codes[a.Cohort], Kind: satisfaction.NPS, Points: 10 * a.Score, Moment: i,
		}
	}
	f, err := satisfaction.Fit(points, satisfaction.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := model.SatisfactionParameters{Mean: f.Mean.Value, Within: f.Within, PriorAnswers: f.PriorAnswers, Dimension: dimension}
	if dimension != "" {
		p.Cohorts = map[string]float64{"shop": f.Cohorts[1].Value, "web": f.Cohorts[2].Value}
	}
	return p
}

// However far apart channels answer, 20 of 1,000 steady customers of each are
// allowed to be flagged; with 1,000 a channel that is up to 31 in 99.9 % of shops.
func TestSteadyCustomersOfEveryChannelAreFlaggedAlike(t *testing.T) {
	s, err := duckdb.Open(t.Context(), duckdb.Options{Clock: clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Exec(t.Context(), steadyShop, sql.Named("customers", 2000)); err != nil {
		t.Fatal(err)
	}
	parameters := fitSteady(t, s, "channel")
	state, _ := model.FeatureOf(model.Inactivity, "drift_state")
	channel, _ := model.FeatureOf(model.Inactivity, "channel")
	panel, err := s.Panel(t.Context(), model.PanelQuery{
		AsOf: richEnd, Definition: inactivity(), Features: []model.Feature{state, channel},
		Parameters: model.FeatureParameters{
			Satisfaction: parameters,
			Drift:        model.DriftParameters{CycleDays: 30, Dispersion: 1, SatisfactionThreshold: drift.NormalThreshold(20), Depth: drift.DefaultDepth},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	flagged := map[string]int{}
	for row, is := range panel.Levels[0] {
		if is == string(model.Drifting) {
			flagged[panel.Levels[1][row]]++
		}
	}
	for _, name := range []string{"shop", "web"} {
		if n := flagged[name]; n == 0 || n > 31 {
			t.Errorf("of 1,000 steady customers of %s %d are flagged", name, n)
		}
	}
}
