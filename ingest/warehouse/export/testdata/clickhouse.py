"""Runs the statements of a JSON list from standard input in ClickHouse's library, and prints what the last one gives.

clickhouse.py LIBRARY
"""

import ctypes
import json
import sys

library = ctypes.CDLL(sys.argv[1])
library.chdb_connect.restype = ctypes.c_void_p
library.chdb_query.restype = ctypes.c_void_p
library.chdb_query.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
for name, kind in [("error", ctypes.c_char_p), ("buffer", ctypes.c_void_p), ("length", ctypes.c_size_t)]:
    function = getattr(library, "chdb_result_" + name)
    function.restype, function.argtypes = kind, [ctypes.c_void_p]

words = [b"clickhouse", b"--path", b":memory:"]
handle = library.chdb_connect(1, (ctypes.c_char_p * 1)(words[0]))
connection = ctypes.cast(handle, ctypes.POINTER(ctypes.c_void_p))[0]
for statement in json.load(sys.stdin):
    result = library.chdb_query(connection, statement.encode(), b"JSONCompact")
    error = library.chdb_result_error(result)
    if error:
        sys.exit(error.decode() + "\n" + statement)
    text = ctypes.string_at(library.chdb_result_buffer(result), library.chdb_result_length(result))
print(text.decode())
