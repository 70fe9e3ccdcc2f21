package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// PeriodsQuery asks for what happened in periods that follow each other: one from
// each of Bounds to the next, as known before AsOf.
type PeriodsQuery struct {
	AsOf       time.Time
	Bounds     []time.Time
	Definition Definition
}

// PeriodCount counts one period. Customers are those at its begin: with an order
// in the lookback before it, or a contract that ran; Left are those of them who
// did not order in it, or whose contracts all ended.
type PeriodCount struct {
	From, To        time.Time
	Customers, Left int
	// Newcomers ordered for the first time, Buyers at all.
	Newcomers, Buyers int
	Orders            int
	Revenue           float64
	// Answers to the net promoter question of Respondents customers; with d a
	// customer's promoters less detractors and n his answers, Net is the sum of d,
	// and NetSquares, NetAnswers and AnswerSquares those of d*d, d*n and n*n.
	Answers, Respondents                       int
	Net, NetSquares, NetAnswers, AnswerSquares float64
}

// IncidentCount counts the incidents of a pain point in a period, and whom they
// touched, with what these bought in it.
type IncidentCount struct {
	PainPoint          string
	Incidents, Touched int
	Revenue            float64
	// Weeks is how many weeks the period has, the last one with the days that are
	// left over. A customer counts in that of his first incident; WeekSquares is the
	// sum of their squared numbers.
	Weeks       int
	WeekSquares float64
}

// IncidentsQuery asks for the incidents in [From, AsOf), as known at AsOf.
type IncidentsQuery struct {
	From, AsOf time.Time
	Own        []PainPoint
}

// Programme is what became of triggers in a period, as known at its end.
type Programme struct {
	Playbooks    []ProgrammePlaybook `json:"playbooks"`
	Suppressions []ProgrammeReason   `json:"suppressions"`
	Owners       []ProgrammeOwner    `json:"owners"`
}

// ProgrammePlaybook counts the triggers of a playbook that opened in the period:
// InTime were done by their due time, Late after it or are overdue. Suppressed
// never opened, or ended so, in the period.
type ProgrammePlaybook struct {
	Playbook   string `json:"playbook"`
	Opened     int    `json:"opened"`
	Done       int    `json:"done"`
	InTime     int    `json:"in_time"`
	Late       int    `json:"late"`
	Escalated  int    `json:"escalated"`
	Expired    int    `json:"expired"`
	Open       int    `json:"open"`
	Suppressed int    `json:"suppressed"`
	// Kept is the share in time of those in time or late.
	Kept *estimate.Estimate `json:"service_level_kept"`
}

// ProgrammeReason counts triggers that were suppressed for a reason.
type ProgrammeReason struct {
	Code     string `json:"code"`
	Triggers int    `json:"triggers"`
}

// ProgrammeOwner counts what somebody did in the period and has to do at its
// end; "" is nobody.
type ProgrammeOwner struct {
	Owner   string `json:"owner"`
	Done    int    `json:"done"`
	Open    int    `json:"open"`
	Overdue int    `json:"overdue"`
}

// Review is what drove churn in a quarter, and what was done about it.
type Review struct {
	Quarter string    `json:"quarter"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	// AsOf is the quarter's end, or the end of the data where that lies within it:
	// then Complete is false.
	AsOf     time.Time `json:"as_of"`
	Complete bool      `json:"complete"`
	// Periods are the quarters up to this one, oldest first.
	Periods []ReviewPeriod `json:"quarters"`
	Drivers []ReviewDriver `json:"drivers"`
	// WeightsFrom says what the drivers' weights were fitted by.
	WeightsFrom string `json:"weights_from"`
	// LeftBy is the quarter by whose share that left log-odds are told in customers:
	// this one, or the last whole one; nil where none is known.
	LeftBy *string `json:"left_by"`
	// Hotspots are those that stand out, worst first, then what excels.
	Hotspots []Hotspot `json:"hotspots"`
	// Cohorts are those of the newest scores as of ScoresAsOf.
	Cohorts    []CohortRow `json:"cohorts"`
	ScoresAsOf *time.Time  `json:"scores_as_of"`
	// Drift leaves out the single customers.
	Drift       *DriftReport       `json:"drift"`
	Segments    *SegmentReport     `json:"segments"`
	Targets     *TargetReport      `json:"targets"`
	Themes      []ReviewTheme      `json:"themes"`
	Programme   *Programme         `json:"programme"`
	Experiments *ExperimentReport  `json:"experiments"`
	Realised    []RealisedSnapshot `json:"realised"`
	// Gates of the data quality that are not green.
	Gates []Gate `json:"gates"`
	// Gaps say what is not known, and what it needs.
	Gaps []string `json:"gaps"`
}

// ReviewPeriod is a quarter; that under way is counted up to the end of the data.
type ReviewPeriod struct {
	Name      string    `json:"quarter"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Complete  bool      `json:"complete"`
	Customers int       `json:"customers"`
	// FullLookback says that the data hold the whole lookback before it. Without it
	// who did not order for long is not among the customers.
	FullLookback bool `json:"full_lookback"`
	// Left is the share of the customers at the begin who did not order in it, or
	// whose contracts ended; nil without the full lookback.
	Left      *estimate.Estimate `json:"share_left"`
	Newcomers int                `json:"newcomers"`
	Buyers    int                `json:"buyers"`
	Orders    int                `json:"orders"`
	Revenue   float64            `json:"revenue"`
	NPS       *estimate.Estimate `json:"nps"`
	Answers   int                `json:"answers"`
}

// ReviewDriver is a pain point in the quarter and in the one before.
type ReviewDriver struct {
	Name      string  `json:"name"`
	Label     string  `json:"label"`
	Incidents int     `json:"incidents"`
	Touched   int     `json:"customers"`
	Revenue   float64 `json:"revenue_touched"`
	// IncidentsBefore and TouchedBefore are of the quarter before.
	IncidentsBefore int `json:"incidents_before"`
	TouchedBefore   int `json:"customers_before"`
	// Change is that of the customers touched per buyer, relative: 0.2 is a fifth
	// more. Weeks are what varies. It is nil where either quarter has none, or much of the quarter is to come.
	Change             *estimate.Estimate `json:"change"`
	SatisfactionWeight *estimate.Estimate `json:"satisfaction_weight"`
	ChurnLogOdds       *estimate.Estimate `json:"churn_log_odds"`
	// AssociatedChurn is about how many more of the touched left than of others
	// alike, by the log-odds; an association, no proof of a cause.
	AssociatedChurn *estimate.Estimate `json:"associated_churn"`
}

// ReviewTheme is what was complained of in the quarter.
type ReviewTheme struct {
	Theme      string             `json:"theme"`
	Complaints int                `json:"complaints"`
	Severe     int                `json:"severe"`
	Share      *estimate.Estimate `json:"share"`
	// Change is the share minus that of as long a time before.
	Change *estimate.Estimate `json:"change"`
}
