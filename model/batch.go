package model

import "io"

// Batch is facts of one kind that came over the wire, not as a file.
type Batch struct {
	Kind   FactKind
	Format BatchFormat
	// Text holds the rows. It is read to its end.
	Text io.Reader
	// Key is the client's name for the request, so that sending it again does
	// nothing again; "" without.
	Key string
	// KeyID and KeyName are those of the API key by which it came, for the audit log.
	KeyID, KeyName string
	// DryRun validates and counts, and keeps nothing.
	DryRun bool
}

// BatchFormat is how the rows of a batch are written.
type BatchFormat string

// The formats: one JSON object a line, and CSV with a header line.
const (
	BatchNDJSON BatchFormat = "ndjson"
	BatchCSV    BatchFormat = "csv"
)

// BatchAnswer is what became of a batch.
type BatchAnswer struct {
	Report ImportReport
	// Replayed says that the answer is the one that was given before to the
	// same request, and that nothing was done.
	Replayed bool
}
