-- expected are those of the refused rows that are as they should be, but no facts: test orders, merged tickets.
ALTER TABLE quarantine ADD COLUMN expected BOOLEAN;
ALTER TABLE loads ADD COLUMN expected BIGINT;
UPDATE quarantine SET expected = false;
UPDATE loads SET expected = 0;
