-- Lets one customer's score of a run that is taken back be read as if it were published.
INSERT INTO score_sequences (run, customer_id, sequence, changed_at)
VALUES ($run, $customer_id, 0, $as_of)
