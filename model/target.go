package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// TargetName names what a shop wants to reach with the people it hears from.
type TargetName string

// The targets.
const (
	// DetractorResponse is the share of detractors who reply to outreach.
	DetractorResponse TargetName = "detractor_response"
	// DetractorRetention is the share of detractors who stay.
	DetractorRetention TargetName = "detractor_retention"
	// PromoterReview and PromoterReferral are the shares of promoters who post a
	// review and who make a referral.
	PromoterReview   TargetName = "promoter_review"
	PromoterReferral TargetName = "promoter_referral"
	// PassiveToPromoter is the share of passives who answer again as promoters.
	PassiveToPromoter TargetName = "passive_to_promoter"
	// ResurveyChange is by how many points detractors who were contacted answer
	// higher.
	ResurveyChange TargetName = "resurvey_change"
)

// TargetNames returns all of them, in the order in which boards show them.
func TargetNames() []TargetName {
	return []TargetName{DetractorResponse, DetractorRetention, PromoterReview, PromoterReferral, PassiveToPromoter, ResurveyChange}
}

// TargetsQuery asks for the units whose window closed in (From, AsOf], as known
// before AsOf.
type TargetsQuery struct {
	AsOf, From time.Time
	Definition Definition
	// ReplyWindow is how long a reply may take, AskWindow a review or a referral,
	// OutcomeWindow the stay of detractors. Another answer of a passive is the first
	// one from AgainFrom until AgainUntil after the one before.
	ReplyWindow, AskWindow, OutcomeWindow, AgainFrom, AgainUntil time.Duration
}

// TargetCount is what is measured of one target. A unit is a customer's first
// answer (of DetractorResponse his first message after it) whose window closed in
// the period; Sum and Squares are of the units' values, 1 for who did what is
// wanted and 0 for who did not, of ResurveyChange points.
type TargetCount struct {
	Target TargetName
	Units  int
	Sum    float64
	// Squares is the sum of squared values.
	Squares float64
	// Open are units whose window has not closed, Unanswered passives who did not
	// answer again, of whom nothing is known.
	Open, Unanswered int
	// Others and OthersSum are of ResurveyChange: detractors who answered again
	// without having been contacted.
	Others    int
	OthersSum float64
	// Evidence counts the facts ever known by which the wanted thing is told at
	// all: messages, reviews, referrals; -1 where none is needed.
	Evidence int
}

// TargetStatus says whether a target is met.
type TargetStatus string

// The statuses. A target is met or missed where its interval lies beyond the
// goal; else it is not known.
const (
	TargetMet      TargetStatus = "met"
	TargetMissed   TargetStatus = "missed"
	TargetNotKnown TargetStatus = "not_known"
)

// Target is one of the targets as measured.
type Target struct {
	Name  TargetName `json:"name"`
	Label string     `json:"label"`
	// Unit is share or points.
	Unit string  `json:"unit"`
	Goal float64 `json:"goal"`
	// Value is Numerator over Denominator, of points the mean; nil for too few.
	Value       *estimate.Estimate `json:"value"`
	Numerator   *float64           `json:"numerator"`
	Denominator int                `json:"denominator"`
	Open        int                `json:"open"`
	Status      TargetStatus       `json:"status"`
	Reason      *string            `json:"status_reason"`
	// Measured says in words of what the figure is.
	Measured string   `json:"measured"`
	Notes    []string `json:"notes"`
}

// TargetReport is all targets as of an instant: of those whose window closed in
// the period before it.
type TargetReport struct {
	AsOf    time.Time `json:"as_of"`
	From    time.Time `json:"from"`
	Targets []Target  `json:"targets"`
	// Warnings say what bounds the figures: the end of the data.
	Warnings []string `json:"warnings"`
}
