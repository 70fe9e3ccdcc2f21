package model

import (
	"errors"
	"fmt"
)

// ErrorKind says what an error means to a caller, whatever its text.
type ErrorKind string

// The kinds of error. One table each maps them to exit statuses and to gRPC
// codes.
const (
	// KindInternal is a fault of the program or the machine.
	KindInternal ErrorKind = "internal"
	// KindInvalid is bad input: the caller must change what it asks.
	KindInvalid ErrorKind = "invalid"
	// KindNotFound is a name that nothing answers to.
	KindNotFound ErrorKind = "not_found"
	// KindConflict is a state that forbids the call, such as a held lock.
	KindConflict ErrorKind = "conflict"
	// KindRefused is a refusal by a data-quality gate.
	KindRefused ErrorKind = "refused"
	// KindNoData is a question that the data at hand can't answer.
	KindNoData ErrorKind = "no_data"
	// KindUnavailable is a passing fault: try again.
	KindUnavailable ErrorKind = "unavailable"
	// KindExhausted is a full disk, a memory limit or another bound.
	KindExhausted ErrorKind = "exhausted"
)

// Error is an error with a kind. Public may be shown to anyone; with an empty
// Public the whole text of Err may. With both, Err is for the program's own
// terminal and logs alone.
type Error struct {
	Kind   ErrorKind
	Public string
	Err    error

	served string // Err's text for a caller over the wire, where that is another one
}

// PublicText returns what may be shown to a caller over the network.
func (e *Error) PublicText() string {
	switch {
	case e.Public != "" || e.Err == nil:
		return e.Public
	case e.served != "":
		return e.served
	}
	return e.Err.Error()
}

// Error returns the public text followed by the cause.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Public
	case e.Public == "":
		return e.Err.Error()
	}
	return e.Public + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf returns an error of the given kind whose whole text is public. What
// a %w verb wraps stays in the chain. A [Way] among the arguments is said to each
// caller in its own terms.
func Errorf(kind ErrorKind, format string, args ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...), served: servedText(format, args)}
}

// Wrap returns err with a kind and a public text in front of it, or nil when
// err is nil.
func Wrap(kind ErrorKind, public string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: kind, Public: public, Err: err}
}

// KindOf returns the kind of the outermost Error in err's chain, and
// KindInternal where there is none.
func KindOf(err error) ErrorKind {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Kind
	}
	return KindInternal
}
