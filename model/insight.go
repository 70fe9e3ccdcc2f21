package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// PartStatus says whether a part of a model was fitted.
type PartStatus struct {
	Status string   `json:"status"` // ok or no_data
	Needs  []string `json:"needs,omitempty"`
}

// PainPointWeight is what one incident of a pain point costs.
type PainPointWeight struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
	// SatisfactionWeight is in points of the 0-100 scale per incident at its
	// mean severity; nil where no answer was exposed.
	SatisfactionWeight *estimate.Estimate `json:"satisfaction_weight"`
	// SatisfactionFlag and SatisfactionSlope split it: the incident itself, and
	// each unit of severity.
	SatisfactionFlag  *estimate.Estimate `json:"satisfaction_flag"`
	SatisfactionSlope *estimate.Estimate `json:"satisfaction_per_severity"`
	// Plain restates the flag alone, fitted without severity, in the scale of
	// the answers where all of them are of one kind.
	Plain        *PlainWeight       `json:"plain"`
	Severity     *Severity          `json:"severity"`
	ChurnLogOdds *estimate.Estimate `json:"churn_log_odds"`
	// ChurnExposed counts the customers of the panel who had an incident.
	ChurnExposed int `json:"churn_exposed_customers"`
	// ShareOfChurn is the churn that goes with these incidents in the fit's
	// terms, all else as it is: an association, no proof of a cause.
	ShareOfChurn *estimate.Estimate `json:"share_of_churn"`
	// ValueInteraction holds the log-odds of the customers who spent most
	// against those of the rest; nil where too few of either were exposed.
	ValueInteraction *ValueInteraction `json:"value_interaction"`
	HalfLifeDays     *float64          `json:"half_life_days"`
	// HalfLife is the same with its interval; where the data can't tell, both
	// are nil and HalfLifeReason says why.
	HalfLife       *estimate.Estimate `json:"half_life"`
	HalfLifeReason string             `json:"half_life_reason,omitempty"`
	Incidents      int                `json:"incidents"`
	Customers      int                `json:"customers"`
	Exposed        int                `json:"exposed_answers"`
	Share          *float64           `json:"share_of_dissatisfaction"`
	Overlaps       []Overlap          `json:"overlaps"`
	Warnings       []string           `json:"warnings"`
}

// ValueInteraction says whether an incident weighs more, in log-odds of churn,
// among the third of the customers who spent most. High, Rest and Difference
// are shrunk towards no difference; Unshrunk is the difference as fitted.
type ValueInteraction struct {
	High       estimate.Estimate `json:"high"`
	Rest       estimate.Estimate `json:"rest"`
	Difference estimate.Estimate `json:"difference"`
	Unshrunk   estimate.Estimate `json:"unshrunk_difference"`
	// Evidence says in words whether the data show a difference, looking at all
	// pain points together: NoDifference, or which way.
	Evidence string `json:"evidence"`
}

// NoDifference is what the data say where they show none.
const NoDifference = "no evidence of a difference"

// PlainWeight is a weight of the bare incident, without severity, in the
// answers' own scale.
type PlainWeight struct {
	Scale  string            `json:"scale"`
	Weight estimate.Estimate `json:"weight"`
}

// Severity describes how bad the incidents were.
type Severity struct {
	Unit string  `json:"unit"`
	Mean float64 `json:"mean"`
}

// Overlap counts answers that two pain points lie behind at once. Coding says
// how the fit takes them: both, together with their overlap, or exclusive, as
// the pain point that holds the Overlap alone.
type Overlap struct {
	With    string `json:"with"`
	Answers int    `json:"answers"`
	Coding  string `json:"coding"`
}

// DriftReport is the state of the last two cycles and what declines mean.
type DriftReport struct {
	AsOf               time.Time          `json:"as_of"`
	CycleDays          int                `json:"cycle_days"`
	States             map[DriftState]int `json:"states"`
	OddsOneDecline     *estimate.Estimate `json:"odds_ratio_one_decline"`
	OddsTwoDeclines    *estimate.Estimate `json:"odds_ratio_two_declines"`
	FalseAlarms        *float64           `json:"false_alarms_per_1000"`
	FalseAlarmsAllowed float64            `json:"false_alarms_per_1000_allowed"`
	LeadTime           DriftLeadTime      `json:"lead_time_days"`
	Lead               LeadTime           `json:"lead_time"`
	Warnings           []string           `json:"warnings"`
	Parameters         DriftParameters    `json:"parameters"`
	Status             PartStatus         `json:"status"`
	Customers          []DriftCustomer    `json:"customers"`
}

// DriftLeadTime is the span from the first alarm of a run to churn, in days.
type DriftLeadTime struct {
	Median *float64 `json:"median"`
	P25    *float64 `json:"p25"`
	P75    *float64 `json:"p75"`
}

// DriftCustomer is one customer's last two cycles, by the signal that decides
// his state: orders or satisfaction, whichever fell further.
type DriftCustomer struct {
	CustomerID string     `json:"customer_id"`
	State      DriftState `json:"state"`
	Signal     string     `json:"signal"`
	// Declines are observed minus expected in standard deviations, of the
	// cycle before the last and of the last; Combined is both together.
	// Negative is below expectation.
	Declines [2]float64 `json:"declines"`
	Combined float64    `json:"combined"`
	// Expected orders in both cycles, nil where too few are expected to judge
	// by, and Observed ones.
	Expected *float64 `json:"expected_orders"`
	Observed int      `json:"orders"`
}

// SatisfactionFit is how answers become an index, with its errors.
type SatisfactionFit struct {
	Parameters SatisfactionParameters       `json:"parameters"`
	Offsets    map[string]estimate.Estimate `json:"offsets"`
	Mean       estimate.Estimate            `json:"mean"`
	Answers    int                          `json:"answers"`
	Customers  int                          `json:"customers"`
	Status     PartStatus                   `json:"status"`
}

// CohortRow is one cohort of the published snapshot.
type CohortRow struct {
	Dimension         string   `json:"dimension"`
	Cohort            string   `json:"cohort"`
	Customers         int      `json:"customers"`
	Scored            int      `json:"scored"`
	ChurnRisk         *float64 `json:"churn_risk"`
	RevenueAtRisk     *float64 `json:"revenue_at_risk"`
	SatisfactionIndex *float64 `json:"satisfaction_index"`
	NPS               *float64 `json:"nps"`
	NPSAnswers        int      `json:"nps_answers"`
	Drifting          int      `json:"drifting_customers"`
	Orders30d         int      `json:"orders_30d"`
	Revenue30d        float64  `json:"revenue_30d"`
	ChurnRate         *float64 `json:"churn_rate"`
}
