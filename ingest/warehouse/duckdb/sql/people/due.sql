SELECT count(*)
FROM compactions_due
