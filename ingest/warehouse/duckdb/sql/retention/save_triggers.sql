-- Rows come as one JSON array, so that a run is one statement. What is there already stays, but what a restore withdrew:
-- it is made as if it had never been.
CREATE TEMP TABLE remade AS
SELECT trigger_id
FROM (SELECT unnest(from_json(CAST($rows AS JSON), '[{"trigger_id":"VARCHAR"}]'), recursive := true)) AS given
SEMI JOIN (
  SELECT trigger_id
  FROM trigger_lives
  WHERE code = 'withdrawn'
) AS withdrawn ON withdrawn.trigger_id = given.trigger_id;

DELETE FROM trigger_lives
WHERE trigger_id IN (SELECT trigger_id FROM remade);

DELETE FROM triggers
WHERE trigger_id IN (SELECT trigger_id FROM remade);

DROP TABLE remade;

INSERT INTO triggers (
  trigger_id, customer_id, playbook, step, cause, caused_at, planned_at, reason, urgency, action, template, channel,
  owner, offer, ask, holdout, evidence, signal, run, experiment, variant, measured, segment
)
SELECT
  given.trigger_id, given.customer_id, given.playbook, given.step, given.cause, make_timestamp(given.caused_at),
  make_timestamp(given.planned_at), given.reason, given.urgency, given.action, given.template, given.channel,
  given.owner, given.offer, given.ask, given.holdout, given.evidence, given.signal, $run,
  given.experiment, given.variant, given.measured, given.segment
FROM (
  SELECT unnest(from_json(CAST($rows AS JSON),
    '[{"trigger_id":"VARCHAR","customer_id":"VARCHAR","playbook":"VARCHAR","step":"VARCHAR","cause":"VARCHAR","caused_at":"BIGINT","planned_at":"BIGINT","reason":"VARCHAR","urgency":"VARCHAR","action":"VARCHAR","template":"VARCHAR","channel":"VARCHAR","owner":"VARCHAR","offer":"VARCHAR","ask":"VARCHAR","holdout":"BOOLEAN","evidence":"VARCHAR","signal":"VARCHAR","experiment":"VARCHAR","variant":"VARCHAR","measured":"BOOLEAN","segment":"VARCHAR"}]')) AS given
)
ANTI JOIN triggers ON triggers.trigger_id = given.trigger_id
