-- One row is a kind and a reason with the refused rows that are still kept.
SELECT
  kind,
  reason,
  count(*) AS refused
FROM quarantine
GROUP BY
  kind,
  reason
ORDER BY
  kind,
  reason;
