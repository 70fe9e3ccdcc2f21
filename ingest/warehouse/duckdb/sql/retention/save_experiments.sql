-- Rows come as one JSON array. What is noted already like this stays; what is noted and does not come is over. One that
-- comes again as it was goes on.
INSERT INTO experiments (noted, run, experiment, since, playbook, vary, measure, variants, content, is_over)
WITH
-- One row is a design in force.
given AS (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"experiment":"VARCHAR","playbook":"VARCHAR","vary":"VARCHAR","measure":"VARCHAR","variants":"VARCHAR","content":"VARCHAR"}]')) AS design
),
-- One row is the newest that was noted of an experiment.
newest AS (
  SELECT *
  FROM experiments
  QUALIFY row_number() OVER (PARTITION BY experiment ORDER BY noted DESC) = 1
),
-- One row is a design in force with the run from which on it is so: this one, unless it was so before.
compared AS (
  SELECT design, coalesce(n.run, $run) AS run, n.run IS NOT NULL AND NOT n.is_over AS is_noted
  FROM given
  LEFT JOIN newest AS n
    ON n.experiment = design.experiment AND n.playbook = design.playbook AND n.vary = design.vary
    AND n.measure = design.measure AND n.variants = design.variants AND n.content = design.content
)
SELECT
  $run, run, design.experiment, $since, design.playbook, design.vary, design.measure, design.variants, design.content, false
FROM compared
WHERE NOT is_noted
UNION ALL
SELECT
  $run, n.run, n.experiment, $since, n.playbook, n.vary, n.measure, n.variants, n.content, true
FROM newest AS n
ANTI JOIN given ON design.experiment = n.experiment
WHERE NOT n.is_over
