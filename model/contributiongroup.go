package model

import "math"

// ContributionGroup is what the features of one family add to a score
// together.
type ContributionGroup struct {
	Family Family `json:"family"`
	// LogOdds is the sum of the family's contributions.
	LogOdds float64 `json:"log_odds"`
	// OddsRatio is exp(LogOdds): by how much the family multiplies the odds.
	OddsRatio float64 `json:"odds_ratio"`
	// Points are percentage points of probability: what is said, less what
	// would be said were this family as usual and all others as they are.
	// Unlike the log-odds, the points of several families do not add up.
	Points float64 `json:"percentage_points"`
	// Contributions counts the features.
	Contributions int `json:"contributions"`
}

// Families returns all families of features, in the order in which people are
// shown them.
func Families() []Family {
	return []Family{Rhythm, Value, Decline, Satisfaction, Pain, Drift, Support, Behaviour, Profile}
}

// GroupContributions sums contributions by family, for every family in the
// order of Families. logOdds is the score's, all contributions included.
//
// Each contribution counts in one group, in the order given, so that the
// groups add up to what the contributions add up to.
func GroupContributions(parts []Contribution, logOdds float64) []ContributionGroup {
	out := make([]ContributionGroup, 0, len(Families()))
	for _, family := range Families() {
		g := ContributionGroup{Family: family}
		for _, c := range parts {
			if c.Family == family {
				g.LogOdds += c.LogOdds
				g.Contributions++
			}
		}
		g.OddsRatio = math.Exp(g.LogOdds)
		g.Points = 100 * (logistic(logOdds) - logistic(logOdds-g.LogOdds))
		out = append(out, g)
	}
	return out
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
