-- Refused rows, given as a JSON array: one text is bound several times faster than lists of texts.
INSERT INTO quarantine (load_id, kind, file, line, column_name, reason, detail, raw, recorded_at, customer_id, expected)
SELECT CAST($load_id AS BIGINT), $kind, refused.file, refused.line, refused.column, refused.reason, refused.detail, refused.raw,
  CAST($recorded_at AS TIMESTAMP), nullif(refused.customer, ''), refused.expected
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"file": "VARCHAR", "line": "BIGINT", "column": "VARCHAR", "reason": "VARCHAR", "detail": "VARCHAR", "raw": "VARCHAR", "customer": "VARCHAR", "expected": "BOOLEAN"}]')) AS refused
)
