-- One row is a refused row that may be about a customer though it does not say: its text holds his id. A short id must
-- stand between delimiters; a long one is taken for him anywhere.
SELECT CAST(to_json(held) AS VARCHAR) AS held
FROM quarantine AS held
WHERE (customer_id IS NULL OR customer_id <> $customer)
  AND (
    list_contains(regexp_split_to_array(raw, '[,;|{}\[\]":\s]+'), $customer)
    OR list_contains(regexp_split_to_array(detail, '[,;|{}\[\]":\s]+'), $customer)
    OR length($customer) >= 6 AND (contains(raw, $customer) OR contains(detail, $customer))
  )
ORDER BY held
