-- One row is an instant for which scores were published that were not looked at yet; see crossings.
WITH
-- One row is an instant for which scores were published; of several publications the last counts.
published AS (
  SELECT snapshots.snapshot, score_runs.as_of
  FROM snapshots
  JOIN score_runs ON score_runs.run = snapshots.run
  WHERE score_runs.as_of <= $until AND score_runs.as_of >= $since
  QUALIFY row_number() OVER (PARTITION BY score_runs.as_of ORDER BY snapshots.snapshot DESC) = 1
)
SELECT as_of
FROM published
WHERE (snapshot > $snapshot OR as_of > $from) AND (as_of >= $from OR as_of = (SELECT max(as_of) FROM published))
ORDER BY as_of
