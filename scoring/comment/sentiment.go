package comment

import (
	"math"

	"github.com/jonreiter/govader"
)

// english is the only language whose sentiment is scored: the lexicon of VADER
// (Hutto and Gilbert 2014, ICWSM) knows no other and would call every text of
// one neutral.
const english = "en"

// sentiment scores English.
type sentiment struct {
	analyser *govader.SentimentIntensityAnalyzer
}

func newSentiment() *sentiment { return &sentiment{govader.NewSentimentIntensityAnalyzer()} }

// score returns the compound sentiment of a text, -1 to 1, to four decimals.
func (s *sentiment) score(text string) float64 {
	return math.Round(1e4*s.analyser.PolarityScores(text).Compound) / 1e4
}
