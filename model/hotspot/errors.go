package hotspot

import "errors"

var (
	// ErrShape says that a cell names a stratum which its group does not have,
	// or that slices which belong together differ in length.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
)
