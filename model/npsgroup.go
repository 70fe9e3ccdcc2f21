package model

// AnswerGroup is how content an answer is.
type AnswerGroup string

// The groups of answers, after the scale of recommendation (Reichheld 2003).
const (
	Promoter  AnswerGroup = "promoter"
	Passive   AnswerGroup = "passive"
	Detractor AnswerGroup = "detractor"
)

// AnswerGroups returns all of them, most content first.
func AnswerGroups() []AnswerGroup { return []AnswerGroup{Promoter, Passive, Detractor} }

// AnswerGroupOf returns the group of a score on the scale of its kind, "" for
// an unknown kind: promoters are NPS 9-10, CES 6-7 and CSAT or rating 4-5,
// passives NPS 7-8, CES 4-5 and CSAT or rating 3; a sentiment is neutral
// within 0.3 of zero. Scores between two whole ones belong below.
func AnswerGroupOf(kind string, score float64) AnswerGroup {
	bounds, ok := map[string][2]float64{
		"nps": {7, 9}, "ces": {4, 6}, "csat": {3, 4}, "rating": {3, 4}, "sentiment": {-0.3, 0.3},
	}[kind]
	switch {
	case !ok:
		return ""
	case score >= bounds[1] && (kind != "sentiment" || score > bounds[1]):
		return Promoter
	case score >= bounds[0]:
		return Passive
	}
	return Detractor
}
