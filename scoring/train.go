package scoring

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// TrainRequest says what to train.
type TrainRequest struct {
	// AsOf is T; zero is the watermark.
	AsOf time.Time
	// Activate makes the model active unless the verdict is to hold it.
	Activate bool
	// Challenge keeps the active model active where it does clearly better than the
	// new one: for trainings that nobody watches.
	Challenge bool
	// Force trains although data-quality gates are red.
	Force bool
	// Progress, where set, hears what is being done.
	Progress func(step string)
}

// TrainReport is what a training did.
type TrainReport struct {
	Model      int                         `json:"model"`
	Activated  bool                        `json:"activated"`
	AsOf       time.Time                   `json:"as_of"`
	Rows       int                         `json:"rows"`
	Customers  int                         `json:"customers"`
	Cutoffs    []time.Time                 `json:"cutoffs"`
	Seconds    TrainSeconds                `json:"seconds"`
	Parts      map[string]model.PartStatus `json:"parts"`
	Evaluation model.Evaluation            `json:"evaluation"`
	// Treatment says what became of the rows of customers whom retention touched;
	// nil where there were none.
	Treatment  *model.TreatmentReport `json:"treatment"`
	DataShare  *float64               `json:"data_share"`
	PriorShare *float64               `json:"prior_share"`
	Quality    QualityReport          `json:"quality"`
	// Duel is how the new model did against the active one, nil where that was not
	// asked for, and where the active one has seen all that it could be tested by.
	Duel *Duel `json:"against_active,omitempty"`
	// Satisfaction is how answers become an index.
	Satisfaction model.SatisfactionFit `json:"satisfaction"`
	Warnings     []string              `json:"warnings"`
}

// TrainSeconds says where the time went.
type TrainSeconds struct {
	Features float64 `json:"features"`
	Fit      float64 `json:"fit"`
	Validate float64 `json:"validate"`
}

// The parts of a model, as reports name them.
const (
	partRisk         = "risk"
	partSatisfaction = "satisfaction"
	partPainPoints   = "pain_points"
	partDrift        = "drift"
	partPurchases    = "purchases"
)

// Train fits satisfaction, pain points, drift and risk as of an instant,
// validates the risk out of time, and stores a numbered model. Each part is
// fitted apart: one without data says what it needs and holds back no other.
//
// It is an error of KindNoData when no part could be fitted, and of
// KindRefused when data-quality gates hold back all of them.
func (s *Service) Train(ctx context.Context, req TrainRequest) (TrainReport, error) {
	report := TrainReport{Parts: map[string]model.PartStatus{}, Cutoffs: []time.Time{}, Warnings: []string{}}
	if latest := s.clock().UTC().Add(model.Day); req.AsOf.After(latest) {
		return report, model.Errorf(model.KindInvalid, "train as of %s: that day is still to come; give a day up to today, or none for the end of the data",
			req.AsOf.UTC().Format(time.DateOnly))
	}
	asOf, err := s.atWatermark(ctx, req.AsOf, s.settings.Definition.Kind)
	if err != nil {
		return report, err
	}
	report.AsOf = asOf
	if err := s.ReadRemarks(ctx); err != nil {
		return report, err
	}
	file, tests, err := s.fitAll(ctx, asOf, &report, req)
	if err != nil {
		return report, err
	}
	return s.store(ctx, file, tests, report, req)
}

func (r TrainRequest) say(step string) {
	if r.Progress != nil {
		r.Progress(step)
	}
}

// fitAll fits every part, and returns what the risk was tested by. The report is
// filled in on the way.
func (s *Service) fitAll(ctx context.Context, asOf time.Time, report *TrainReport, req TrainRequest) (*File, []tested, error) {
	file := &File{
		Format: fileFormat, CodeVersion: s.settings.CodeVersion, Seed: s.settings.Seed, AsOf: asOf,
		Definition: s.settings.Definition.Kind, HorizonDays: s.settings.Definition.HorizonDays(),
		LookbackDays: int(s.settings.Definition.Lookback / model.Day), Warnings: []string{},
	}
	start, err := s.start(ctx, asOf)
	if err != nil {
		return nil, nil, err
	}
	cutoffs := s.settings.Calendar.Cutoffs(start, asOf, s.settings.Definition.Horizon)
	line := s.newTimeline(asOf)
	source := s.newPanels(start, line, len(cutoffs)+s.settings.ValidationCutoffs)

	began := s.clock()
	req.say("features")
	training, riskErr := source.before(ctx, asOf)
	if riskErr != nil && model.KindOf(riskErr) != model.KindNoData {
		return nil, nil, riskErr
	}
	report.Seconds.Features = s.clock().Sub(began).Seconds()

	if riskErr, err = s.admit(ctx, line, training, len(cutoffs), report, req.Force, riskErr); err != nil {
		return nil, nil, err
	}

	training, file.Risk.Treatment = leaveOut(training)
	began = s.clock()
	now, err := line.at(ctx, asOf, asOf)
	if err != nil {
		return nil, nil, err
	}
	if file.Satisfaction, err = line.satisfactionOf(ctx, asOf); err != nil {
		return nil, nil, err
	}
	file.Purchases = now.purchases
	req.say("pain points")
	if file.PainPoints, err = s.fitPainPoints(ctx, asOf, training); err != nil {
		return nil, nil, err
	}
	req.say("drift")
	if file.Drift, err = s.fitDrift(ctx, line, start, asOf); err != nil {
		return nil, nil, err
	}
	req.say("risk")
	if err := s.fitRiskPart(ctx, file, start, training, riskErr); err != nil {
		return nil, nil, err
	}
	report.Seconds.Fit = s.clock().Sub(began).Seconds()

	began = s.clock()
	req.say("validation")
	tests, err := s.evaluateFile(ctx, file, source, cutoffs)
	if err != nil {
		return nil, nil, err
	}
	report.Seconds.Validate = s.clock().Sub(began).Seconds()
	file.hold(report.Quality.Held)
	s.describe(file, report)
	return file, tests, nil
}

// fitRiskPart fits the risk, or says what it needs.
func (s *Service) fitRiskPart(ctx context.Context, file *File, start time.Time, training []*model.Panel, cause error) error {
	var fit *riskFit
	if cause == nil {
		fit, cause = s.fitRisk(ctx, start, training)
	}
	if cause != nil {
		if ctx.Err() != nil || model.KindOf(cause) != model.KindNoData {
			return cause
		}
		file.Risk.Status = model.PartStatus{Status: statusNoData, Needs: []string{cause.Error()}}
		return nil
	}
	file.DataHash = fit.data.hash()
	file.Risk = RiskPart{
		Treatment: file.Risk.Treatment,
		Status:    model.PartStatus{Status: statusOK},
		Cutoffs:   fit.cutoffs, Rows: fit.data.rows(), Customers: fit.data.customers, BaseRate: fit.baseRate,
		Folds: fit.folds, Penalty: fit.penalty, Pairs: fit.pairs, Features: fit.features,
		Level: s.settings.IntervalLevel, Widest: s.settings.WidestInterval, Bands: s.settings.Bands,
		Predictor: fit.predictor, Assumptions: fit.assumed,
	}
	file.Risk.DataShare, file.Risk.PriorShare = shares(fit.predictor.Training.DataShare)
	file.Warnings = append(file.Warnings, fit.warnings...)
	file.Warnings = append(file.Warnings, fit.predictor.Training.Warnings...)
	file.Warnings = append(file.Warnings, fit.predictor.Calibration.Warnings...)
	return nil
}

// evaluateFile validates at the newest training cutoffs, each by a fit of its
// own on what was complete before it.
func (s *Service) evaluateFile(ctx context.Context, file *File, source *panels, cutoffs []time.Time) ([]tested, error) {
	if file.Risk.Status.Status != statusOK {
		cutoffs = nil
	}
	if n := len(cutoffs); n > s.settings.ValidationCutoffs {
		cutoffs = cutoffs[n-s.settings.ValidationCutoffs:]
	}
	evaluation, tests, err := s.validate(ctx, source, cutoffs)
	if err != nil {
		return nil, err
	}
	evaluation.LeadTime = leadTimeOf(file.Drift)
	if file.Risk.Status.Status == statusOK {
		judge(&evaluation)
	} else {
		evaluation.Verdict = model.Hold
		evaluation.Reasons = append(evaluation.Reasons, file.Risk.Status.Needs...)
	}
	file.Evaluation = evaluation
	return tests, nil
}

func (s *Service) describe(file *File, report *TrainReport) {
	report.Rows, report.Customers = file.Risk.Rows, file.Risk.Customers
	report.Cutoffs = append(report.Cutoffs, file.Risk.Cutoffs...)
	report.Evaluation, report.Satisfaction = file.Evaluation, file.Satisfaction
	report.Treatment = file.Risk.Treatment
	if t := report.Treatment; t != nil {
		report.Warnings = append(report.Warnings, t.Says)
	}
	report.DataShare, report.PriorShare = file.Risk.DataShare, file.Risk.PriorShare
	report.Warnings = append(report.Warnings, file.Warnings...)
	report.Warnings = append(report.Warnings, report.Quality.warnings()...)
	report.Parts[partRisk] = file.Risk.Status
	report.Parts[partSatisfaction] = file.Satisfaction.Status
	report.Parts[partPainPoints] = file.PainPoints.Status
	report.Parts[partDrift] = file.Drift.Status
	report.Parts[partPurchases] = file.Purchases.Status
}

// store saves the model and activates it where it may be. The first model of
// a database is activated with its warnings unless it is worse than the base
// rate alone, so that there are scores to look at.
func (s *Service) store(ctx context.Context, file *File, tests []tested, report TrainReport, req TrainRequest) (TrainReport, error) {
	if fitted(report.Parts) == 0 {
		return report, model.Errorf(model.KindNoData, "nothing could be fitted: %s", needs(report.Parts))
	}
	active, err := s.ledger.ActiveModel(ctx)
	first := model.KindOf(err) == model.KindNoData && err != nil
	if err != nil && !first {
		return report, err
	}
	stored, err := s.stored(file)
	if err != nil {
		return report, err
	}
	if report.Model, err = s.ledger.SaveModel(ctx, stored); err != nil {
		return report, err
	}
	report.Evaluation.Model = &report.Model
	held := file.Evaluation.Verdict != model.Activate
	worse := ""
	if req.Challenge && !first {
		report.Duel, worse, err = s.challenge(ctx, active.Version, file, tests)
		switch {
		case ctx.Err() != nil:
			return report, ctx.Err()
		case err != nil: // The new model is stored.
			worse = fmt.Sprintf("model %d stays active: the new one could not be compared with it: %v", active.Version, err)
		}
	}
	switch {
	case file.Risk.Status.Status != statusOK || !req.Activate:
	case worse != "":
		report.Warnings = append(report.Warnings, worse)
	case !held:
		report.Activated = true
	case first && usable(&file.Evaluation):
		report.Activated = true
		report.Warnings = append(report.Warnings, "activated as the first model although the verdict is to hold it")
	}
	if report.Activated {
		err = s.ledger.Activate(ctx, report.Model, s.clock().UTC())
	}
	s.log.LogAttrs(ctx, slog.LevelInfo, "trained", slog.Int("model", report.Model),
		slog.Bool("activated", report.Activated), slog.Int("rows", report.Rows), slog.String("verdict", string(file.Evaluation.Verdict)))
	return report, err
}

func (s *Service) stored(file *File) (model.StoredModel, error) {
	b, err := file.Encode()
	if err != nil {
		return model.StoredModel{}, err
	}
	out := model.StoredModel{
		CreatedAt: s.clock().UTC(), AsOf: file.AsOf, Definition: file.definition(),
		Verdict: file.Evaluation.Verdict, CodeVersion: file.CodeVersion, File: b,
	}
	if len(file.Evaluation.Cutoffs) > 0 {
		out.ROCAUC, out.Brier = &file.Evaluation.Mean.ROCAUC, &file.Evaluation.Mean.Brier
	}
	return out, nil
}

func fitted(parts map[string]model.PartStatus) (n int) {
	for _, p := range parts {
		if p.Status == statusOK {
			n++
		}
	}
	return n
}

func needs(parts map[string]model.PartStatus) string {
	var out []string
	for _, name := range []string{partRisk, partSatisfaction, partPainPoints, partDrift, partPurchases} {
		for _, need := range parts[name].Needs {
			out = append(out, name+" needs "+need)
		}
	}
	if len(out) == 0 {
		return "no data"
	}
	return strings.Join(out, "; ")
}

// The statuses of a part.
const (
	statusOK     = "ok"
	statusNoData = "no_data"
	// statusRefused is that of a part which a data-quality gate holds back.
	statusRefused = "refused"
)
