-- What a customer's value rests on, its interval and that of the revenue at risk, and what
-- the rhythm of his orders says. NULL in scores that were made before.
ALTER TABLE scores ADD COLUMN value_basis VARCHAR;
ALTER TABLE scores ADD COLUMN value_level DOUBLE;
ALTER TABLE scores ADD COLUMN expected_value_low DOUBLE;
ALTER TABLE scores ADD COLUMN expected_value_high DOUBLE;
ALTER TABLE scores ADD COLUMN revenue_at_risk_low DOUBLE;
ALTER TABLE scores ADD COLUMN revenue_at_risk_high DOUBLE;
ALTER TABLE scores ADD COLUMN p_alive DOUBLE;
ALTER TABLE scores ADD COLUMN p_no_order DOUBLE;
ALTER TABLE scores ADD COLUMN expected_orders DOUBLE;
ALTER TABLE scores ADD COLUMN expected_order_value DOUBLE;
