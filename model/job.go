package model

import (
	"encoding/json"
	"time"
)

// JobStatus is where a long job is.
type JobStatus string

// The statuses. All but running are final; interrupted is a job whose program
// ended before it did.
const (
	JobRunning     JobStatus = "running"
	JobDone        JobStatus = "done"
	JobFailed      JobStatus = "failed"
	JobCancelled   JobStatus = "cancelled"
	JobInterrupted JobStatus = "interrupted"
)

const (
	// JobImport is the kind of jobs that are imports.
	JobImport = "import"
	// JobsKept is how long imports are told of: as long as the rows that they
	// refused are.
	JobsKept = 30 * Day
)

// Job is work that outlasts the request that asked for it.
type Job struct {
	ID     string    `json:"operation_id"`
	Kind   string    `json:"kind"`
	Status JobStatus `json:"status"`
	// Steps are what was begun so far; while it runs the last is at hand.
	Steps     []string   `json:"steps"`
	StartedAt time.Time  `json:"started_at"`
	EndedAt   *time.Time `json:"ended_at"`
	// Code and Error say why it failed; nil where it has not.
	Code  *ErrorKind `json:"code"`
	Error *string    `json:"error"`
	// Result is a JSON object, nil without one.
	Result json.RawMessage `json:"result"`
	// RowsRead is how far an import is while it runs; nil for all else. It is not
	// stored.
	RowsRead *int64 `json:"rows_read"`
}

// Schedule is a job that runs by itself.
type Schedule struct {
	Kind   string
	Every  time.Duration
	NextAt time.Time
}
