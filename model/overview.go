package model

import "time"

// Overview is the published snapshot in a few numbers, beside those before it.
type Overview struct {
	AsOf        time.Time            `json:"as_of"`
	ScoredAt    time.Time            `json:"scored_at"`
	Model       int                  `json:"model"`
	Definition  DefinitionKind       `json:"definition"`
	HorizonDays int                  `json:"horizon_days"`
	Currency    string               `json:"currency"`
	Bands       Bands                `json:"bands"`
	Now         OverviewPoint        `json:"now"`
	Drift       map[DriftState]int64 `json:"drift"`
	// Trend is oldest first; its last point is that of the snapshot's own day.
	Trend []OverviewPoint `json:"trend"`
}

// OverviewPoint is a published snapshot in numbers; those of money are nil where
// they are not known.
type OverviewPoint struct {
	AsOf                  time.Time `json:"as_of"`
	Scored                int64     `json:"scored"`
	Insufficient          int64     `json:"insufficient_evidence"`
	High                  int       `json:"high"`
	Medium                int       `json:"medium"`
	Low                   int       `json:"low"`
	MeanRisk              *float64  `json:"mean_risk"`
	RevenueAtRisk         *float64  `json:"revenue_at_risk"`
	RevenueAtRiskInterval *Interval `json:"revenue_at_risk_interval"`
	Model                 int       `json:"model"`
}

// OverviewPointOf returns a snapshot in numbers.
func OverviewPointOf(s Snapshot) OverviewPoint {
	out := OverviewPoint{
		AsOf: s.AsOf, Scored: s.Summary.Scored, Insufficient: s.Summary.Insufficient,
		High: s.Summary.Bands[BandHigh], Medium: s.Summary.Bands[BandMedium], Low: s.Summary.Bands[BandLow],
		RevenueAtRisk: s.Summary.RevenueAtRisk, RevenueAtRiskInterval: s.Summary.RevenueAtRiskInterval, Model: s.Model,
	}
	if s.Summary.Scored > 0 {
		out.MeanRisk = &s.Summary.MeanRisk
	}
	return out
}

// Retention is who was still there how many months after they came.
type Retention struct {
	AsOf       time.Time      `json:"as_of"`
	Definition DefinitionKind `json:"definition"`
	// Months are the newest that are over, oldest first, of AllMonths.
	Months    []RetentionMonth `json:"months"`
	AllMonths int              `json:"all_months"`
}

// RetentionMonth is the customers who came in one month, such as 2026-03:
// Retained[i] of them were there i+1 months later. It is empty where they are
// too few to be shown apart, and withheld.
type RetentionMonth struct {
	Month     string  `json:"month"`
	Customers int64   `json:"customers"`
	Retained  []int64 `json:"retained"`
	Withheld  bool    `json:"withheld"`
}
