package threshold

import "errors"

var (
	// ErrShape says that slices that belong together differ in length, or that
	// there is no cutoff or no row.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
)
