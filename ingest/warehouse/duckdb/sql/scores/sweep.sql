-- What a process has scored and not published before it ended.
DELETE FROM score_reasons
WHERE run NOT IN (SELECT run FROM snapshots);

DELETE FROM score_quality
WHERE run NOT IN (SELECT run FROM snapshots);

DELETE FROM scores
WHERE run NOT IN (SELECT run FROM snapshots);

DELETE FROM score_runs
WHERE run NOT IN (SELECT run FROM snapshots);
