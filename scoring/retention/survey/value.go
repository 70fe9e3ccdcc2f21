package survey

import (
	"math"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// answerNoise is the standard deviation of one answer around what a customer
	// thinks, in points of 100; unheard that of what customers think, for one of
	// whom nothing was heard.
	answerNoise, unheard = 20, 20
	// logOddsPerPoint is an assumption: 40 points between a promoter and a
	// detractor go with odds of churn that differ by a factor of e.
	logOddsPerPoint = 0.025
)

// ValueOfAnswer returns what knowing a customer's answer is worth to the
// decision whether to act, in the unit of stake: the expected value of sample
// information of a choice between two acts with linear loss (Raiffa and
// Schlaifer 1961),
//
//	stake p (1-p) s L(d/s),  L(z) = phi(z) - z (1 - Phi(z))
//
// with p the churn probability, d the distance of its log-odds to the nearest
// border between decisions, and s the standard deviation by which an answer
// moves them: logOddsPerPoint times e²/sqrt(e²+n²), e being the standard error of
// the satisfaction index and n the noise of one answer. So it is large for who is
// near a border, of whom little is known, and at whom much is at stake.
//
// p is in (0, 1), e and stake are not negative; without borders it is as if p
// stood on one.
func ValueOfAnswer(p, standardError, stake float64, borders []float64) float64 {
	e := standardError * standardError
	s := logOddsPerPoint * e / math.Sqrt(e+answerNoise*answerNoise)
	if s == 0 {
		return 0
	}
	distance := math.Inf(1)
	for _, b := range borders {
		distance = math.Min(distance, math.Abs(logOdds(p)-logOdds(b)))
	}
	if len(borders) == 0 {
		distance = 0
	}
	return stake * p * (1 - p) * s * loss(distance/s)
}

// loss is the unit normal linear loss of z >= 0.
func loss(z float64) float64 {
	density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	return math.Max(density-z*0.5*math.Erfc(z/math.Sqrt2), 0)
}

func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// valueOf is the value of a customer's answer where a score tells it, with a
// typical stake for who has none.
func valueOf(t model.SurveyTraits, stake float64, borders []float64) (float64, bool) {
	if t.Probability == nil || !(*t.Probability > 0 && *t.Probability < 1) {
		return 0, false
	}
	e := float64(unheard)
	if t.Satisfaction != nil {
		e = *t.Satisfaction
	}
	if t.ExpectedValue != nil {
		stake = math.Max(*t.ExpectedValue, 0)
	}
	return ValueOfAnswer(*t.Probability, e, stake, borders), true
}
