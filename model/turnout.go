package model

import "time"

// Turnout is who answered before a snapshot, and who kept silent.
type Turnout struct {
	AsOf time.Time
	// From begins the window of answers, which ends at AsOf.
	From       time.Time
	Definition Definition
	// Respondents are the customers of the snapshot, ordered by id.
	Respondents []Respondent
}

// Respondent is a customer who could have answered.
type Respondent struct {
	CustomerID string
	// Eligible says that he is a customer by the churn definition.
	Eligible bool
	// Cohorts are his, by dimension, under the names that they are shown by.
	Cohorts []string
	// Promoters, Passives and Detractors are his answers to the net promoter
	// question in the window.
	Promoters, Passives, Detractors int
	// AnswerDays are the days on which he answered anything, over all that is
	// known; AnswerSpanDays lie between the first answer and the last, and
	// SinceAnswerDays between that and AsOf. Both are 0 without any.
	AnswerDays      int
	AnswerSpanDays  float64
	SinceAnswerDays float64
	// Asked says that he was sent a survey in the window and had the time to
	// answer it; Replied that he answered one of these.
	Asked, Replied bool
	// Inclusion is the probability with which he was drawn whom a plan of surveys
	// asked the net promoter question of his quarter in the window, or just before
	// it; nil where none did. InclusionOpen says that he has yet time to answer.
	Inclusion     *float64
	InclusionOpen bool
	// ClosedSurveys were sent to him, ever, and had the time to be answered;
	// UnansweredSurveys are those of them since he last answered anything, or ever,
	// that he left unanswered.
	ClosedSurveys, UnansweredSurveys int
}

// ResponseBasis says of whom a response rate is.
type ResponseBasis string

// The bases of a response rate.
const (
	// OfAsked is the share of those who were sent a survey that answered.
	OfAsked ResponseBasis = "asked"
	// OfCustomers is the share of all customers that answered, where it is not
	// known whom the shop asked.
	OfCustomers ResponseBasis = "customers"
)

// SilenceBasis says by what a customer counts as silent.
type SilenceBasis string

// The bases of silence.
const (
	// BySurveys judges who was sent two surveys or more that are over: he is silent
	// if he left two or more unanswered since his last answer, or ever.
	BySurveys SilenceBasis = "surveys"
	// ByUsualGaps judges the others who have ever answered: silent is who has not
	// for two of the gaps that usually lie between his days with an answer.
	ByUsualGaps SilenceBasis = "usual_gaps"
	// ByBoth is where some customers are judged by the one, some by the other.
	ByBoth SilenceBasis = "surveys_and_usual_gaps"
)

// SilenceCount is how many customers one basis judges, and how many are silent.
type SilenceCount struct {
	Customers int `json:"customers"`
	Silent    int `json:"silent"`
}

// SilenceCounts are those of each basis. Who is in neither has never answered,
// and nobody knows whether he was asked.
type SilenceCounts struct {
	Surveys   SilenceCount `json:"surveys"`
	UsualGaps SilenceCount `json:"usual_gaps"`
}

// FigureStatus says whether a figure is known.
type FigureStatus string

// The statuses of a figure.
const (
	FigureOK           FigureStatus = "ok"
	FigureInsufficient FigureStatus = "insufficient_evidence"
)
