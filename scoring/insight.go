package scoring

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// PainPoints returns the weights of a stored model; 0 is the newest one that
// has them, active or not, since weights do not wait for a risk; with an asOf
// the newest one that was trained not after it, KindNoData without one.
func (s *Service) PainPoints(ctx context.Context, version int, asOf time.Time) (PainPointPart, error) {
	if !asOf.IsZero() {
		file, err := s.fileAt(ctx, asOf, func(f *File) bool { return f.PainPoints.Status.Status == statusOK })
		if err != nil {
			return PainPointPart{}, err
		}
		return file.PainPoints, nil
	}
	if version != 0 {
		_, file, err := s.load(ctx, version)
		if err != nil {
			return PainPointPart{}, err
		}
		return file.PainPoints, nil
	}
	file, err := s.newest(ctx, func(f *File) bool { return f.PainPoints.Status.Status == statusOK })
	if err != nil {
		return PainPointPart{}, err
	}
	return file.PainPoints, nil
}

// newest returns the active model's file when it has the part, else that of
// the newest model that has it, else the newest at all.
func (s *Service) newest(ctx context.Context, has func(*File) bool) (*File, error) {
	if _, file, err := s.load(ctx, 0); err == nil && has(file) {
		return file, nil
	}
	all, err := s.ledger.Models(ctx)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, model.Errorf(model.KindNoData, "no model was trained: train one (%s)", trainOne())
	}
	var first *File
	for _, m := range all {
		_, file, err := s.load(ctx, m.Version)
		if err != nil {
			return nil, err
		}
		if has(file) {
			return file, nil
		}
		if first == nil {
			first = file
		}
	}
	return first, nil
}

// Cohorts summarises the published snapshot by the settings' dimensions.
func (s *Service) Cohorts(ctx context.Context, most int) ([]model.CohortRow, error) {
	return s.CohortsAt(ctx, time.Time{}, most)
}

// CohortsAt is Cohorts of the newest published snapshot as of an instant or
// before; zero is the current one. All figures are of that one, be it replaced
// meanwhile.
func (s *Service) CohortsAt(ctx context.Context, asOf time.Time, most int) ([]model.CohortRow, error) {
	snapshot, err := s.warehouse.SnapshotAt(ctx, asOf)
	if err != nil {
		return nil, err
	}
	rows, err := s.warehouse.Cohorts(ctx, snapshot.Run, s.settings.Dimensions, most)
	if err != nil || len(rows) == 0 {
		return rows, err
	}
	turnout, err := s.warehouse.Turnout(ctx, snapshot.Run, s.settings.Dimensions, most)
	if err != nil {
		return nil, err
	}
	return rows, s.sayTurnout(ctx, turnout, rows)
}

// Weigh fits pain points and drift alone as of an instant (zero: the
// watermark) and stores nothing.
func (s *Service) Weigh(ctx context.Context, asOf time.Time) (PainPointPart, model.DriftReport, error) {
	asOf, err := s.at(ctx, asOf, s.settings.Definition.Kind)
	if err != nil {
		return PainPointPart{}, model.DriftReport{}, err
	}
	if err := s.TryReadRemarks(ctx); err != nil {
		return PainPointPart{}, model.DriftReport{}, err
	}
	start, err := s.start(ctx, asOf)
	if err != nil {
		return PainPointPart{}, model.DriftReport{}, err
	}
	line := s.newTimeline(asOf)
	cutoffs := s.settings.Calendar.Cutoffs(start, asOf, s.settings.Definition.Horizon)
	training, err := s.newPanels(start, line, len(cutoffs)).before(ctx, asOf)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return PainPointPart{}, model.DriftReport{}, err
	}
	part, err := s.fitPainPoints(ctx, asOf, training)
	if err != nil {
		return part, model.DriftReport{}, err
	}
	report, err := s.fitDrift(ctx, line, start, asOf)
	return part, report, err
}
