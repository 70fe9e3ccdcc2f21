package satisfaction

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Group is the segment that an answer belongs to.
type Group string

// The groups.
const (
	// Promoter answered at the top of the scale.
	Promoter Group = "promoter"
	// Passive answered in the middle.
	Passive Group = "passive"
	// Detractor answered at the bottom.
	Detractor Group = "detractor"
)

// severePoints is the most points of a severe answer: an NPS of 3.
const severePoints = 30

// smallCell is the number of answers below which an NPS carries a warning.
const smallCell = 30

// bounds returns the least score of a passive and of a promoter.
func bounds(kind Kind) (passive, promoter float64, ok bool) {
	switch kind {
	case NPS:
		return 7, 9, true
	case CSAT, Rating:
		return 3, 4, true
	case CES:
		return 4, 6, true
	case Sentiment:
	}
	return 0, 0, false
}

// GroupOf returns the group of an answer:
//
//	kind          detractor  passive  promoter
//	nps           0-6        7-8      9-10
//	csat, rating  1-2        3        4-5
//	ces           1-3        4-5      6-7
//
// A score between two whole ones falls in the lower group. ok is false for
// sentiment, which has no groups. Errors as [Points].
func GroupOf(kind Kind, score float64) (group Group, ok bool, err error) {
	if _, err := Points(kind, score); err != nil {
		return "", false, err
	}
	passive, promoter, ok := bounds(kind)
	switch {
	case !ok:
		return "", false, nil
	case score >= promoter:
		return Promoter, true, nil
	case score >= passive:
		return Passive, true, nil
	}
	return Detractor, true, nil
}

// Severe reports whether a detractor's answer is severe, not minor: at most 30
// points, an NPS of 0-3. A 0 is not a 6. It is false for an answer that is no
// detractor's, and for one that [GroupOf] refuses.
func Severe(kind Kind, score float64) bool {
	group, ok, err := GroupOf(kind, score)
	if err != nil || !ok || group != Detractor {
		return false
	}
	points, err := Points(kind, score)
	return err == nil && points <= severePoints
}

// NetPromoter returns the net promoter score of a set of answers, -100 to 100:
//
//	nps = 100 (P - D) / n
//
// with P promoters and D detractors of n answers. The standard error is that of
// a mean of -1, 0 and 1, with one answer more of each group, so that a small
// unanimous cell does not look certain:
//
//	100 sqrt((p + d - (p - d)^2) / n),  p = (P+1)/(n+3), d = (D+1)/(n+3)
//
// Answers must be of distinct customers. Confidence 0 means 0.95. Fewer than 30
// answers give a warning; none give [ErrNoAnswers], another group [ErrValue].
func NetPromoter(groups []Group, confidence float64) (estimate.Estimate, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if len(groups) == 0 {
		return estimate.Estimate{}, fmt.Errorf("net promoter score: %w", ErrNoAnswers)
	}
	var promoters, detractors float64
	for i, g := range groups {
		switch g {
		case Promoter:
			promoters++
		case Detractor:
			detractors++
		case Passive:
		default:
			return estimate.Estimate{}, fmt.Errorf("net promoter score: answer %d is of group %q: %w", i, g, ErrValue)
		}
	}
	n := float64(len(groups))
	p, d := (promoters+1)/(n+3), (detractors+1)/(n+3)
	se := 100 * math.Sqrt((p+d-(p-d)*(p-d))/n)
	e := estimate.Normal(100*(promoters-detractors)/n, se, confidence, len(groups))
	e.Low, e.High = math.Max(-100, e.Low), math.Min(100, e.High)
	if len(groups) < smallCell {
		e = e.Warn(fmt.Sprintf("%d answers, fewer than %d", len(groups), smallCell))
	}
	return e, nil
}
