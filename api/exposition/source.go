package exposition

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Window is how far back incidents count before a snapshot.
const Window = 30 * model.Day

// Source is where the figures come from. An error of KindNoData means that
// there is nothing to show of that part yet.
type Source interface {
	// Snapshot returns the published snapshot.
	Snapshot(ctx context.Context) (model.Snapshot, error)
	// Cohorts summarises it; cohorts beyond most a dimension are "other".
	Cohorts(ctx context.Context, most int) ([]model.CohortRow, error)
	// Segments returns the matrix of answer groups by order trends as of an
	// instant.
	Segments(ctx context.Context, asOf time.Time) ([]model.SegmentCell, error)
	// Targets measures every target as of an instant.
	Targets(ctx context.Context, asOf time.Time) ([]model.Target, error)
	// PainPoints returns the newest weights.
	PainPoints(ctx context.Context) ([]model.PainPointWeight, error)
	// Predictor returns the active model's number and how it was tested.
	Predictor(ctx context.Context) (Predictor, error)
	// Totals counts what was read and refused, the incidents within Window
	// before asOf, and tells the newest fact of each kind.
	Totals(ctx context.Context, asOf time.Time) (Totals, error)
	// Triggers counts triggers by playbook, urgency and status.
	Triggers(ctx context.Context) ([]TriggerTotal, error)
	// Experiments returns what experiments have found, in the order of their
	// names.
	Experiments(ctx context.Context) ([]model.Experiment, error)
	// Drifting counts the snapshot's customers by their state of drift.
	Drifting(ctx context.Context) (map[model.DriftState]int64, error)
	// Usage is what the database takes, in bytes.
	Usage(ctx context.Context) (file, memory int64, err error)
	Insights
}

// Insights are what takes long to compute, all about the published snapshot.
// An error of KindNoData means that there is nothing to show of that yet.
type Insights interface {
	// Hotspots returns the cells that stand out, worst first, then what excels.
	Hotspots(ctx context.Context, asOf time.Time) ([]model.Hotspot, error)
	// CohortIncidents counts what each cohort met with in Window before the
	// snapshot; cohorts beyond most a dimension are "other".
	CohortIncidents(ctx context.Context, most int) ([]CohortIncidents, error)
	// Retention returns the newest months in which customers came, at most so
	// many, with how many were there in each later one; all counts the months
	// there are.
	Retention(ctx context.Context, asOf time.Time, most int) (months []RetentionMonth, all int, err error)
	// Complaints counts what customers complained of in ComplaintWeeks.
	Complaints(ctx context.Context, asOf time.Time) ([]ThemeTotal, error)
	// Realised says how the newest forecast turned out.
	Realised(ctx context.Context) (model.RealisedSnapshot, error)
	// Gates judges the data.
	Gates(ctx context.Context, asOf time.Time) ([]model.Gate, error)
	// Shifts says how far each feature has moved since the model was trained.
	Shifts(ctx context.Context, asOf time.Time) ([]Shift, error)
}

// ComplaintWeeks is how many weeks' complaints are added up.
const ComplaintWeeks = 4

// CohortIncidents is what a cohort met with of a pain point.
type CohortIncidents struct {
	Dimension, Cohort, PainPoint string
	Incidents, Customers         int64
}

// RetentionMonth is a month in which customers came, and how many of them were
// there Age months later; Age is 0 for a month after which none is over yet.
type RetentionMonth struct {
	Month               time.Time
	Customers, Retained int64
	Age                 int
}

// ThemeTotal counts the complaints about a theme.
type ThemeTotal struct {
	Theme      string
	Complaints int64
}

// Shift is a feature's population stability index.
type Shift struct {
	Feature string
	Value   float64
}

// TriggerTotal counts the triggers of a playbook and urgency that ever had a
// status, have it now, and are overdue; of those done it adds up the time that
// it took.
type TriggerTotal struct {
	Playbook, Urgency, Status string
	Ever, Now, Overdue        int64
	LatencySeconds            float64
}

// Predictor is the active model.
type Predictor struct {
	Model      model.StoredModel
	Evaluation model.Evaluation
}

// Totals are counts over the whole database.
type Totals struct {
	Rows      []RowTotal
	Refused   []RefusedTotal
	Incidents []IncidentTotal
	Newest    []NewestFact
}

// RowTotal counts the rows of a kind that were ever read and refused.
type RowTotal struct {
	Kind              model.FactKind
	Read, Quarantined int64
}

// RefusedTotal counts the refused rows of a reason that are still kept.
type RefusedTotal struct {
	Kind   model.FactKind
	Reason string
	Rows   int64
}

// IncidentTotal counts the incidents of a pain point, and the customers.
type IncidentTotal struct {
	PainPoint            string
	Incidents, Customers int64
}

// NewestFact is when the newest fact of a kind occurred.
type NewestFact struct {
	Kind model.FactKind
	At   time.Time
}
