package model

import (
	"context"
	"time"
)

// OutcomeReader says what became of those for whom something was said.
type OutcomeReader interface {
	// Published returns every published run, the oldest publication first.
	Published(ctx context.Context) ([]PublishedRun, error)
	// Outcomes returns, by customer id, what a run said of each customer with a
	// probability, and what became of him by the end of its horizon, as known
	// then.
	Outcomes(ctx context.Context, run PublishedRun) ([]Outcome, error)
}

// PublishedRun is a scoring run that was published.
type PublishedRun struct {
	Run         int64
	Model       int
	AsOf        time.Time
	ScoredAt    time.Time
	PublishedAt time.Time
	Definition  Definition
}

// Outcome is what was said of a customer and what became of him. Treated is
// whoever was sent a retention message within the horizon.
type Outcome struct {
	Customer    string
	Probability float64
	Churned     bool
	Holdout     bool
	Treated     bool
}

// Realised is how the published scores turned out.
type Realised struct {
	// DataEnd is up to where outcomes are known.
	DataEnd   time.Time          `json:"data_end"`
	Snapshots []RealisedSnapshot `json:"snapshots"`
	// Pooled joins the newest complete snapshot of each instant; nil without one.
	Pooled   *RealisedFigures `json:"pooled"`
	Warnings []string         `json:"warnings"`
}

// RealisedSnapshot is how one published snapshot turned out.
type RealisedSnapshot struct {
	Run         int64     `json:"run"`
	Model       int       `json:"model"`
	AsOf        time.Time `json:"as_of"`
	PublishedAt time.Time `json:"published_at"`
	HorizonDays int       `json:"horizon_days"`
	CompleteAt  time.Time `json:"complete_at"`
	// Status is complete, or partly while the horizon has not passed.
	Status string `json:"status"`
	// DaysKnown of the horizon have passed.
	DaysKnown int              `json:"days_known"`
	Figures   *RealisedFigures `json:"figures"`
}

// RealisedFigures compare what was said with what happened. All is everyone;
// Untreated, Treated and Holdout are apart, nil where nobody is in them.
type RealisedFigures struct {
	All       RealisedGroup  `json:"all"`
	Untreated *RealisedGroup `json:"untreated"`
	Treated   *RealisedGroup `json:"treated"`
	Holdout   *RealisedGroup `json:"holdout"`
}

// RealisedGroup is how the scores of some customers turned out. What needs both
// outcomes is nil where all had the same.
type RealisedGroup struct {
	Customers int     `json:"customers"`
	Churned   int     `json:"churned"`
	Said      float64 `json:"mean_said"`
	Left      float64 `json:"share_left"`
	ROCAUC    *Ranged `json:"roc_auc"`
	Brier     float64 `json:"brier"`
	// Level is the mean said minus the share that left.
	Level    Ranged        `json:"level"`
	Bins     []RealisedBin `json:"bins"`
	Warnings []string      `json:"warnings"`
}

// RealisedBin is one tenth of probability: "said 0.7-0.8: 412 customers, 73 %
// left".
type RealisedBin struct {
	From      float64 `json:"from"`
	To        float64 `json:"to"`
	Customers int     `json:"customers"`
	Churned   int     `json:"churned"`
	Said      float64 `json:"mean_said"`
	Left      Ranged  `json:"share_left"`
}

// Ranged is a value with its 95 % interval.
type Ranged struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}
