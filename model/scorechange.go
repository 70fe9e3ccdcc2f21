package model

import "time"

// ScoreChange says why a customer's score differs between two instants. The
// parts add up: the sum of their LogOdds is After.LogOdds - Before.LogOdds, and
// the sum of their points is the difference of the probabilities in percentage
// points.
type ScoreChange struct {
	CustomerID string      `json:"customer_id"`
	Since      time.Time   `json:"since"`
	AsOf       time.Time   `json:"as_of"`
	Before     ScorePoint  `json:"before"`
	After      ScorePoint  `json:"after"`
	LogOdds    float64     `json:"log_odds"`
	Points     float64     `json:"percentage_points"`
	Parts      []ScorePart `json:"parts"`
	Warnings   []string    `json:"warnings"`
}

// ScorePoint is a score at one end of a change.
type ScorePoint struct {
	AsOf        time.Time   `json:"as_of"`
	Model       int         `json:"model"`
	Status      ScoreStatus `json:"status"`
	LogOdds     float64     `json:"log_odds"`
	Probability float64     `json:"churn_probability"`
}

// The parts of a change, in the order in which one follows on the other.
const (
	// PartModel: another model says something else of the same facts.
	PartModel = "model_version"
	// PartCorrections: what became known, or was changed, about the time before.
	PartCorrections = "corrections"
	// PartTime: nothing new, but time passed, for the shop too.
	PartTime = "time_passing"
	// PartFacts: what happened since.
	PartFacts = "new_facts"
)

// ScorePart is one reason of a change: what it adds to the log-odds, by family
// and by feature. Base is the part of the model's own base, which only another
// model moves; LogOdds = Base + the sum of the groups, or of the changes.
type ScorePart struct {
	Name    string               `json:"name"`
	Label   string               `json:"label"`
	LogOdds float64              `json:"log_odds"`
	Points  float64              `json:"percentage_points"`
	Base    float64              `json:"base_log_odds"`
	Groups  []FamilyChange       `json:"groups"`
	Changes []ContributionChange `json:"contributions"`
	// Facts are those behind the part, newest first.
	Facts []Evidence `json:"facts"`
}

// FamilyChange is what a part adds by one family of features.
type FamilyChange struct {
	Family  Family  `json:"family"`
	LogOdds float64 `json:"log_odds"`
}

// ContributionChange is what a part adds by one feature, with its value before
// and after the part.
type ContributionChange struct {
	Name    string  `json:"name"`
	Label   string  `json:"label"`
	Family  Family  `json:"family"`
	LogOdds float64 `json:"log_odds"`
	From    any     `json:"from"`
	To      any     `json:"to"`
}
