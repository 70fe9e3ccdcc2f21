package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	driverdb "github.com/duckdb/duckdb-go/v2"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
)

// Exec runs SQL in the writer's transaction, for tests.
func (s *Store) Exec(ctx context.Context, text string, args ...sql.NamedArg) error {
	return s.write(ctx, func(tx *sql.Tx) error {
		_, err := run(ctx, tx, warehouse.Split("test", text), args...)
		return err
	})
}

// Fault answers a call with a FATAL error, as DuckDB does when it invalidates a
// database.
func (s *Store) Fault(ctx context.Context) error {
	return s.read(ctx, func(*sql.Tx) error {
		return fmt.Errorf("test: %w", &driverdb.Error{Type: driverdb.ErrorTypeFatal, Msg: "FATAL Error: database has been invalidated"})
	})
}

// Write exposes the writer to tests.
func (s *Store) Write(ctx context.Context, fn func(tx *sql.Tx) error) error { return s.write(ctx, fn) }

// Read exposes the readers to tests.
func (s *Store) Read(ctx context.Context, fn func(tx *sql.Tx) error) error { return s.read(ctx, fn) }

const putRun = `
INSERT INTO score_runs (run, model, as_of, scored_at, definition, horizon_us, lookback_us, horizon_days, label_definition, features, summary)
SELECT nextval('score_run_ids'), $model, $as_of, $scored_at, $definition, $horizon_us, $lookback_us, $horizon_days, $label, $features, $summary
RETURNING run`

// putScores takes scores in the form of their own JSON.
const putScores = `
CREATE TEMP TABLE put AS
SELECT unnest(from_json(CAST($scores AS JSON), '[{
  "customer_id": "VARCHAR", "status": "VARCHAR", "status_reason": "VARCHAR", "churn_probability": "DOUBLE",
  "interval": {"low": "DOUBLE", "high": "DOUBLE", "level": "DOUBLE"}, "band": "VARCHAR", "percentile": "DOUBLE",
  "satisfaction_index": "DOUBLE", "satisfaction_standard_error": "DOUBLE", "satisfaction_answers": "INTEGER",
  "nps_segment": "VARCHAR", "drift": "VARCHAR", "pain_index": "DOUBLE", "expected_value": "DOUBLE",
  "revenue_at_risk": "DOUBLE", "expected_date_of_next_order": "VARCHAR", "holdout": "BOOLEAN",
  "value_basis": "VARCHAR", "expected_value_interval": {"low": "DOUBLE", "high": "DOUBLE", "level": "DOUBLE"},
  "revenue_at_risk_interval": {"low": "DOUBLE", "high": "DOUBLE", "level": "DOUBLE"},
  "p_alive": "DOUBLE", "p_no_order": "DOUBLE", "expected_orders": "DOUBLE", "expected_order_value": "DOUBLE",
  "contributions": [{"log_odds": "DOUBLE", "value": "VARCHAR"}]
}]')) AS score;

INSERT INTO scores (run, customer_id, status, status_reason, churn_probability, low, high, level, band, percentile,
  satisfaction_index, satisfaction_standard_error, satisfaction_answers, nps_segment, drift, pain_index,
  expected_value, revenue_at_risk, expected_next_order, holdout, value_basis, value_level, expected_value_low,
  expected_value_high, revenue_at_risk_low, revenue_at_risk_high, p_alive, p_no_order, expected_orders, expected_order_value)
SELECT $run, score.customer_id, score.status, score.status_reason, score.churn_probability, score.interval.low,
  score.interval.high, score.interval.level, score.band, score.percentile, score.satisfaction_index,
  score.satisfaction_standard_error, score.satisfaction_answers, score.nps_segment, score.drift, score.pain_index,
  score.expected_value, score.revenue_at_risk, CAST(score.expected_date_of_next_order AS TIMESTAMP), score.holdout,
  score.value_basis, score.expected_value_interval.level, score.expected_value_interval.low, score.expected_value_interval.high,
  score.revenue_at_risk_interval.low, score.revenue_at_risk_interval.high,
  score.p_alive, score.p_no_order, score.expected_orders, score.expected_order_value
FROM put;

INSERT INTO score_reasons (run, customer_id, log_odds, contributions, numbers, levels)
WITH reasons AS (
  SELECT score.customer_id, unnest(score.contributions) AS reason, generate_subscripts(score.contributions, 1) AS place
  FROM put
)
SELECT $run, customer_id, sum(reason.log_odds), list(reason.log_odds ORDER BY place),
  list(TRY_CAST(reason.value AS DOUBLE) ORDER BY place),
  list(CASE WHEN TRY_CAST(reason.value AS DOUBLE) IS NULL THEN reason.value END ORDER BY place)
FROM reasons
GROUP BY customer_id;

DROP TABLE put`

// PutRun stores a run as Score would.
func (s *Store) PutRun(ctx context.Context, r warehousetest.Run) (number int64, err error) {
	features, err := json.Marshal(r.Features)
	if err != nil {
		return 0, err
	}
	summary, err := json.Marshal(r.Summary)
	if err != nil {
		return 0, err
	}
	scores, err := json.Marshal(r.Scores)
	if err != nil {
		return 0, err
	}
	err = s.write(ctx, func(tx *sql.Tx) error {
		_, err := one(ctx, tx, warehouse.Split("put run", putRun), []any{&number},
			sql.Named("model", r.Model), sql.Named("as_of", r.AsOf), sql.Named("scored_at", r.ScoredAt),
			sql.Named("definition", string(r.Definition.Kind)),
			sql.Named("horizon_us", r.Definition.Horizon.Microseconds()),
			sql.Named("lookback_us", r.Definition.Lookback.Microseconds()),
			sql.Named("horizon_days", r.Definition.HorizonDays()), sql.Named("label", r.Definition.Label()),
			sql.Named("features", string(features)), sql.Named("summary", string(summary)))
		if err != nil || len(r.Scores) == 0 {
			return err
		}
		_, err = run(ctx, tx, warehouse.Split("put scores", putScores), sql.Named("run", number), sql.Named("scores", string(scores)))
		return err
	})
	return number, err
}
