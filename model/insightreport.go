package model

import (
	"slices"
	"time"
)

// PainPointReport is the weights of all pain points, fitted together.
type PainPointReport struct {
	Status PartStatus `json:"status"`
	// Worst has the largest effect at its mean severity; nil without one.
	Worst      *string           `json:"worst"`
	Answers    int               `json:"answers"`
	PainPoints []PainPointWeight `json:"painpoints"`
}

// CohortReport is the cohorts of a snapshot that may be shown.
type CohortReport struct {
	AsOf    time.Time   `json:"as_of"`
	Cohorts []CohortRow `json:"cohorts"`
	// Withheld counts cohorts of too few customers to be shown, WithoutRisk the
	// shown ones with too few scores for a risk.
	Withheld    int `json:"withheld"`
	WithoutRisk int `json:"without_risk"`
}

// ShownCohorts leaves out cohorts of fewer customers than the minimum, and the
// risk of those with fewer scores.
func ShownCohorts(rows []CohortRow, minimum int) CohortReport {
	shown := slices.DeleteFunc(slices.Clone(rows), func(c CohortRow) bool { return c.Customers < minimum })
	out := CohortReport{Cohorts: shown, Withheld: len(rows) - len(shown)}
	for i := range shown {
		if c := &shown[i]; c.Scored < minimum {
			out.WithoutRisk++
			c.ChurnRisk, c.RevenueAtRisk, c.RevenueAtRiskInterval = nil, nil, nil
		}
	}
	return out
}
