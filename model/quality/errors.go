package quality

import "errors"

var (
	// ErrShape says that slices that belong together differ in length, or are
	// empty.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
	// ErrShort says that the history is too short to judge by.
	ErrShort = errors.New("history too short")
	// ErrOneClass says that everybody had the same outcome.
	ErrOneClass = errors.New("only one outcome")
)
