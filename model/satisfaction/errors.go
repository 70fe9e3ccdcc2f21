package satisfaction

import "errors"

var (
	// ErrKind says that a kind of answer is not known.
	ErrKind = errors.New("unknown kind of answer")
	// ErrValue says that a number is NaN, infinite or out of its range.
	ErrValue = errors.New("value out of range")
	// ErrNoAnswers says that there is nothing to fit.
	ErrNoAnswers = errors.New("no answers")
	// ErrTooFewAnswers says that there is too little to fit.
	ErrTooFewAnswers = errors.New("too few answers")
)
