package model

import (
	"context"
	"time"
)

// SurveyMoment names when in his time with the shop a customer is asked. The
// names are those of touchpoints of answers.
type SurveyMoment string

// The moments.
const (
	AfterPurchase    SurveyMoment = "post_purchase"
	OnDelivery       SurveyMoment = "delivery"
	AfterSupport     SurveyMoment = "support"
	DuringOnboarding SurveyMoment = "onboarding"
	EveryQuarter     SurveyMoment = "quarterly"
	BeforeRenewal    SurveyMoment = "pre_renewal"
	AfterTrial       SurveyMoment = "trial_end"
	OnExit           SurveyMoment = "exit"
)

// SurveyMoments returns all of them. Where several fall on one day of a
// customer the first counts: what comes once goes before what comes again.
func SurveyMoments() []SurveyMoment {
	return []SurveyMoment{OnExit, AfterTrial, BeforeRenewal, DuringOnboarding, AfterSupport, OnDelivery, AfterPurchase, EveryQuarter}
}

// SurveyStore keeps the plans of surveys, and tells what they are made from. It
// knows no rate and no bound.
type SurveyStore interface {
	// SurveyOccasions returns who comes to a moment in a query's span, in the
	// order of customer, moment and cause.
	SurveyOccasions(ctx context.Context, q OccasionQuery) ([]SurveyOccasion, error)
	// SurveyTraits returns what customers are as known before an instant, in the
	// order of their ids, and what the newest scores as of then or before say.
	// Unknown ids are left out.
	SurveyTraits(ctx context.Context, asOf time.Time, customers []string) ([]SurveyTraits, error)
	// AnswersOf returns how often customers answered a survey in [from, until),
	// in the order of their ids, those who did not left out.
	AnswersOf(ctx context.Context, from, until time.Time) ([]CustomerAnswers, error)
	// SurveyPlan returns the plan that was kept for a day, false without one.
	SurveyPlan(ctx context.Context, day string) (SurveyPlan, bool, error)
	// SaveSurveyPlan keeps a plan for good; KindConflict where its day has one, or
	// where the newest change of a trigger is another than the plan saw.
	SaveSurveyPlan(ctx context.Context, p SurveyPlan, seen Sequence) error
	// SurveyPlans returns how many plans are kept.
	SurveyPlans(ctx context.Context) (int64, error)
	// PlannedSurveys returns what was planned for a customer, in the order of the
	// moments of sending.
	PlannedSurveys(ctx context.Context, customer string) ([]PlannedSurvey, error)
	// SurveyReports returns the surveys that were sent to customers since an
	// instant, and what they answered, as known before another; in the order of
	// customer and instant.
	SurveyReports(ctx context.Context, since, until time.Time, customers []string) ([]SurveyReport, error)
}

// SurveyReport is a survey that was sent, or an answer.
type SurveyReport struct {
	CustomerID string
	// ID is that of the message or the answer, SurveyID that of the survey, "" for
	// none.
	ID, SurveyID string
	At           time.Time
	// Answered tells an answer, whose Kind and Score are set, from a message, whose
	// Replied may be.
	Answered   bool
	Kind       string
	Score      float64
	Replied    bool
	Touchpoint string
	Channel    string
	Template   string
}

// OccasionQuery asks for the occasions of a span of days as known before its
// first instant. An occasion counts on its own day; one that became known only
// afterwards, on the day after that, as long as it is not stale.
type OccasionQuery struct {
	// From begins the first day and is the instant of knowledge, To ends the last.
	From, To time.Time
	// DayBefore begins the day before From. Stale bounds how long ago an occasion
	// may be that became known on it.
	DayBefore, Stale time.Time
	// Moments are those asked for, each with the time between what happened and
	// the occasion; before a renewal it is counted back.
	Moments map[SurveyMoment]time.Duration
	// Slots are the quarter's days that EveryQuarter asks for. A customer's place
	// in a quarter is the first eight digits of SHA-256 over Salt, 0x1F and id:
	// those from SlotFrom until before SlotTo are asked for; "" is none.
	Salt, SlotFrom, SlotTo string
	// Lookback is how recently a customer of EveryQuarter has ordered, unless a
	// contract of his is running.
	Lookback time.Time
	// Customer restricts to one.
	Customer string
}

// SurveyOccasion is a moment of a customer.
type SurveyOccasion struct {
	CustomerID string
	Moment     SurveyMoment
	// Cause names what it is about: an order, ticket or contract, or "".
	Cause string
	// At is when it is, VisibleAt when what it follows on had happened and was known.
	At, VisibleAt time.Time
}

// SurveyTraits are a customer's segments, and what his answer may be worth.
type SurveyTraits struct {
	CustomerID string
	// Segments are by the names of [SurveySegments] but tenure; "" is not known.
	Segments map[string]string
	// Since is when his time with the shop began, nil where not known.
	Since *time.Time
	// Probability is that of churn, by the newest score.
	Probability *float64
	// ExpectedValue is what he spends if kept.
	ExpectedValue *float64
	// Satisfaction is the standard error of his index, in points of 100, Answers
	// what it is made of.
	Satisfaction *float64
	Answers      int
}

// SurveySegments returns the names of what surveys are spread over: business
// profile, place of residence, type of shipment and tenure.
func SurveySegments() []string {
	return []string{"industry", "tier", "plan", "region", "language", "channel", "shipping_method", "tenure"}
}

// CustomerAnswers counts a customer's answers.
type CustomerAnswers struct {
	CustomerID string
	Answers    int
}

// SurveyChoice says by what a customer was chosen for a survey.
type SurveyChoice string

// The choices.
const (
	ChosenAtRandom   SurveyChoice = "random"
	ChosenByDecision SurveyChoice = "decision"
)

// SurveyStatus is what became of a planned survey.
type SurveyStatus string

// The statuses. A withdrawn one must not be sent any more, nor must one that
// has expired.
const (
	SurveyPlanned   SurveyStatus = "planned"
	SurveySent      SurveyStatus = "sent"
	SurveyAnswered  SurveyStatus = "answered"
	SurveyWithdrawn SurveyStatus = "withdrawn"
	SurveyExpired   SurveyStatus = "expired"
)

// PlannedSurvey asks one customer once.
type PlannedSurvey struct {
	// ID comes back as the survey_id of what was sent and answered.
	ID         string       `json:"survey_id"`
	Day        string       `json:"day"`
	CustomerID string       `json:"customer_id"`
	Moment     SurveyMoment `json:"moment"`
	Kind       string       `json:"kind"`
	Template   string       `json:"template"`
	Channel    string       `json:"channel"`
	// Cause names the order, ticket or contract that it is about; nil without.
	Cause    *string   `json:"cause"`
	MomentAt time.Time `json:"moment_at"`
	// SendFrom until SendUntil is when it may be sent. It counts as a survey
	// until ExpiresAt, when nobody has reported it sent by then.
	SendFrom  time.Time    `json:"send_from"`
	SendUntil time.Time    `json:"send_until"`
	ExpiresAt time.Time    `json:"expires_at"`
	ChosenBy  SurveyChoice `json:"chosen_by"`
	// InclusionProbability is that of being asked. At the quarter's moment it is of
	// all customers, whatever they do, and an answer weighs the inverse of it in a
	// figure for all. At another it is of those who came to the moment on this day
	// and could be asked, and says nothing of others. RandomProbability is the part
	// at random.
	InclusionProbability float64 `json:"inclusion_probability"`
	RandomProbability    float64 `json:"random_probability"`
	// ValueOfAnswer is what knowing the answer is worth to a decision, in money;
	// nil without a score.
	ValueOfAnswer *float64          `json:"value_of_answer"`
	Segments      map[string]string `json:"segments"`
	Why           string            `json:"why"`
	Status        SurveyStatus      `json:"status"`
	StatusReason  *string           `json:"status_reason"`
	// Personal are facts for the template, such as the first name.
	Personal map[string]string `json:"personal"`
}

// SurveyPlan is whom to ask on a day, and how the choice was made.
type SurveyPlan struct {
	Day string `json:"day"`
	// AsOf begins the shop's day: nothing is used that was not known before it.
	AsOf   time.Time `json:"as_of"`
	EndsAt time.Time `json:"ends_at"`
	// PlannedAt is when it was kept, nil for one that was not.
	PlannedAt   *time.Time `json:"planned_at"`
	Seed        uint64     `json:"seed"`
	Capacity    int        `json:"capacity"`
	RandomShare float64    `json:"random_share"`
	// Candidates came to a moment on the day, Eligible could be asked, Expected
	// are as many as the rates and the capacity say.
	Candidates int     `json:"candidates"`
	Eligible   int     `json:"eligible"`
	Expected   float64 `json:"expected"`
	// CandidatesNow are those known now, which differ where facts of the time
	// before the day arrived since the plan was kept; the plan stands.
	CandidatesNow int            `json:"candidates_now"`
	Refused       map[string]int `json:"refused"`
	// Moments are those with a candidate, Segments those of the eligible.
	Moments  []SurveyMomentCount  `json:"moments"`
	Segments []SurveySegmentCount `json:"segments"`
	Surveys  []PlannedSurvey      `json:"surveys"`
	Warnings []string             `json:"warnings"`
}

// SurveyMomentCount is how a moment was sampled on a day.
type SurveyMomentCount struct {
	Moment     SurveyMoment `json:"moment"`
	Kind       string       `json:"kind"`
	Rate       float64      `json:"rate"`
	Candidates int          `json:"candidates"`
	Eligible   int          `json:"eligible"`
	Expected   float64      `json:"expected"`
	Chosen     int          `json:"chosen"`
}

// SurveySegmentCount is how a segment was sampled on a day. Answers are those
// of the last 90 days; below the quota its customers are asked more often.
type SurveySegmentCount struct {
	Dimension string  `json:"dimension"`
	Segment   string  `json:"segment"`
	Answers   int     `json:"answers"`
	Quota     int     `json:"quota"`
	Eligible  int     `json:"eligible"`
	Expected  float64 `json:"expected"`
	Chosen    int     `json:"chosen"`
}

// SurveyCalendar is a customer's past and coming surveys.
type SurveyCalendar struct {
	CustomerID string    `json:"customer_id"`
	AsOf       time.Time `json:"as_of"`
	// NextAllowedAt is from when on he may be asked again, by the time between
	// two surveys alone; nil where he may be now.
	NextAllowedAt *time.Time `json:"next_allowed_at"`
	// WhyNot is what stands against asking him now, nil where nothing does.
	WhyNot *string `json:"why_not"`
	// Entries are what was and what is to come, oldest first.
	Entries []SurveyEntry `json:"entries"`
}

// SurveyEntry is something in a calendar of surveys.
type SurveyEntry struct {
	At time.Time `json:"at"`
	// What is sent, answer, planned (kept in a plan), trigger (of a playbook) or
	// moment (that he comes to).
	What   string        `json:"what"`
	Moment *SurveyMoment `json:"moment"`
	Kind   *string       `json:"kind"`
	Score  *float64      `json:"score"`
	// Rate is the share that is asked at a moment.
	Rate *float64 `json:"rate"`
	// ID is that of the message, answer, planned survey or trigger.
	ID     *string `json:"id"`
	Note   string  `json:"note"`
	Status *string `json:"status"`
}
