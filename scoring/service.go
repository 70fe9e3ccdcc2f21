package scoring

import (
	"context"
	"log/slog"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Service performs the use cases on one warehouse.
type Service struct {
	warehouse model.Warehouse
	ledger    model.Ledger
	settings  Settings
	clock     Clock
	log       *slog.Logger
}

// New returns a service. It starts nothing and owns nothing: who opened the
// stores closes them.
func New(w model.Warehouse, l model.Ledger, settings Settings, clock Clock, log *slog.Logger) (*Service, error) {
	settings = settings.withDefaults()
	if err := settings.validate(); err != nil {
		return nil, err
	}
	return &Service{warehouse: w, ledger: l, settings: settings, clock: clock, log: log}, nil
}

// Settings returns the settings in force, defaults filled in.
func (s *Service) Settings() Settings { return s.settings }

// With returns a service on the same stores with other settings.
func (s *Service) With(settings Settings) (*Service, error) {
	return New(s.warehouse, s.ledger, settings, s.clock, s.log)
}

// as returns the service under the settings that a model was trained with:
// what it predicts and how its features were made.
func (s *Service) as(file *File) *Service {
	out := *s
	out.settings.Definition = file.definition()
	out.settings.CycleDays = file.Drift.CycleDays
	out.settings.HalfLifeDays, out.settings.HalfLifeFixed = file.Satisfaction.Parameters.HalfLifeDays, true
	out.settings.SatisfactionCohort = file.Satisfaction.Parameters.Dimension
	return &out
}

// at returns asOf, or where it is zero up to when that reaches which the
// definition's labels are read from. The few orders dated after the clock do not
// move it.
func (s *Service) at(ctx context.Context, asOf time.Time, kind model.DefinitionKind) (time.Time, error) {
	end, err := s.atWatermark(ctx, asOf, kind)
	if err != nil || !asOf.IsZero() {
		return end, err
	}
	found, err := s.strays(ctx, end, kind)
	if err != nil || found == nil {
		return end, err
	}
	return found.newest, nil
}

// atWatermark returns asOf, or where it is zero the watermark, for those who say
// so where strays have moved it.
func (s *Service) atWatermark(ctx context.Context, asOf time.Time, kind model.DefinitionKind) (time.Time, error) {
	if !asOf.IsZero() {
		return asOf.UTC(), nil
	}
	if kind == model.Cancellation {
		return s.contractWatermark(ctx)
	}
	return s.warehouse.Watermark(ctx)
}

// farFuture lies behind everything that can be known.
func farFuture() time.Time { return time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC) }

// contractWatermark is the start of the day of the newest start or notice of a
// contract, or order. What is dated after the clock does not move it while
// anything is not: contracts are signed before they start.
func (s *Service) contractWatermark(ctx context.Context) (time.Time, error) {
	newest, err := s.lastFact(ctx, model.Contracts, model.Orders)
	if err != nil {
		return time.Time{}, err
	}
	if newest.IsZero() {
		return time.Time{}, model.Errorf(model.KindNoData,
			"no contract and no order is known: import contracts first (%s)", importOf(model.Contracts))
	}
	return model.StartOfDay(newest), nil
}

// lastFact is when the newest fact of some kinds happened, zero without one. One
// dated after the clock counts only where all are: then it is the clock that is
// wrong.
func (s *Service) lastFact(ctx context.Context, kinds ...model.FactKind) (newest time.Time, err error) {
	for _, before := range []time.Time{s.latest(), farFuture()} {
		h, err := s.warehouse.History(ctx, before)
		if err != nil {
			return newest, err
		}
		for _, kind := range kinds {
			if last := h.Of(kind).Last; last.After(newest) {
				newest = last
			}
		}
		if !newest.IsZero() {
			break
		}
	}
	return newest, nil
}

// importOf is how rows of a kind are brought in.
func importOf(kind model.FactKind) model.Way {
	return model.Way{Command: "churnwatch import " + string(kind) + " FILE", Service: "POST /v1/" + string(kind) + ":import"}
}

// start returns where the history that labels are read from begins.
func (s *Service) start(ctx context.Context, asOf time.Time) (time.Time, error) {
	h, err := s.warehouse.History(ctx, asOf)
	if err != nil {
		return time.Time{}, err
	}
	kind := model.Orders
	if s.settings.Definition.Kind == model.Cancellation {
		kind = model.Contracts
	}
	of := h.Of(kind)
	if of.Rows == 0 {
		return time.Time{}, model.Errorf(model.KindNoData, "no %s are known before %s: import some first (%s)",
			kind, asOf.Format(time.RFC3339), importOf(kind))
	}
	return model.StartOfDay(of.First), nil
}
