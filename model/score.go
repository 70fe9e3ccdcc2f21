package model

import (
	"encoding/json"
	"time"
)

// ScoreStatus says whether a score can be relied on.
type ScoreStatus string

// The statuses of a score.
const (
	StatusOK                   ScoreStatus = "ok"
	StatusInsufficientEvidence ScoreStatus = "insufficient_evidence"
	StatusNotEligible          ScoreStatus = "not_eligible"
)

// Band is a coarse reading of a probability, for display.
type Band string

// The bands.
const (
	BandLow    Band = "low"
	BandMedium Band = "medium"
	BandHigh   Band = "high"
)

// Bands hold the least probability of the medium and of the high band.
type Bands struct {
	Medium float64 `json:"medium"`
	High   float64 `json:"high"`
}

// Of returns the band of a probability.
func (b Bands) Of(p float64) Band {
	switch {
	case p >= b.High:
		return BandHigh
	case p >= b.Medium:
		return BandMedium
	}
	return BandLow
}

// DriftState is the verdict on a customer's last two cycles.
type DriftState string

// The drift states.
const (
	Stable     DriftState = "stable"
	Wobbling   DriftState = "wobbling"
	Drifting   DriftState = "drifting"
	Recovering DriftState = "recovering"
	Silent     DriftState = "silent"
)

// DriftStates returns all of them.
func DriftStates() []DriftState {
	return []DriftState{Stable, Wobbling, Drifting, Recovering, Silent}
}

// Interval bounds a probability or an amount: Level is the nominal coverage.
type Interval struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Level float64 `json:"level"`
}

// ValueBasis is what a customer's value was computed by.
type ValueBasis string

// The bases of a value: BG/NBD and Gamma-Gamma; his orders drawn to the shop's
// average by two orders' worth of evidence, without an interval; the price of
// his contracts, without an interval, since nothing tells how far it is kept
// to; that price, taken as certain, and beside it what either of the first two
// expects of his orders.
const (
	ByPurchases              ValueBasis = "btyd"
	ByShopAverage            ValueBasis = "shop_average"
	ByContract               ValueBasis = "contract_price"
	ByContractAndPurchases   ValueBasis = "contract_price_and_btyd"
	ByContractAndShopAverage ValueBasis = "contract_price_and_shop_average"
)

// Contribution is what one feature adds to a score's log-odds.
type Contribution struct {
	Name    string  `json:"name"`
	Label   string  `json:"label"`
	Family  Family  `json:"family"`
	Unit    string  `json:"unit"`
	LogOdds float64 `json:"log_odds"`
	Value   any     `json:"value"`
	// Evidence holds the facts behind the value, newest first.
	Evidence []Evidence `json:"evidence"`
}

// Evidence is one fact behind a contribution.
type Evidence struct {
	What      string     `json:"what"`
	At        time.Time  `json:"at"`
	OrderID   *string    `json:"order_id,omitempty"`
	TicketID  *string    `json:"ticket_id,omitempty"`
	Promised  *time.Time `json:"promised_at,omitempty"`
	Delivered *time.Time `json:"delivered_at,omitempty"`
	Value     *float64   `json:"value,omitempty"`
	File      string     `json:"file,omitempty"`
	Line      int64      `json:"line,omitempty"`
	// KnownAt is set for facts that a change is explained by.
	KnownAt *time.Time `json:"known_at,omitempty"`
}

// Score is what the active predictor says of a customer as of an instant.
// Absent knowledge is nil, with a status that says why.
//
// Percentile is the share in percent of the other reliable scores with a lower
// probability; equal ones share theirs. PainIndex is what the incidents of the
// last 90 days cost in points of satisfaction, at most 100, and nil where the
// whole shop has no incident.
//
// ExpectedValue is what the customer spends within the horizon if kept: if he
// does not churn, so of a shop if he orders at least once, and of contracts
// their price and, beside it, what is expected of orders. ExpectedOrders are
// the orders (days with an order) of one who is active, whether he orders or
// not, and OrderValue is what each is worth. RevenueAtRisk is ExpectedValue
// times the probability. Their intervals are
// about the customer's own mean, which his few orders leave open, not about
// what he happens to spend. ValueBasis says what they rest on.
//
// ExpectedNextOrder is the day by which the next order is as likely as not to
// have come if he is active, nil beyond five years. Where the rhythm of orders
// could not be fitted it is the last order plus the usual gap between the
// customer's days with an order, or the shop's for those with one such day,
// and may have passed. PAlive is the probability that he is active, PNoOrder
// that of no order in the horizon, both by that rhythm alone; a customer with
// one order counts as active with certainty and tells nothing by it.
type Score struct {
	CustomerID        string      `json:"customer_id"`
	Status            ScoreStatus `json:"status"`
	StatusReason      string      `json:"status_reason"`
	ChurnProbability  *float64    `json:"churn_probability"`
	Interval          *Interval   `json:"interval"`
	Band              *Band       `json:"band"`
	Percentile        *float64    `json:"percentile"`
	HorizonDays       int         `json:"horizon_days"`
	AsOf              time.Time   `json:"as_of"`
	ScoredAt          time.Time   `json:"scored_at"`
	Sequence          Sequence    `json:"sequence"`
	Model             *int        `json:"model"`
	LabelDefinition   string      `json:"label_definition"`
	SatisfactionIndex *float64    `json:"satisfaction_index"`
	SatisfactionSE    *float64    `json:"satisfaction_standard_error"`
	SatisfactionN     int         `json:"satisfaction_answers"`
	NPSSegment        *string     `json:"nps_segment"`
	Drift             DriftState  `json:"drift"`
	PainIndex         *float64    `json:"pain_index"`
	ExpectedValue     *float64    `json:"expected_value"`
	RevenueAtRisk     *float64    `json:"revenue_at_risk"`
	ExpectedNextOrder *time.Time  `json:"expected_date_of_next_order"`
	ValueInterval     *Interval   `json:"expected_value_interval"`
	RevenueInterval   *Interval   `json:"revenue_at_risk_interval"`
	ValueBasis        *ValueBasis `json:"value_basis"`
	PAlive            *float64    `json:"p_alive"`
	PNoOrder          *float64    `json:"p_no_order"`
	ExpectedOrders    *float64    `json:"expected_orders"`
	OrderValue        *float64    `json:"expected_order_value"`
	// Contributions are nil where they are not known any more: they are kept for
	// the current snapshot.
	Contributions []Contribution `json:"contributions"`
	Holdout       bool           `json:"holdout"`
	OpenTriggers  []string       `json:"open_triggers"`
	// DataQuality is nil where the run was not told of it.
	DataQuality *DataQuality `json:"data_quality"`
	// ChangedAt is when the change that Sequence numbers was published; zero
	// without one.
	ChangedAt time.Time `json:"-"`
}

// Explanation is a score with every contribution, and how they add up:
// LogOdds = BaseLogOdds + the sum of the contributions' LogOdds = BaseLogOdds +
// the sum of the groups' LogOdds, and the probability is the logistic of the
// calibrated log-odds. Both are nil for a customer without a risk.
type Explanation struct {
	Score
	BaseLogOdds *float64 `json:"base_log_odds"`
	LogOdds     *float64 `json:"log_odds"`
	// Groups are all families in their usual order, also those of 0.
	Groups []ContributionGroup `json:"groups"`
	// DataShare and PriorShare say how much of the answer comes from the
	// shop's data and how much from assumptions; they add up to 1.
	DataShare   *float64    `json:"data_share"`
	PriorShare  *float64    `json:"prior_share"`
	Calibration Calibration `json:"calibration"`
	Warnings    []string    `json:"warnings"`
}

// Calibration maps log-odds x to Intercept + Slope*x.
type Calibration struct {
	Method    string  `json:"method"`
	Slope     float64 `json:"slope"`
	Intercept float64 `json:"intercept"`
}

// Sequence numbers published changes; it is a decimal string in JSON, null for
// 0, which numbers nothing: a score that is not in the current snapshot.
type Sequence uint64

// MarshalJSON writes the number as a decimal string.
func (s Sequence) MarshalJSON() ([]byte, error) {
	if s == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(s.String())
}

// UnmarshalJSON reads a decimal string, or null.
func (s *Sequence) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*s = 0
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	v, err := parseSequence(n.String())
	*s = v
	return err
}

// ScoreOrder is how a list of scores is ordered; ties are by customer id.
type ScoreOrder string

// The orders of scores.
const (
	// ByProbability is status ok first, then the highest probability.
	ByProbability ScoreOrder = ""
	// BySequence is ascending: what changed last comes last.
	BySequence ScoreOrder = "sequence"
	// ByRevenue is status ok first, then the most revenue at risk; what is not
	// known comes last.
	ByRevenue ScoreOrder = "revenue_at_risk"
)

// ScoreQuery selects scores of the published snapshot.
type ScoreQuery struct {
	// AsOf, where set, asks for the snapshot of SnapshotAt instead of the current
	// one. Sequence and contributions are kept for the current one alone.
	AsOf time.Time
	// Top bounds the number; 0 is no bound.
	Top int
	// Band, MinRisk and Cohort restrict where set.
	Band    Band
	MinRisk float64
	// Dimension and Cohort: a dimension of cohorts, such as a profile column, and
	// one of them.
	Dimension string
	Cohort    string
	// Drift restricts to a state, Prefix to ids that begin like it.
	Drift  DriftState
	Prefix string
	// Customers restricts to these.
	Customers []string
	// UpdatedSince restricts to scores whose sequence is greater.
	UpdatedSince Sequence
	// UpdatedAfter restricts to scores whose last change was published after.
	UpdatedAfter time.Time
	Order        ScoreOrder
	// After continues behind this row of the order above.
	After *ScoreCursor
	// Reasons is the number of largest contributions to carry; -1 is all.
	Reasons int
}

// ScoreCursor is a place in the order of a ScoreQuery. A probability and an
// amount that are not known are -1.
type ScoreCursor struct {
	Probability float64  `json:"p"`
	Revenue     float64  `json:"r"`
	Status      int      `json:"s"`
	CustomerID  string   `json:"id"`
	Sequence    Sequence `json:"seq"`
}
