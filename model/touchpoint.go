package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// MomentKind tells low answers at a touchpoint from what a customer comes to.
type MomentKind string

// The kinds of moments.
const (
	TouchpointKind MomentKind = "touchpoint"
	JourneyMoment  MomentKind = "moment"
)

// The statuses of a touchpoint or moment.
const (
	TouchpointOK        = "ok"
	TouchpointNotEnough = "not_enough"
)

// Touchpoint says how strongly a low answer at a touchpoint, or a moment of the
// journey, goes with churn in the horizon after it. It is an association among
// customers alike in what they were compared by, not a cause.
type Touchpoint struct {
	// Rank counts those that are ok, from 1.
	Rank  *int       `json:"rank"`
	Kind  MomentKind `json:"kind"`
	Name  string     `json:"name"`
	Label string     `json:"label"`
	// Status is ok or not_enough, with the reason.
	Status       string `json:"status"`
	StatusReason string `json:"status_reason"`
	// ComparedWith are those whom the odds are held against, by what the fit
	// stood beside.
	ComparedWith string `json:"compared_with"`
	// ChurnLogOdds is the difference of the log-odds of churn, with an interval
	// that counts all rows of a customer as one; OddsRatio is its exponential.
	ChurnLogOdds *estimate.Estimate `json:"churn_log_odds"`
	OddsRatio    *estimate.Estimate `json:"odds_ratio"`
	PValue       *float64           `json:"p_value"`
	QValue       *float64           `json:"q_value"`
	// GoesWith is churn or staying where the false discovery rate allows to say
	// so, else neither.
	GoesWith string `json:"goes_with"`
	// Events in the windows before the cutoffs, and the customers who had one.
	Events           int      `json:"events"`
	Customers        int      `json:"customers"`
	ShareOfCustomers *float64 `json:"share_of_customers"`
	// ChurnRate after it, and of those compared with, as they are: nothing is
	// adjusted in them.
	ChurnRate       *float64 `json:"churn_rate"`
	ChurnRateOthers *float64 `json:"churn_rate_others"`
	Warnings        []string `json:"warnings"`
}

// TouchpointReport ranks the touchpoints and moments as of an instant.
type TouchpointReport struct {
	AsOf time.Time `json:"as_of"`
	// Cutoffs at which customers were looked at: what happened in the window
	// before, and whether they churned in the horizon after.
	Cutoffs            []time.Time `json:"cutoffs"`
	WindowDays         int         `json:"window_days"`
	HorizonDays        int         `json:"horizon_days"`
	Rows               int         `json:"rows"`
	Customers          int         `json:"customers"`
	FalseDiscoveryRate float64     `json:"false_discovery_rate"`
	// Causal is always false.
	Causal      bool         `json:"causal"`
	Touchpoints []Touchpoint `json:"touchpoints"`
	Warnings    []string     `json:"warnings"`
}
