SELECT origin, fault, COALESCE(fault_text, '') FROM load_incoming WHERE fault IS NOT NULL ORDER BY origin
