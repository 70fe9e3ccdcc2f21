package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Thresholds says from which risk on it pays to contact a customer, by what
// happened at past cutoffs to those who were left alone. Money is the margin of
// what is expected within the horizon; what a kept customer spends later is left
// out.
type Thresholds struct {
	AsOf        time.Time      `json:"as_of"`
	Definition  DefinitionKind `json:"definition"`
	HorizonDays int            `json:"horizon_days"`
	Channel     string         `json:"channel"`
	Cost        float64        `json:"cost"`
	Economics   Economics      `json:"economics"`
	// Status is no_data, with what is missing, while too few cutoffs are complete
	// to choose on some and judge on others. Chosen and Judged are nil then.
	Status PartStatus `json:"status"`
	// BreakEven is from which probability on a contact pays, for customers of low,
	// usual and high value at the newest instant that values are known of.
	BreakEven []BreakEven       `json:"break_even"`
	Cutoffs   []ThresholdCutoff `json:"cutoffs"`
	// Curve is the net by the least return asked for, on all cutoffs: what the
	// choice was read from, which flatters it.
	Curve  []ThresholdPoint  `json:"curve"`
	Chosen *ThresholdChoice  `json:"chosen"`
	Judged *ThresholdVerdict `json:"judged"`
	// Spend holds what those who stayed were expected to spend against what they
	// did; nil where it is not known.
	Spend *ThresholdSpend `json:"spend"`
	// Now is whom the chosen rule, or without one the rule in force, contacts of
	// those in the published scores as of AsOf; nil where there are none.
	Now      *ThresholdNow `json:"now"`
	Warnings []string      `json:"warnings"`
}

// BreakEven is the probability from which on contacting a customer pays; nil
// where it never does.
type BreakEven struct {
	Quantile    float64  `json:"quantile"`
	Value       float64  `json:"value"`
	Probability *float64 `json:"probability"`
}

// ThresholdCutoff is a past cutoff with the fit that said what would be.
type ThresholdCutoff struct {
	AsOf         time.Time `json:"as_of"`
	TrainCutoffs int       `json:"train_cutoffs"`
	Customers    int       `json:"customers"`
	// Unvalued are those left out because their value is not known.
	Unvalued int     `json:"unvalued"`
	BaseRate float64 `json:"base_rate"`
	// AtStake is the margin of what those who left were expected to spend.
	AtStake float64 `json:"at_stake"`
	// Judged says that a choice made on the earlier ones was judged here, and
	// Return which.
	Judged bool     `json:"judged"`
	Return *float64 `json:"return"`
	// Treatment says what became of the customers whom retention touched; nil
	// where there were none.
	Treatment *TreatmentReport `json:"treatment"`
}

// ThresholdPoint is what contacting everybody of at least this return would have
// brought at a cutoff, on the mean.
type ThresholdPoint struct {
	Return    float64           `json:"return"`
	Contacted float64           `json:"contacted"`
	Expected  float64           `json:"expected_net"`
	Net       estimate.Estimate `json:"net"`
}

// ThresholdChoice is the least return that a contact should promise.
type ThresholdChoice struct {
	Return estimate.Estimate `json:"return"`
	// Best is the return of the largest net of the curve.
	Best float64 `json:"best"`
	// Probability is the one from which on the customer of usual value is
	// contacted; nil where he never is.
	Probability *float64 `json:"probability_of_usual_value"`
}

// ThresholdVerdict is what rules would have earned at cutoffs that they were not
// chosen on.
type ThresholdVerdict struct {
	Cutoffs int             `json:"cutoffs"`
	Rules   []ThresholdRule `json:"rules"`
	// PaysFrom is the effect from which on the chosen rule earns more than it
	// costs; nil where it can't be said.
	PaysFrom *estimate.Estimate `json:"pays_from_effect"`
}

// The rules that are compared.
const (
	RuleNetValue    = "net_value"
	RuleBreakEven   = "break_even"
	RuleProbability = "probability_0.5"
	RuleEverybody   = "everybody"
	RuleNobody      = "nobody"
)

// ThresholdRule is what one rule would have earned at a cutoff, on the mean:
// net under the effect, and under the ends of its interval.
type ThresholdRule struct {
	Rule      string            `json:"rule"`
	Contacted float64           `json:"contacted"`
	Expected  float64           `json:"expected_net"`
	Net       estimate.Estimate `json:"net"`
	AtLow     estimate.Estimate `json:"net_at_low_effect"`
	AtHigh    estimate.Estimate `json:"net_at_high_effect"`
	// Difference is the chosen rule's net minus this one's; nil for itself.
	Difference *estimate.Estimate `json:"difference"`
}

// ThresholdSpend is what those who stayed spent within the horizon, over all
// cutoffs, against what they were expected to.
type ThresholdSpend struct {
	Customers int               `json:"customers"`
	Expected  float64           `json:"expected"`
	Spent     float64           `json:"spent"`
	Ratio     estimate.Estimate `json:"ratio"`
}

// ThresholdNow is whom a rule contacts now, and what that is expected to bring.
type ThresholdNow struct {
	Return    float64 `json:"return"`
	Customers int     `json:"customers"`
	Contacted int     `json:"contacted"`
	Expected  float64 `json:"expected_net"`
	AtLow     float64 `json:"expected_net_at_low_effect"`
	AtHigh    float64 `json:"expected_net_at_high_effect"`
}
