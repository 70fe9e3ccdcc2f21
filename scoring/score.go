package scoring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// ScoreReport is what a scoring run did.
type ScoreReport struct {
	Run          int64              `json:"run"`
	Model        int                `json:"model"`
	AsOf         time.Time          `json:"as_of"`
	Sequence     model.Sequence     `json:"sequence"`
	Scored       int64              `json:"scored"`
	Insufficient int64              `json:"insufficient_evidence"`
	NotEligible  int64              `json:"not_eligible"`
	Bands        map[model.Band]int `json:"bands"`
	// MeanRisk is that of the scored, nil where nobody is.
	MeanRisk *float64 `json:"mean_risk"`
	// Risk says what the risk needs where too little data left none: everybody
	// who is eligible was then published without a probability.
	Risk model.PartStatus `json:"risk"`
	// RevenueAtRisk is the sum over the scored; its interval is nil where a
	// customer's value has none.
	RevenueAtRisk         *float64        `json:"revenue_at_risk"`
	RevenueAtRiskInterval *model.Interval `json:"revenue_at_risk_interval"`
	Seconds               float64         `json:"seconds"`
	Warnings              []string        `json:"warnings"`
	// Quality is what the gates say of the data, and took QualitySeconds.
	Quality        model.DataQuality `json:"data_quality"`
	QualitySeconds float64           `json:"data_quality_seconds"`
}

// Score scores every customer with the active model as of an instant (zero:
// the watermark) and publishes the result as the current snapshot. The old
// snapshot is served until then; a failed run leaves it in place.
//
// An instant further after the watermark than the horizon, and one at which
// nobody is eligible, are KindNoData and publish nothing: they are mistakes
// that would replace every score. One before the current snapshot's is warned of.
// A watermark that few orders dated after the clock have moved is KindInvalid.
//
// Bad data do not stop it: the scores carry what the gates say of them.
//
// Where no stored model holds a risk because there was too little data for one,
// it publishes that: insufficient_evidence with what is missing, beside what is
// known without a risk.
func (s *Service) Score(ctx context.Context, asOf time.Time) (ScoreReport, error) {
	began := s.clock()
	stored, file, err := s.scoringModel(ctx)
	if err != nil {
		return ScoreReport{}, err
	}
	told := !asOf.IsZero()
	if asOf, err = s.atWatermark(ctx, asOf, file.Definition); err != nil {
		return ScoreReport{}, err
	}
	if !told {
		if err := s.unmoved(ctx, asOf, file.Definition); err != nil {
			return ScoreReport{}, err
		}
	}
	if err := s.reachable(ctx, asOf, file); err != nil {
		return ScoreReport{}, err
	}
	replaced, err := s.replaced(ctx, asOf)
	if err != nil {
		return ScoreReport{}, err
	}
	query, err := s.scoringQuery(ctx, stored.Version, file, asOf)
	if err != nil {
		return ScoreReport{}, err
	}
	judging := s.clock()
	if query.Quality, err = s.scoringQuality(ctx, file, asOf, told); err != nil {
		return ScoreReport{}, err
	}
	judged := s.clock().Sub(judging)
	summary, err := s.warehouse.Score(ctx, query)
	if err != nil {
		return ScoreReport{}, err
	}
	if summary.Scored+summary.Insufficient == 0 {
		return ScoreReport{}, errors.Join(s.nobody(ctx, asOf, file), s.warehouse.Discard(ctx, summary.Run))
	}
	snapshot, err := s.warehouse.Publish(ctx, summary.Run, s.clock().UTC())
	if err != nil {
		return ScoreReport{}, err
	}
	report := ScoreReport{
		Run: summary.Run, Model: stored.Version, AsOf: asOf, Sequence: snapshot.Sequence,
		Scored: summary.Scored, Insufficient: summary.Insufficient, NotEligible: summary.NotEligible,
		Bands: summary.Bands, Risk: file.Risk.Status, RevenueAtRisk: summary.RevenueAtRisk, RevenueAtRiskInterval: summary.RevenueAtRiskInterval,
		Seconds: s.clock().Sub(began).Seconds(), Quality: *query.Quality.Of(nil), QualitySeconds: judged.Seconds(),
	}
	if summary.Scored > 0 {
		report.MeanRisk = &summary.MeanRisk
	}
	report.Warnings = append(hindsight(file, asOf), held(stored.Version, file)...)
	report.Warnings = append(report.Warnings, replaced...)
	s.log.LogAttrs(ctx, slog.LevelInfo, "scored", slog.Int64("run", report.Run), slog.Int("model", report.Model),
		slog.Int64("customers", report.Scored), slog.String("sequence", report.Sequence.String()), slog.String("data_quality", string(report.Quality.Status)))
	return report, nil
}

// reachable refuses an instant that lies after everything that is known by more
// than the horizon.
func (s *Service) reachable(ctx context.Context, asOf time.Time, file *File) error {
	watermark, err := s.at(ctx, time.Time{}, file.Definition)
	if err != nil {
		return err
	}
	days := file.definition().HorizonDays()
	if !asOf.After(watermark.AddDate(0, 0, days)) {
		return nil
	}
	return model.Errorf(model.KindNoData,
		"score as of %s: the data end at %s, more than the horizon of %d days before; nothing was published: import newer data, or give %s a time up to %s (without it: %s)",
		dayOf(asOf), dayOf(watermark), days, model.Way{Command: "--as-of", Service: "as_of"}, dayOf(watermark.AddDate(0, 0, days)), dayOf(watermark))
}

// nobody is the error of a run that would publish everybody as not eligible.
func (s *Service) nobody(ctx context.Context, asOf time.Time, file *File) error {
	watermark, err := s.at(ctx, time.Time{}, file.Definition)
	if err != nil {
		return err
	}
	return model.Errorf(model.KindNoData,
		"score as of %s: nobody is eligible then (%s); nothing was published: the data end at %s, give another %s or import more",
		dayOf(asOf), file.definition().Label(), dayOf(watermark), model.Way{Command: "--as-of", Service: "as_of"})
}

// replaced warns of an instant before that of the current snapshot.
func (s *Service) replaced(ctx context.Context, asOf time.Time) ([]string, error) {
	current, err := s.warehouse.Snapshot(ctx)
	switch {
	case err != nil && model.KindOf(err) == model.KindNoData:
		return nil, nil
	case err != nil:
		return nil, err
	case !asOf.Before(current.AsOf):
		return nil, nil
	}
	return []string{fmt.Sprintf("the scores as of %s replace newer ones, as of %s (sequence %s), as the current snapshot: a scoring as of %s brings those back",
		dayOf(asOf), dayOf(current.AsOf), current.Sequence, dayOf(current.AsOf))}, nil
}

// dayOf writes an instant in an answer, as a day where it is one.
func dayOf(t time.Time) string {
	if t = t.UTC(); t.Equal(model.StartOfDay(t)) {
		return t.Format(time.DateOnly)
	}
	return t.Format(time.RFC3339)
}

// hindsight warns of a score as of an instant that the model was fitted after.
func hindsight(file *File, asOf time.Time) []string {
	if !asOf.Before(file.AsOf) || file.Risk.Predictor == nil {
		return []string{}
	}
	return []string{fmt.Sprintf(
		"the model was trained as of %s and has seen what came after %s: for what would have been said then, train a model as of %s without activating it; explanations, drift and evaluations as of then use it",
		dayOf(file.AsOf), dayOf(asOf), dayOf(asOf))}
}

// held warns of a model that is used although its verdict is to hold it.
func held(version int, file *File) []string {
	if file.Risk.Predictor == nil || file.Evaluation.Verdict == model.Activate {
		return nil
	}
	why := strings.Join(file.Evaluation.Reasons, "; ")
	return []string{fmt.Sprintf("model %d is used although its verdict is hold: %s", version, why)}
}

// HeldModel returns the warnings of scores that a stored model made: one where
// its verdict is hold. A model that is no longer stored has none.
func (s *Service) HeldModel(ctx context.Context, version int) ([]string, error) {
	stored, file, err := s.load(ctx, version)
	switch {
	case model.KindOf(err) == model.KindNotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return held(stored.Version, file), nil
}

// trainOne is how a model is made.
func trainOne() model.Way {
	return model.Way{Command: "churnwatch train", Service: "POST /v1/models:train"}
}

// riskModel returns the active model, which must hold a risk.
func (s *Service) riskModel(ctx context.Context) (model.StoredModel, *File, error) {
	stored, file, err := s.load(ctx, 0)
	switch {
	case err != nil && model.KindOf(err) == model.KindNoData:
		return stored, nil, model.Errorf(model.KindNoData,
			"no active risk model: train one (%s), or activate a held one (%s)", trainOne(), model.Way{
				Command: "churnwatch models list, churnwatch models activate V", Service: "GET /v1/models, POST /v1/models/{version}:activate",
			})
	case err != nil:
		return stored, nil, err
	case file.Risk.Status.Status != statusOK || file.Risk.Predictor == nil:
		return stored, nil, model.Errorf(model.KindNoData, "the active model %d holds no risk: %v", stored.Version, file.Risk.Status.Needs)
	}
	return stored, file, nil
}

// scoringQuery prepares a run: the features and parameters as of the instant,
// and the predictor as a scorecard.
func (s *Service) scoringQuery(ctx context.Context, version int, file *File, asOf time.Time) (model.ScoringQuery, error) {
	parameters, err := s.parametersWith(ctx, file, asOf)
	if err != nil {
		return model.ScoringQuery{}, err
	}
	return model.ScoringQuery{
		AsOf: asOf, ScoredAt: s.clock().UTC(), Model: version, Definition: file.definition(),
		Features: file.catalogue(), Parameters: parameters, Card: s.card(file), Holdout: s.settings.Holdout,
	}, nil
}

// parametersWith fits the features' parameters as of an instant and keeps the
// model's drift thresholds.
func (s *Service) parametersWith(ctx context.Context, file *File, asOf time.Time) (model.FeatureParameters, error) {
	if err := s.TryReadRemarks(ctx); err != nil {
		return model.FeatureParameters{}, err
	}
	now, err := s.as(file).newTimeline(asOf).at(ctx, asOf, asOf)
	if err != nil {
		return model.FeatureParameters{}, err
	}
	out := now.parameters()
	if file.Drift.Status.Status == statusOK {
		out.Drift = keepThresholds(out.Drift, file.Drift.Parameters)
	}
	return out, nil
}

// snapshotOr returns asOf, or the instant of the published snapshot where it
// is zero, or the definition's watermark where nothing was published.
func (s *Service) snapshotOr(ctx context.Context, asOf time.Time, kind model.DefinitionKind) (time.Time, error) {
	if !asOf.IsZero() {
		return asOf.UTC(), nil
	}
	snapshot, err := s.warehouse.Snapshot(ctx)
	if model.KindOf(err) == model.KindNoData && err != nil {
		return s.at(ctx, asOf, kind)
	}
	return snapshot.AsOf, err
}
