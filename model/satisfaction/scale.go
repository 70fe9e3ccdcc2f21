package satisfaction

import "fmt"

// Kind is a kind of answer.
type Kind string

// The kinds of answers.
const (
	// NPS is the likelihood to recommend, 0 to 10.
	NPS Kind = "nps"
	// CSAT is satisfaction with an experience, 1 to 5.
	CSAT Kind = "csat"
	// CES is ease, 1 to 7, more being easier.
	CES Kind = "ces"
	// Rating is stars, 1 to 5.
	Rating Kind = "rating"
	// Sentiment is the tone of a text, -1 to 1.
	Sentiment Kind = "sentiment"
)

// Range returns the least and the greatest score of a kind, or [ErrKind].
func Range(kind Kind) (low, high float64, err error) {
	switch kind {
	case NPS:
		return 0, 10, nil
	case CSAT, Rating:
		return 1, 5, nil
	case CES:
		return 1, 7, nil
	case Sentiment:
		return -1, 1, nil
	}
	return 0, 0, fmt.Errorf("kind %q: %w", kind, ErrKind)
}

// Points maps a score to 0-100, linearly over its kind's range:
//
//	points = 100 (score - low) / (high - low)
//
// A score outside the range or NaN gives [ErrValue], an unknown kind [ErrKind].
func Points(kind Kind, score float64) (float64, error) {
	low, high, err := Range(kind)
	if err != nil {
		return 0, err
	}
	if !(score >= low && score <= high) {
		return 0, fmt.Errorf("%s score %v, want %v to %v: %w", kind, score, low, high, ErrValue)
	}
	return 100 * (score - low) / (high - low), nil
}
