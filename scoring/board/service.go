package board

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// Store is what the package needs of a warehouse.
type Store interface {
	Standings(ctx context.Context, q model.StandingsQuery) ([]model.Standing, error)
	AnswerChanges(ctx context.Context, q model.AnswerChangesQuery) ([]model.AnswerChange, error)
	Targets(ctx context.Context, q model.TargetsQuery) ([]model.TargetCount, error)
	Periods(ctx context.Context, q model.PeriodsQuery) ([]model.PeriodCount, error)
	IncidentCounts(ctx context.Context, q model.IncidentsQuery) ([]model.IncidentCount, error)
	Programme(ctx context.Context, from, asOf time.Time) (model.Programme, error)
	WeightedOrders(ctx context.Context, asOf time.Time) (int64, error)
	Complaints(ctx context.Context, from, asOf time.Time) (model.ComplaintCounts, error)
	Raised(ctx context.Context, q model.RaisedQuery) ([]model.Raised, error)
	HotspotCustomers(ctx context.Context, q model.HotspotQuery, cells []model.PainPointCell) ([][]string, error)
	RetentionCustomers(ctx context.Context, q model.RetentionQuery) ([]model.RetentionCustomer, error)
}

// Insight is what the package needs of scoring.
type Insight interface {
	// Watermark returns the instant that figures are as of by default.
	Watermark(ctx context.Context) (time.Time, error)
	// DataEnd returns the start of the day of the newest fact known before an instant
	// that tells outcomes; KindNoData without one.
	DataEnd(ctx context.Context, asOf time.Time) (time.Time, error)
	// HistoryStart returns where the history that outcomes are read from begins.
	HistoryStart(ctx context.Context, asOf time.Time) (time.Time, error)
	// OrderTrends says where everybody's orders go, in the order of their ids.
	OrderTrends(ctx context.Context, asOf time.Time) ([]model.CustomerTrend, error)
	// TryReadRemarks reads the comments that were not read before, if there is room.
	TryReadRemarks(ctx context.Context) error
}

// Settings are what a user may choose.
type Settings struct {
	Definition model.Definition
	// MinimumCell is the least number of customers of whom more than their number
	// is told; below 2 it is 2.
	MinimumCell int
	// MostCohorts bounds the cohorts of a dimension; the rest is "other".
	MostCohorts int
	// Actions is a table of what is recommended in cells of the matrix, as that of
	// actions.csv, on top of it; "" is that alone.
	Actions string
	Targets TargetSettings
	// PainPoints are the user's own.
	PainPoints []model.PainPoint
	// Holdout are the customers who get no retention; ConsentUnknown lets those be
	// told of whom no consent is known.
	Holdout        model.Holdout
	ConsentUnknown bool
	// TrendDays is the length of the windows that order trends compare.
	TrendDays int
}

// confidence is that of every interval.
const confidence = 0.95

// Service draws up boards of one warehouse.
type Service struct {
	store    Store
	insight  Insight
	settings Settings
}

// New returns a service. It starts nothing and owns nothing.
func New(store Store, insight Insight, settings Settings) *Service {
	settings.MinimumCell = max(settings.MinimumCell, 2)
	return &Service{store: store, insight: insight, settings: settings}
}

// at returns asOf, or where it is zero the watermark.
func (s *Service) at(ctx context.Context, asOf time.Time) (time.Time, error) {
	if !asOf.IsZero() {
		return asOf.UTC(), nil
	}
	return s.insight.Watermark(ctx)
}

// within returns asOf, or where it is zero the watermark, or the end of the data
// where more than the day before it is not known of: what was not loaded did not
// fail to happen. Warnings say so.
func (s *Service) within(ctx context.Context, asOf time.Time) (time.Time, []string, error) {
	warnings := make([]string, 0, 1)
	if asOf.IsZero() {
		asOf, err := s.insight.Watermark(ctx)
		return asOf, warnings, err
	}
	asOf = asOf.UTC()
	end, err := s.insight.DataEnd(ctx, asOf)
	switch {
	case model.KindOf(err) == model.KindNoData:
		return asOf, warnings, nil
	case err != nil:
		return asOf, warnings, err
	case end.AddDate(0, 0, 2).After(asOf): // the newest day may be a part, the next one has just ended
		return asOf, warnings, nil
	}
	return end, append(warnings, fmt.Sprintf("as of %s: the data end then, %s lies past them", end.Format(time.DateOnly), asOf.Format(time.DateOnly))), nil
}

// because is a reason in words.
func because(format string, args ...any) *string {
	reason := fmt.Sprintf(format, args...)
	return &reason
}

// estimated returns an estimate, nil where it could not be made.
func estimated(e estimate.Estimate, err error) *estimate.Estimate {
	if err != nil {
		return nil
	}
	return &e
}
