package model

import (
	"fmt"
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
	AsOf            time.Time          `json:"as_of"`
	CycleDays       int                `json:"cycle_days"`
	States          map[DriftState]int `json:"states"`
	OddsOneDecline  *estimate.Estimate `json:"odds_ratio_one_decline"`
	OddsTwoDeclines *estimate.Estimate `json:"odds_ratio_two_declines"`
	FalseAlarms     *float64           `json:"false_alarms_per_1000"`
	// FalseAlarmRate is that with its interval, and FalseAlarmsCounted the
	// number behind it: runs of alarms that no churn followed within the
	// horizon, by thresholds chosen before them.
	FalseAlarmRate     *estimate.Estimate `json:"false_alarm_rate"`
	FalseAlarmsCounted int                `json:"false_alarms_counted"`
	FalseAlarmsAllowed float64            `json:"false_alarms_per_1000_allowed"`
	// Signals say by what customers are judged.
	Signals []DriftSignal `json:"signals"`
	// OrderDecline is the rule of the 60 days, beside drift; nil without orders.
	OrderDecline *OrderDeclineReport `json:"order_decline"`
	LeadTime     DriftLeadTime       `json:"lead_time_days"`
	Lead         LeadTime            `json:"lead_time"`
	Warnings     []string            `json:"warnings"`
	Parameters   DriftParameters     `json:"parameters"`
	Status       PartStatus          `json:"status"`
	Customers    []DriftCustomer     `json:"customers"`
}

// DriftSignal is a signal by which customers are judged: orders in cycles of
// the calendar, rhythm (the customer's own usual gap) or satisfaction.
type DriftSignal struct {
	Signal string `json:"signal"`
	// Customers can be judged by it, and Drifting drift by it, as of the report's
	// instant. Who can be judged by orders or rhythm may be by satisfaction too.
	Customers int `json:"customers"`
	Drifting  int `json:"drifting"`
	// Threshold is the decline from which on it raises an alarm.
	Threshold float64 `json:"threshold"`
	// FalseAlarms per 1,000 customers whom it can judge and cycle, by thresholds
	// chosen before them; on the history chosen on while that is short.
	FalseAlarms *estimate.Estimate `json:"false_alarms_per_1000"`
}

// OrderDeclineReport is how the rule of the order decline does: orders or
// spend of the last WindowDays at least Threshold below those of as many days
// before. Bare, that is all; guarded, the shop's own movement is taken out,
// LeastOrders are required before, and a real decline must be more probable
// than Probability.
type OrderDeclineReport struct {
	Threshold   float64 `json:"threshold"`
	WindowDays  int     `json:"window_days"`
	LeastOrders int     `json:"least_orders"`
	Probability float64 `json:"probability"`
	// OrderMovement and SpendMovement are the shop's last window over the one
	// before, of customers who were there for both.
	OrderMovement float64 `json:"order_movement"`
	SpendMovement float64 `json:"spend_movement"`
	// Judged customers ordered in the window before; Flagged are the guarded
	// rule's, BareFlagged the bare one's.
	Judged      int `json:"judged"`
	Flagged     int `json:"flagged"`
	BareFlagged int `json:"bare_flagged"`
	// FalseAlarms are runs without churn within the horizon, per 1,000 judged
	// customers and cycle; Steady shares are the judged who did not churn that
	// a rule fires on at any one instant.
	FalseAlarms     *float64      `json:"false_alarms_per_1000"`
	BareFalseAlarms *float64      `json:"bare_false_alarms_per_1000"`
	SteadyShare     *float64      `json:"share_of_steady_flagged"`
	BareSteadyShare *float64      `json:"bare_share_of_steady_flagged"`
	LeadTime        DriftLeadTime `json:"lead_time_days"`
	BareLeadTime    DriftLeadTime `json:"bare_lead_time_days"`
	ChurnedShare    *float64      `json:"share_of_churned_flagged"`
	BareChurned     *float64      `json:"bare_share_of_churned_flagged"`
	Precision       *float64      `json:"precision"`
	BarePrecision   *float64      `json:"bare_precision"`
	Warnings        []string      `json:"warnings"`
}

// OrderDecline is what the rule of the order decline says of a customer.
type OrderDecline struct {
	Flagged bool `json:"flagged"`
	Bare    bool `json:"bare_flagged"`
	// Orders and Spend of the window before and of the last one.
	Orders [2]int     `json:"orders"`
	Spend  [2]float64 `json:"spend"`
	// OrderChange and SpendChange are last over before less 1, relative to the
	// shop; nil without any before.
	OrderChange *float64 `json:"order_change"`
	SpendChange *float64 `json:"spend_change"`
	// Probability of a real decline, of orders or of spend, whichever is surer;
	// nil with too few orders before.
	Probability *float64 `json:"probability"`
}

// DriftLeadTime is the span from the first alarm of a run to churn, in days.
type DriftLeadTime struct {
	Median *float64 `json:"median"`
	P25    *float64 `json:"p25"`
	P75    *float64 `json:"p75"`
}

// DriftCustomer is one customer's last two cycles, by the signal that decides
// his state: orders (or the own rhythm of who orders too rarely for the
// calendar) or satisfaction, whichever fell further.
type DriftCustomer struct {
	CustomerID string     `json:"customer_id"`
	State      DriftState `json:"state"`
	Signal     string     `json:"signal"`
	// Declines are observed minus expected in standard deviations, of the
	// cycle before the last and of the last; Combined is both together.
	// Negative is below expectation. The threshold is on Combined, which is the
	// normal quantile of both together.
	Declines [2]float64 `json:"declines"`
	Combined float64    `json:"combined"`
	// Seen and Usual are what the signal compares, in Unit: orders of both
	// cycles, days of the calendar in the last two own cycles, mean points of
	// satisfaction.
	Seen  float64 `json:"seen"`
	Usual float64 `json:"usual"`
	Unit  string  `json:"unit"`
	// Expected orders in both cycles, nil where too few are expected to judge
	// by, and Observed ones.
	Expected *float64 `json:"expected_orders"`
	Observed int      `json:"orders"`
	// OrderDecline is the rule beside drift; nil without an order in the 60
	// days before the last 60.
	OrderDecline *OrderDecline `json:"order_decline"`
}

// SatisfactionFit is how answers become an index, with its errors.
type SatisfactionFit struct {
	Parameters SatisfactionParameters       `json:"parameters"`
	Offsets    map[string]estimate.Estimate `json:"offsets"`
	Mean       estimate.Estimate            `json:"mean"`
	// Cohorts are the means that customers with few answers are drawn to, by
	// value of the parameters' Dimension.
	Cohorts   map[string]estimate.Estimate `json:"cohorts"`
	HalfLife  AnswerHalfLife               `json:"half_life"`
	Answers   int                          `json:"answers"`
	Customers int                          `json:"customers"`
	Status    PartStatus                   `json:"status"`
}

// AnswerHalfLife is the age at which an answer counts half, and where it is
// from.
type AnswerHalfLife struct {
	Days float64 `json:"days"`
	// Basis is measured (by how well answers foretell the next ones) or
	// configured; Reason says in words what decided it.
	Basis  HalfLifeBasis `json:"basis"`
	Reason string        `json:"reason"`
	// Interval holds the ages that the answers do not speak against, at 0.95; nil
	// where too few answers follow others or none is foretold by them, so that
	// nothing speaks against any. An end that is open bounds nothing. Foretold
	// counts the answers that follow others.
	Interval *Interval `json:"interval"`
	OpenLow  bool      `json:"interval_open_low"`
	OpenHigh bool      `json:"interval_open_high"`
	Foretold int       `json:"foretold_answers"`
}

// Range says the interval in words.
func (a AnswerHalfLife) Range() string {
	switch {
	case a.Interval == nil || a.OpenLow && a.OpenHigh:
		return "any number of days"
	case a.OpenLow:
		return fmt.Sprintf("up to %.0f days", a.Interval.High)
	case a.OpenHigh:
		return fmt.Sprintf("%.0f days or more", a.Interval.Low)
	}
	return fmt.Sprintf("%.0f to %.0f days", a.Interval.Low, a.Interval.High)
}

// HalfLifeBasis is where a half-life is from.
type HalfLifeBasis string

// Where a half-life is from.
const (
	HalfLifeMeasured   HalfLifeBasis = "measured"
	HalfLifeConfigured HalfLifeBasis = "configured"
)

// CohortRow is one cohort of the published snapshot.
type CohortRow struct {
	Dimension     string   `json:"dimension"`
	Cohort        string   `json:"cohort"`
	Customers     int      `json:"customers"`
	Scored        int      `json:"scored"`
	ChurnRisk     *float64 `json:"churn_risk"`
	RevenueAtRisk *float64 `json:"revenue_at_risk"`
	// RevenueAtRiskInterval takes the errors of the probabilities as common to
	// all, which makes it wide rather than narrow; nil where a customer's value
	// has none.
	RevenueAtRiskInterval *Interval `json:"revenue_at_risk_interval"`
	SatisfactionIndex     *float64  `json:"satisfaction_index"`
	CohortNPS
	Drifting   int      `json:"drifting_customers"`
	Orders30d  int      `json:"orders_30d"`
	Revenue30d float64  `json:"revenue_30d"`
	ChurnRate  *float64 `json:"churn_rate"`
	// Values counts the values of the profile column that are shown together: 1,
	// or in "other" as many as there are beyond the most.
	Values int `json:"-"`
}

// CohortNPS is a cohort's net promoter score and who is behind it. What is not
// known is nil, with a status and a reason; a reason is nil where there is none
// to give.
type CohortNPS struct {
	// NPS is of the answers of eligible customers in the 90 days before the
	// snapshot, -100 to 100; nil where fewer customers answered than the minimum,
	// and then NPSReason says so. The interval takes the customer as the unit.
	NPS         *float64     `json:"nps"`
	NPSInterval *Interval    `json:"nps_interval"`
	NPSStatus   FigureStatus `json:"nps_status"`
	NPSReason   *string      `json:"nps_reason"`
	NPSAnswers  int          `json:"answers"`
	// NPSCustomers gave the NPSAnswers.
	NPSCustomers int `json:"answered_customers"`
	// ResponseRate is a share of AskedCustomers, or where no survey is known of
	// the cohort's eligible customers; nil with too few of either.
	ResponseRate       *float64       `json:"response_rate"`
	ResponseRateStatus FigureStatus   `json:"response_rate_status"`
	ResponseRateReason *string        `json:"response_rate_reason"`
	ResponseRateBasis  *ResponseBasis `json:"response_rate_basis"`
	AskedCustomers     *int           `json:"asked_customers"`
	// Corrected is the score as it would be had all eligible customers answered,
	// under Assumption, so that it differs from NPS by their silence alone.
	Corrected         *float64     `json:"nps_corrected"`
	CorrectedInterval *Interval    `json:"nps_corrected_interval"`
	CorrectedStatus   FigureStatus `json:"nps_corrected_status"`
	CorrectedReason   *string      `json:"nps_corrected_reason"`
	// EffectiveCustomers is what the answers are worth after weighing;
	// CutCustomers of those who answered stand for so many that their weight was
	// cut, which leaves some of the silence uncorrected.
	EffectiveCustomers *float64 `json:"nps_corrected_effective_customers"`
	CutCustomers       *int     `json:"nps_corrected_cut_customers"`
	Assumption         *string  `json:"nps_corrected_assumption"`
	// SilentCustomers are eligible ones who count as silent by SilenceBasis, which
	// SilentBy tells apart; nil where nobody can be judged.
	SilentCustomers *int          `json:"silent_customers"`
	SilentStatus    FigureStatus  `json:"silent_status"`
	SilentReason    *string       `json:"silent_reason"`
	SilenceBasis    *SilenceBasis `json:"silent_basis"`
	SilentBy        SilenceCounts `json:"silent_by"`
}
