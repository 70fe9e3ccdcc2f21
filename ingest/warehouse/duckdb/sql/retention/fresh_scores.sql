-- Whether scores were published, and whether some were made anew, that were not looked at yet; see crossings.
WITH
-- One row is an instant for which scores were published; of several publications the last counts.
published AS (
  SELECT snapshots.snapshot, score_runs.as_of
  FROM snapshots
  JOIN score_runs ON score_runs.run = snapshots.run
  WHERE score_runs.as_of <= $until AND score_runs.as_of >= $since
  QUALIFY row_number() OVER (PARTITION BY score_runs.as_of ORDER BY snapshots.snapshot DESC) = 1
)
SELECT
  EXISTS (
    SELECT *
    FROM published
    WHERE (snapshot > $snapshot OR as_of > $from) AND (as_of >= $from OR as_of = (SELECT max(as_of) FROM published))
  ) AS is_published,
  EXISTS (
    SELECT *
    FROM amended_scores
    WHERE as_of <= $until AND as_of >= $since AND (amendment > $snapshot OR as_of > $from)
  ) AS is_amended
