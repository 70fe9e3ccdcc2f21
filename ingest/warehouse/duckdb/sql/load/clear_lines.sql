DELETE FROM load_lines
