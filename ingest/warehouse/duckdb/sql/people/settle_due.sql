DELETE FROM compactions_due
