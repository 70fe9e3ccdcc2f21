INSERT INTO compactions_due (since)
VALUES (CAST($since AS TIMESTAMP))
