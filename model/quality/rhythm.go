package quality

import (
	"fmt"
	"slices"
)

// Gap is a run of days without a fact between two days with one.
type Gap struct {
	// From is the last day before it, To the first day after it.
	From, To int
}

// Days returns how many days lie between two facts: 1 on consecutive days.
func (g Gap) Days() int { return g.To - g.From }

// Rhythm is how often facts come.
type Rhythm struct {
	// Usual is the number of days within which 99 of 100 next facts came, by
	// the days that the gaps cover: a long gap is met by more days than a short
	// one.
	Usual float64 `json:"usual_days"`
	// Longest is the longest gap.
	Longest Gap `json:"longest"`
	// Days is the number of days with a fact.
	Days int `json:"days"`
}

// usualShare is the share of days that lie in a usual gap.
const usualShare = 0.99

// NewRhythm returns the rhythm of facts on days, which are numbered from any
// origin, ascending, each once.
//
// Usual is the least g such that the gaps of at most g days hold 99 % of the
// days between the first and the last fact, not counting the longest gap: one
// hole must not make itself usual. Errors: [ErrShort] below three days with a
// fact, [ErrValue] for days that do not ascend.
func NewRhythm(days []int) (Rhythm, error) {
	if len(days) < 3 {
		return Rhythm{}, fmt.Errorf("rhythm: %d days with a fact, need 3: %w", len(days), ErrShort)
	}
	gaps := make([]Gap, len(days)-1)
	for i := range gaps {
		gaps[i] = Gap{From: days[i], To: days[i+1]}
		if gaps[i].Days() < 1 {
			return Rhythm{}, fmt.Errorf("rhythm: day %d follows day %d: %w", days[i+1], days[i], ErrValue)
		}
	}
	slices.SortStableFunc(gaps, func(a, b Gap) int { return a.Days() - b.Days() })
	last := len(gaps) - 1
	r := Rhythm{Longest: gaps[last], Days: len(days)}
	total := 0
	for _, g := range gaps[:last] {
		total += g.Days()
	}
	covered := 0
	for _, g := range gaps[:last] {
		covered += g.Days()
		if float64(covered) >= usualShare*float64(total) {
			r.Usual = float64(g.Days())
			break
		}
	}
	return r, nil
}

// Unusual returns the gaps of more than atLeast days, oldest first.
func Unusual(days []int, atLeast float64) (out []Gap) {
	for i := 1; i < len(days); i++ {
		if g := (Gap{From: days[i-1], To: days[i]}); float64(g.Days()) > atLeast {
			out = append(out, g)
		}
	}
	return out
}
