package regression

import (
	"errors"
	"fmt"
)

// Errors of this package; test them with [errors.Is].
var (
	// ErrCollinear says that a column is a linear combination of those before it.
	ErrCollinear = errors.New("collinear with the columns before it")
	// ErrConstant says that a column without a penalty does not vary.
	ErrConstant = errors.New("constant")
	// ErrNotFinite says that a number is NaN or infinite.
	ErrNotFinite = errors.New("not finite")
	// ErrWidth says that a row, a penalty or a centre has the wrong length.
	ErrWidth = errors.New("wrong width")
	// ErrWeight says that a weight is negative.
	ErrWeight = errors.New("negative weight")
	// ErrTooFewRows says that nothing is left to estimate the noise from.
	ErrTooFewRows = errors.New("too few rows")
)

// ColumnError is a fault of one column; it wraps [ErrCollinear],
// [ErrConstant] or [ErrNotFinite].
type ColumnError struct {
	// Column is the index into a row's x; len(x) is y.
	Column int
	Err    error
}

// Error implements error.
func (e *ColumnError) Error() string { return fmt.Sprintf("column %d: %v", e.Column, e.Err) }

// Unwrap gives the fault behind e.
func (e *ColumnError) Unwrap() error { return e.Err }
