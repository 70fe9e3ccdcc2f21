package source

import "errors"

// What can make a source unusable as a whole. A single bad row is never an
// error: it is a [Rejected].
var (
	// ErrMissing means that a named file does not exist or is no file.
	ErrMissing = errors.New("no such file")
	// ErrEmpty means that the source holds no text at all, so nothing could
	// be used. A header without rows is not empty.
	ErrEmpty = errors.New("empty, nothing could be used")
	// ErrHeader means that the header line can't be read or does not match
	// the column names that were given.
	ErrHeader = errors.New("unusable header")
	// ErrFormat means a format, compression or encoding that is not read;
	// the message says what to do.
	ErrFormat = errors.New("unknown format")
	// ErrParquet means that a Parquet file is cut or damaged; nothing of it
	// is used, since its index stands at its end.
	ErrParquet = errors.New("not a complete Parquet file")
)
