package drift

import "errors"

var (
	// ErrShape says that slices that belong together differ in length.
	ErrShape = errors.New("slices do not fit together")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
	// ErrNoHistory says that no customer has a baseline with an order in it.
	ErrNoHistory = errors.New("no customer with orders in the baseline")
)

// thin is the number of customers below which a result carries a warning.
const thin = 30

// defaultConfidence is used where a confidence of 0 is given.
const defaultConfidence = 0.95
