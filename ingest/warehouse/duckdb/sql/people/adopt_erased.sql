-- Who was erased comes as a JSON array, with the number under which readers have heard of it; instants in microseconds.
-- Customers who are not among them have a new number behind all that was heard, in the order that they had.
CREATE TEMP TABLE adopted AS
SELECT unnest(from_json(CAST($rows AS JSON),
  '[{"what":"VARCHAR","hash":"VARCHAR","erased_at":"BIGINT","sequence":"UBIGINT"}]'), recursive := true);

UPDATE erased
SET sequence = later.sequence
FROM (
  SELECT
    erased.hash,
    CAST($newest AS UBIGINT) + row_number() OVER (ORDER BY erased.sequence, erased.hash) AS sequence
  FROM erased
  ANTI JOIN adopted ON adopted.what = erased.what AND adopted.hash = erased.hash
  WHERE erased.what = 'customer'
) AS later
WHERE erased.what = 'customer'
  AND erased.hash = later.hash;

DELETE FROM erased
USING adopted
WHERE erased.what = adopted.what
  AND erased.hash = adopted.hash;

INSERT INTO erased (what, hash, erased_at, sequence)
SELECT
  what,
  hash,
  make_timestamp(erased_at),
  sequence
FROM adopted;

DROP TABLE adopted;
