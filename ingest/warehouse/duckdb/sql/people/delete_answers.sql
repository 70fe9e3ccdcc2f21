-- Kept answers name rows that were refused: one that may name a customer is forgotten, and its request, sent again,
-- is taken again, which changes nothing.
DELETE FROM kept_answers
WHERE contains(lower(answer), lower($customer))
