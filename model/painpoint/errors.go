package painpoint

import "errors"

var (
	// ErrShape says that slices that belong together differ in length, or that
	// there are no rows.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
)

const (
	// thin is the number of exposed customers below which a weight carries a
	// warning.
	thin = 30
	// defaultConfidence is used where a confidence of 0 is given.
	defaultConfidence = 0.95
)
