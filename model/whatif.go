package model

import (
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// WhatIf is what a model expects of fewer incidents of one pain point, all else
// as it is. It is an association unless Causal.
type WhatIf struct {
	PainPoint string `json:"painpoint"`
	Label     string `json:"label"`
	// Reduce is the probability in [0, 1] with which each incident is removed.
	Reduce          float64   `json:"reduce"`
	Model           int       `json:"model"`
	AsOf            time.Time `json:"as_of"`
	HorizonDays     int       `json:"horizon_days"`
	LabelDefinition string    `json:"label_definition"`
	// Status is ok, or insufficient_evidence with what is missing: then the
	// changes are nil, since nothing is known of them.
	Status PartStatus `json:"status"`
	// Customers who are eligible at AsOf; Affected had Incidents in the last
	// WindowDays, of which Removed would be missing.
	Customers  int     `json:"customers"`
	Affected   int     `json:"customers_affected"`
	WindowDays int     `json:"window_days"`
	Incidents  int     `json:"incidents"`
	Removed    float64 `json:"incidents_removed"`
	WhatIfChange
	// Direct and BySatisfaction are the ways that this change takes by the risk
	// predictor, and add up to it: that incidents themselves go with churn, and
	// that customers answer worse after them, which goes with churn too. The
	// second is nil where it can't be followed; then it is not counted.
	Direct         *WhatIfChange `json:"direct"`
	BySatisfaction *WhatIfChange `json:"by_way_of_satisfaction"`
	// ByWeight is the same by the pain point's unpenalised weight in log-odds,
	// which was fitted without satisfaction beside it and so holds both ways,
	// instead of the risk predictor's shapes; nil without such a weight.
	ByWeight *WhatIfChange `json:"by_weight"`
	// Counted and NotCounted are the ways from the incident to churn.
	Counted    []string `json:"paths_counted"`
	NotCounted []string `json:"paths_not_counted"`
	// Causal says that an experiment backs the change.
	Causal   bool     `json:"causal"`
	Note     string   `json:"note"`
	Warnings []string `json:"warnings"`
}

// WhatIfChange is an expected change within the horizon.
type WhatIfChange struct {
	Churn *ChurnChange `json:"churn_change"`
	// Revenue is the change of the expected revenue, positive when money is
	// kept, and RevenueAtRisk that of the revenue at risk, its negative; nil
	// where no value of the customers is published.
	Revenue       *RevenueChange `json:"revenue_change"`
	RevenueAtRisk *RevenueChange `json:"revenue_at_risk_change"`
}

// RevenueChange is a change in money, with what the model and the customers'
// values leave open: Low, High and StandardError are nil where it is not known
// how far the value of a customer may be off, as Warnings say then.
type RevenueChange struct {
	Value         float64  `json:"value"`
	Low           *float64 `json:"low"`
	High          *float64 `json:"high"`
	StandardError *float64 `json:"standard_error"`
	Confidence    float64  `json:"confidence"`
	N             int      `json:"n"`
	Warnings      []string `json:"warnings,omitempty"`
}

// NewRevenueChange restates an estimate.
func NewRevenueChange(e estimate.Estimate) RevenueChange {
	return RevenueChange{
		Value: e.Value, Low: &e.Low, High: &e.High, StandardError: &e.StandardError, Confidence: e.Confidence, N: e.N, Warnings: e.Warnings,
	}
}

// Unbounded returns the change without an interval, for a reason.
func (c RevenueChange) Unbounded(reason string) RevenueChange {
	c.Low, c.High, c.StandardError = nil, nil, nil
	c.Warnings = append(slices.Clone(c.Warnings), reason)
	return c
}

// ChurnChange is a change of the expected churn, negative for fewer: in
// customers, and as a share of all eligible customers.
type ChurnChange struct {
	Customers estimate.Estimate `json:"customers"`
	Share     estimate.Estimate `json:"share"`
}
