-- Rows come as one JSON array. What is noted already like this stays.
INSERT INTO experiments (run, experiment, since, playbook, vary, measure, variants, content)
WITH
-- One row is a design in force.
given AS (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"experiment":"VARCHAR","playbook":"VARCHAR","vary":"VARCHAR","measure":"VARCHAR","variants":"VARCHAR","content":"VARCHAR"}]')) AS design
),
-- One row is the newest that was noted of an experiment.
newest AS (
  SELECT
    experiment,
    arg_max(playbook, run) AS playbook,
    arg_max(vary, run) AS vary,
    arg_max(measure, run) AS measure,
    arg_max(variants, run) AS variants,
    arg_max(content, run) AS content
  FROM experiments
  GROUP BY experiment
)
SELECT
  $run, design.experiment, $since, design.playbook, design.vary, design.measure, design.variants, design.content
FROM given
ANTI JOIN newest AS n
  ON n.experiment = design.experiment AND n.playbook = design.playbook AND n.vary = design.vary
  AND n.measure = design.measure AND n.variants = design.variants AND n.content = design.content
