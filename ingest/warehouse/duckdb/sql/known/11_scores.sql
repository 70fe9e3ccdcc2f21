-- score_moved(...): whether a reader must hear of a score, as publish and amend of scores say: status, band, drift or
-- holdout differ from the score before, or the probability differs by 0.005 from the one that was announced last,
-- however slowly it got there. 1e-9 is for differences of decimals that doubles can't hold.
CREATE OR REPLACE MACRO score_moved(
  status, was_status, band, was_band, drift, was_drift, holdout, was_holdout, probability, announced
) AS
  status IS DISTINCT FROM was_status
    OR band IS DISTINCT FROM was_band
    OR drift IS DISTINCT FROM was_drift
    OR holdout IS DISTINCT FROM was_holdout
    OR coalesce(abs(probability - announced) >= 0.005 - 1e-9, probability IS DISTINCT FROM announced);

-- scores_as_published(): one row is a score as its run published it, whatever was made anew since.
CREATE OR REPLACE MACRO scores_as_published() AS TABLE
SELECT *
FROM scores
WHERE as_of IS NULL
UNION ALL BY NAME
SELECT *
FROM displaced_scores;
