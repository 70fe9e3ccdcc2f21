package api

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// Insights says what hurts, where, and whom. A zero asOf is the published
// snapshot's, for which each answer is computed once.
type Insights interface {
	Overview(ctx context.Context) (model.Overview, error)
	Retention(ctx context.Context, asOf time.Time) (model.Retention, error)
	PainPoints(ctx context.Context, asOf time.Time) (model.PainPointReport, error)
	Drift(ctx context.Context, asOf time.Time) (model.DriftReport, error)
	Cohorts(ctx context.Context, asOf time.Time) (model.CohortReport, error)
	Segments(ctx context.Context, asOf time.Time, dimensions []string) (model.SegmentReport, error)
	Hotspots(ctx context.Context, q HotspotQuestion) (model.HotspotReport, error)
	Touchpoints(ctx context.Context, asOf time.Time) (model.TouchpointReport, error)
}

// HotspotQuestion says which cells to look at. Zero values are the defaults.
type HotspotQuestion struct {
	AsOf                 time.Time
	PainPoint, Dimension string
	Window               time.Duration
	Least                int64
	All                  bool
}

const (
	defaultDrifting = 50
	mostDrifting    = 10_000
	longestWindow   = 3650 // days
)

// insightService implements churnwatch.v1.InsightService.
type insightService struct {
	churnwatchv1.UnimplementedInsightServiceServer

	insights Insights
}

// GetOverview returns the published snapshot in a few numbers.
func (s *insightService) GetOverview(ctx context.Context, _ *churnwatchv1.GetOverviewRequest) (*churnwatchv1.Overview, error) {
	return answered(nil, new(churnwatchv1.Overview), func(time.Time) (model.Overview, error) {
		return s.insights.Overview(ctx)
	})
}

// GetRetention returns who was still there how long after they came.
func (s *insightService) GetRetention(ctx context.Context, r *churnwatchv1.GetRetentionRequest) (*churnwatchv1.Retention, error) {
	return answered(r.GetAsOf(), new(churnwatchv1.Retention), func(asOf time.Time) (model.Retention, error) {
		return s.insights.Retention(ctx, asOf)
	})
}

// ListPainPoints returns what incidents cost.
func (s *insightService) ListPainPoints(ctx context.Context, r *churnwatchv1.ListPainPointsRequest) (*churnwatchv1.ListPainPointsResponse, error) {
	return answered(r.GetAsOf(), new(churnwatchv1.ListPainPointsResponse), func(asOf time.Time) (model.PainPointReport, error) {
		return s.insights.PainPoints(ctx, asOf)
	})
}

// GetDrift returns who drifts away.
func (s *insightService) GetDrift(ctx context.Context, r *churnwatchv1.GetDriftRequest) (*churnwatchv1.Drift, error) {
	top := int(r.GetTop())
	if top < 0 || top > mostDrifting {
		return nil, model.Errorf(model.KindInvalid, "top %d: want 1 to %d, or 0 for %d", top, mostDrifting, defaultDrifting)
	}
	if top == 0 {
		top = defaultDrifting
	}
	return answered(r.GetAsOf(), new(churnwatchv1.Drift), func(asOf time.Time) (model.DriftReport, error) {
		report, err := s.insights.Drift(ctx, asOf)
		report.Customers = report.Customers[:min(len(report.Customers), top)]
		return report, err
	})
}

// ListCohorts returns the snapshot by cohort.
func (s *insightService) ListCohorts(ctx context.Context, r *churnwatchv1.ListCohortsRequest) (*churnwatchv1.ListCohortsResponse, error) {
	return answered(r.GetAsOf(), new(churnwatchv1.ListCohortsResponse), func(asOf time.Time) (model.CohortReport, error) {
		return s.insights.Cohorts(ctx, asOf)
	})
}

// GetSegments returns answer groups by order trends.
func (s *insightService) GetSegments(ctx context.Context, r *churnwatchv1.GetSegmentsRequest) (*churnwatchv1.Segments, error) {
	dimensions := []string{"tier", "industry"}
	switch by := r.GetBy(); by {
	case "":
	case "none":
		dimensions = nil
	default:
		dimensions = strings.Split(by, ",")
	}
	return answered(r.GetAsOf(), new(churnwatchv1.Segments), func(asOf time.Time) (model.SegmentReport, error) {
		return s.insights.Segments(ctx, asOf, dimensions)
	})
}

// ListHotspots returns what departs from the rest of the shop.
func (s *insightService) ListHotspots(ctx context.Context, r *churnwatchv1.ListHotspotsRequest) (*churnwatchv1.Hotspots, error) {
	q := HotspotQuestion{
		PainPoint: r.GetPainpoint(), Dimension: r.GetDimension(), Window: time.Duration(r.GetWindowDays()) * model.Day,
		Least: int64(r.GetMinExposures()), All: r.GetAll(),
	}
	switch {
	case r.GetWindowDays() < 0 || r.GetWindowDays() > longestWindow:
		return nil, model.Errorf(model.KindInvalid, "window_days %d: want 1 to %d, or 0 for 90", r.GetWindowDays(), longestWindow)
	case q.Least < 0 || q.Least == 1:
		return nil, model.Errorf(model.KindInvalid, "min_exposures %d: want 2 or more, or 0 for 30", q.Least)
	case q.Dimension != "" && !slices.Contains(model.HotspotDimensions(), q.Dimension):
		return nil, model.Errorf(model.KindInvalid, "dimension %q: want one of %s", q.Dimension, strings.Join(model.HotspotDimensions(), ", "))
	}
	return answered(r.GetAsOf(), new(churnwatchv1.Hotspots), func(asOf time.Time) (model.HotspotReport, error) {
		q.AsOf = asOf
		return s.insights.Hotspots(ctx, q)
	})
}

// ListTouchpoints ranks the moments of the journey.
func (s *insightService) ListTouchpoints(ctx context.Context, r *churnwatchv1.ListTouchpointsRequest) (*churnwatchv1.Touchpoints, error) {
	return answered(r.GetAsOf(), new(churnwatchv1.Touchpoints), func(asOf time.Time) (model.TouchpointReport, error) {
		return s.insights.Touchpoints(ctx, asOf)
	})
}

// answered asks as of an instant and converts what comes. The messages have
// the reports' keys, so the one is the other's JSON: a key that a message does
// not have is an error.
func answered[R any, M proto.Message](asOf *timestamppb.Timestamp, into M, ask func(time.Time) (R, error)) (M, error) {
	var none M
	at, err := instantIn(asOf)
	if err != nil {
		return none, err
	}
	report, err := ask(at)
	if err != nil {
		return none, err
	}
	text, err := json.Marshal(report)
	if err == nil {
		err = protojson.Unmarshal(text, into)
	}
	if err != nil {
		return none, fmt.Errorf("convert an insight: %w", err)
	}
	return into, nil
}

// instantIn reads an instant, zero where there is none.
func instantIn(at *timestamppb.Timestamp) (time.Time, error) {
	if at == nil {
		return time.Time{}, nil
	}
	if err := at.CheckValid(); err != nil {
		return time.Time{}, model.Errorf(model.KindInvalid, "as_of: %w", err)
	}
	return at.AsTime(), nil
}
