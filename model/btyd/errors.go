package btyd

import "errors"

var (
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
	// ErrFewRepeaters says that too few customers ordered more than once.
	ErrFewRepeaters = errors.New("too few customers ordered more than once")
	// ErrStopped says that the caller stopped a fit.
	ErrStopped = errors.New("stopped")
	// ErrDiverged says that no maximum of the likelihood was found.
	ErrDiverged = errors.New("no maximum of the likelihood was found")
)

const (
	// leastRepeaters is the number of customers with two orders or more below
	// which nothing is fitted, thinRepeaters that below which a fit warns.
	leastRepeaters = 10
	thinRepeaters  = 100
	// defaultConfidence is used where a confidence of 0 is given.
	defaultConfidence = 0.95
)
