SELECT rowid - CAST($first_row AS BIGINT), fault, COALESCE(fault_text, '') FROM load_incoming WHERE fault IS NOT NULL ORDER BY rowid
