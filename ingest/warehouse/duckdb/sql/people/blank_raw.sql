-- The same rows as in raw.sql, whose text is forgotten.
UPDATE quarantine
SET raw = '', detail = $detail
WHERE (customer_id IS NULL OR customer_id <> $customer)
  AND (
    list_contains(regexp_split_to_array(raw, '[,;|{}\[\]":\s]+'), $customer)
    OR list_contains(regexp_split_to_array(detail, '[,;|{}\[\]":\s]+'), $customer)
    OR length($customer) >= 6 AND (contains(raw, $customer) OR contains(detail, $customer))
  )
