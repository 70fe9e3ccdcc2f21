package model

import (
	"context"
	"time"
)

// GateStatus is the verdict of a data-quality gate.
type GateStatus string

// The verdicts of a gate: fit to be used, to be used with care, not to be
// trained on, and nothing to judge.
const (
	Green         GateStatus = "green"
	Yellow        GateStatus = "yellow"
	Red           GateStatus = "red"
	NotApplicable GateStatus = "not_applicable"
)

// worse reports whether s is a worse verdict than t.
func (s GateStatus) worse(t GateStatus) bool { return s.rank() > t.rank() }

func (s GateStatus) rank() int {
	switch s {
	case Green:
		return 1
	case Yellow:
		return 2
	case Red:
		return 3
	case NotApplicable:
	}
	return 0
}

// WorstOf returns the worst of some verdicts, NotApplicable of none.
func WorstOf(all ...GateStatus) GateStatus {
	worst := NotApplicable
	for _, s := range all {
		if s.worse(worst) {
			worst = s
		}
	}
	return worst
}

// Gate is one check of the data.
type Gate struct {
	Name string `json:"name"`
	// Kind and Subject say where: a kind of facts, and a column, feature or kind
	// of answer within it.
	Kind    FactKind   `json:"kind"`
	Subject string     `json:"subject"`
	Status  GateStatus `json:"status"`
	// Value was measured, in Unit; Threshold is where the status turns worse.
	Value     *float64 `json:"value"`
	Threshold *float64 `json:"threshold"`
	Unit      string   `json:"unit"`
	// Message says what, where, and what to do.
	Message string `json:"message"`
	// Holds names the parts of a model that a red gate holds back.
	Holds []string `json:"holds"`
}

// QualityReader answers what is odd about the facts.
type QualityReader interface {
	// Quality counts what is odd about the facts known before asOf.
	Quality(ctx context.Context, asOf time.Time) (QualityFacts, error)
	// Refusals counts the rows that loads have read and refused, by kind. The newest
	// loads are as many as have read least rows together.
	Refusals(ctx context.Context, least int64) ([]RefusedShare, error)
}

// QualityFacts are counts, each ordered by its leading fields.
type QualityFacts struct {
	AsOf       time.Time
	Days       []DayCount
	References []OddCount
	Duplicates []OddCount
	Values     []OddCount
	Scale      AmountScale
}

// DayCount counts the facts of a kind on one day (UTC). Counting are the
// orders among them that are not void, or all of another kind.
type DayCount struct {
	Kind            FactKind
	Day             time.Time
	Facts, Counting int64
}

// OddCount says how many of Total are odd in the way that Name says: a
// reference that leads nowhere, a repeat, a value.
type OddCount struct {
	Name       string
	Kind       FactKind
	Subject    string
	Total, Odd int64
}

// AmountScale compares the median order of the last 28 days with that of the
// 364 days before. An amount is 0 where there are no such orders.
type AmountScale struct {
	Recent, Earlier             int64
	RecentAmount, EarlierAmount float64
}

// RefusedShare counts the rows of a kind that were read and refused, by all loads
// and by the newest ones, without those whose refusal was expected. Newest is the
// source of the last of them. Reason is the most frequent one that is still kept.
type RefusedShare struct {
	Kind           FactKind
	Read, Refused  int64
	Newest         string
	NewestLoads    int64
	NewestRead     int64
	NewestRefused  int64
	FrequentReason string
}
