package experiment

import "errors"

var (
	// ErrShape means that slices that belong together differ in length or are
	// too short.
	ErrShape = errors.New("experiment: lengths differ or are too short")
	// ErrValue means a number outside its range.
	ErrValue = errors.New("experiment: a number is out of its range")
)
