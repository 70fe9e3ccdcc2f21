package model

import (
	"context"
	"io"
	"time"
)

// Warehouse holds facts, computes features and scores, and keeps what was
// published. It speaks in sets, not rows, so that a weaker engine can keep it:
// no transaction spans two calls, every answer is exactly ordered with a
// tie-break, facts are append-only versions, and every error has a kind.
//
// Every method is safe for concurrent use. A cancelled context ends a call
// with the context's error and leaves nothing half done.
type Warehouse interface {
	Loader
	FactReader
	FeatureReader
	HotspotReader
	OutcomeReader
	QualityReader
	ScoreStore
	RemarkStore
	RetentionStore
	ExperimentStore
	SurveyStore
	io.Closer
}

// RemarkStore keeps what comments, tags and topics say. That depends on their
// words and on the lexicons alone, so it can be made again at any time.
type RemarkStore interface {
	// UnreadRemarks returns distinct remarks that were not read with these
	// lexicons, in the order of their hashes, at most limit. What was read with
	// other ones is forgotten.
	UnreadRemarks(ctx context.Context, lexicon string, limit int) ([]Remark, error)
	// SaveRemarks stores readings; those that are there already stay.
	SaveRemarks(ctx context.Context, lexicon string, readings []RemarkReading) error
	// ThemeWeeks returns the complaints known before asOf by theme and week, for
	// the newest weeks that have a remark, newest week first.
	ThemeWeeks(ctx context.Context, asOf time.Time, weeks int) ([]ThemeWeek, error)
}

// FactReader answers what is known.
type FactReader interface {
	// Watermark returns the start of the day (UTC) of the newest order known,
	// and KindNoData when there is no order.
	Watermark(ctx context.Context) (time.Time, error)
	// History summarises what is known before asOf, by kind.
	History(ctx context.Context, asOf time.Time) (History, error)
	// Detectors returns every pain-point detector with what it finds before
	// asOf, in the order of their names; own are a user's, added to those that
	// come with the program.
	Detectors(ctx context.Context, asOf time.Time, own ...PainPoint) ([]Detector, error)
	// Evidence returns, for each feature, the facts about a customer before asOf
	// that it was made from, newest first, at most limit; of a derived feature
	// those of all that it is made from.
	Evidence(ctx context.Context, customer string, asOf time.Time, features []Feature, limit int) ([][]Evidence, error)
	// Changes returns the facts about a customer that happened in [since, until),
	// as known before until, and corrections: what became known or was changed in
	// [since, until) about the time before since. Both newest first.
	Changes(ctx context.Context, customer string, since, until time.Time) (facts, corrections []Evidence, err error)
	// Known reports whether anything is known of the customer before asOf.
	Known(ctx context.Context, customer string, asOf time.Time) (bool, error)
}

// FeatureReader computes what fits and scores are made from. Everything it
// returns depends only on facts known before the query's instant, labels
// excepted, which are read as of AsOf + horizon.
type FeatureReader interface {
	// Panel returns the features of every eligible customer, ordered by id.
	Panel(ctx context.Context, q PanelQuery) (*Panel, error)
	// Answers returns answers ordered by customer, instant and id.
	Answers(ctx context.Context, q AnswersQuery) ([]Answer, error)
	// Cycles returns the cycles of every eligible customer, ordered by id.
	Cycles(ctx context.Context, q CyclesQuery) ([]Cycles, error)
	// Departures returns, of the customers with contracts of whom none runs as
	// known before asOf, when they left. Ordered by customer.
	Departures(ctx context.Context, asOf time.Time) ([]Departure, error)
	// Purchases returns the purchase history of every customer with an order
	// that counts, ordered by customer.
	Purchases(ctx context.Context, q PurchasesQuery) ([]PurchaseHistory, error)
}

// ScoreStore makes, publishes and keeps scores.
type ScoreStore interface {
	// Score computes, inside the engine, the score of every customer with an
	// order or contract known before q.AsOf and stores them under a new run,
	// which stays invisible until Publish.
	Score(ctx context.Context, q ScoringQuery) (ScoringSummary, error)
	// ScoreCustomer computes one customer's score with all its contributions,
	// by the same statement as Score, and stores nothing.
	ScoreCustomer(ctx context.Context, q ScoringQuery, customer string) (Score, error)
	// Publish makes a run the current snapshot with one row. Sequences move
	// only for customers whose status, band, probability (by 0.005), drift or
	// holdout changed against the snapshot before. Publishing a published run
	// changes nothing.
	Publish(ctx context.Context, run int64, at time.Time) (Snapshot, error)
	// Snapshot returns the current one, KindNoData when none was published.
	Snapshot(ctx context.Context) (Snapshot, error)
	// SnapshotAt returns, of the published ones whose AsOf is not after asOf, that
	// with the newest AsOf, the last published of several; KindNoData without one.
	SnapshotAt(ctx context.Context, asOf time.Time) (Snapshot, error)
	// Scores returns scores of the current snapshot, or of that at q.AsOf.
	Scores(ctx context.Context, q ScoreQuery) ([]Score, error)
	// CountScores returns how many Scores would return without Top and After.
	CountScores(ctx context.Context, q ScoreQuery) (int64, error)
	// ScoreOf returns one customer's score of the current snapshot with all
	// its contributions, and KindNotFound for a customer it does not hold.
	ScoreOf(ctx context.Context, customer string) (Score, error)
	// Shown is a number that has become another one when a change of what ScoreOf
	// tells of a customer has been acknowledged. It may change more often, and is
	// cheap: what was read while it stood at a number holds as long as it does.
	Shown(customer string) uint64
	// Cohorts summarises the published run of a number, 0 being the current one and
	// KindNotFound one that was not published, by profile columns; cohorts beyond
	// most a dimension fall into "other".
	Cohorts(ctx context.Context, run int64, dimensions []string, most int) ([]CohortRow, error)
	// Turnout returns who of such a run was asked and answered, as known at its
	// instant, with the cohorts that Cohorts tells apart; ordered by customer.
	Turnout(ctx context.Context, run int64, dimensions []string, most int) (Turnout, error)
	// Amend scores the customers of a query anew, as Score would, and puts their
	// scores into the current snapshot in one step: sequences move as Publish says,
	// percentiles are those among the snapshot's others. It is KindConflict where
	// the snapshot is of another model or as of a later instant, and where another
	// one is published meanwhile. The scores that it takes the place of are the
	// snapshot's again once another one is published.
	Amend(ctx context.Context, q ScoringQuery) (Amendment, error)
	// Touched returns the customers about whom something came with a load after
	// one that a snapshot as of an instant does not know: because it was loaded
	// since the snapshot was made, or is known only from its instant on; ascending.
	Touched(ctx context.Context, load int64, asOf, scoredAt time.Time) ([]string, error)
	// Discard removes an unpublished run.
	Discard(ctx context.Context, run int64) error
}

// ScoringQuery asks for one scoring run.
type ScoringQuery struct {
	AsOf       time.Time
	ScoredAt   time.Time
	Model      int
	Definition Definition
	Features   []Feature
	Parameters FeatureParameters
	Card       Scorecard
	// Holdout are the customers whose scores say that they get no retention.
	Holdout Holdout
	// Regardless gives contributions to customers who are not eligible too.
	Regardless bool
	// Sight, where set, changes what is seen of the one customer that
	// ScoreCustomer is asked for; Score ignores it.
	Sight *Sight
	// Quality is what the gates say of the data; nil leaves it out of the scores.
	Quality *ScoringQuality
	// Customers restricts Amend to some; nil are all.
	Customers []string
}

// Amendment says what Amend did.
type Amendment struct {
	// Snapshot is the run of the snapshot.
	Snapshot int64
	// Customers is how many have a new score.
	Customers int64
}

// Sight is a counterfactual view of one customer's facts between two instants,
// by which a change of a score is taken apart. Everybody else's facts, and what
// is fitted on the shop, are not touched.
type Sight struct {
	Since, Until time.Time
	// Corrected is for a score as of Since: what became known between the two
	// instants about the time before Since counts as if it had been known. It
	// includes undated columns of a row that changed without bringing a date.
	// Otherwise, for a score as of Until: only what happened before Since is
	// there, as it was known at Until.
	Corrected bool
}

// ScoringSummary says what a scoring run did.
type ScoringSummary struct {
	Run          int64        `json:"run"`
	Scored       int64        `json:"scored"`
	Insufficient int64        `json:"insufficient_evidence"`
	NotEligible  int64        `json:"not_eligible"`
	Bands        map[Band]int `json:"bands"`
	MeanRisk     float64      `json:"mean_risk"`
	// RevenueAtRisk is the sum over the scored. In its interval the errors of
	// the probabilities count as common to all, which makes it wide rather
	// than narrow; nil where a customer's value has none.
	RevenueAtRisk         *float64  `json:"revenue_at_risk"`
	RevenueAtRiskInterval *Interval `json:"revenue_at_risk_interval"`
}

// Snapshot is a published scoring run.
type Snapshot struct {
	Run         int64          `json:"run"`
	Model       int            `json:"model"`
	AsOf        time.Time      `json:"as_of"`
	ScoredAt    time.Time      `json:"scored_at"`
	PublishedAt time.Time      `json:"published_at"`
	Sequence    Sequence       `json:"sequence"`
	Summary     ScoringSummary `json:"summary"`
}
