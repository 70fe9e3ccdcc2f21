package additive

import "errors"

// Errors of this package; test them with [errors.Is].
var (
	// ErrInput says that a design, labels, folds or options make no sense.
	ErrInput = errors.New("bad input")
	// ErrOneClass says that all labels are the same.
	ErrOneClass = errors.New("all labels are the same")
	// ErrStopped says that Stop asked to end.
	ErrStopped = errors.New("stopped")
	// ErrPredictor says that a predictor's data contradict each other.
	ErrPredictor = errors.New("broken predictor")
)
