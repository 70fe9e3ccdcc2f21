package post

import (
	"net/http"
	"time"
)

// Result says how a call ended; it is a label of a metric.
type Result string

// The results.
const (
	Delivered      Result = "delivered"
	Rejected       Result = "rejected"
	Failed         Result = "failed"
	Redirected     Result = "redirected"
	Gone           Result = "gone"
	Limited        Result = "limited"
	TimedOut       Result = "timeout"
	Unreachable    Result = "unreachable"
	Untrusted      Result = "untrusted"
	AddressRefused Result = "address_refused"
	// Unknown is a call that the end of its context cut off.
	Unknown Result = ""
)

// Results returns all but Unknown.
func Results() []Result {
	return []Result{Delivered, Rejected, Failed, Redirected, Gone, Limited, TimedOut, Unreachable, Untrusted, AddressRefused}
}

// Outcome is how a call ended.
type Outcome struct {
	Result Result
	// Status is what was answered, 0 where nothing was.
	Status int
	// Reason says why it was not delivered.
	Reason string
	// RetryAfter is how long the receiver asks to wait.
	RetryAfter time.Duration
	Took       time.Duration
}

// OfEvent says that the receiver is there and does not want this one event. What
// else it may refuse, such as the address or the caller, it refuses of all events.
func (o Outcome) OfEvent() bool {
	switch o.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}

// Answered says that the receiver's own program may have failed on the event, and
// not what stands before it.
func (o Outcome) Answered() bool {
	return o.Result == Rejected || o.Status == http.StatusInternalServerError
}
