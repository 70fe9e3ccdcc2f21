package scoring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
)

// leastPast is the least number of past judgements that a threshold is chosen
// on and odds are fitted on.
const leastPast = 500

// fitShop fits the shop's common movement and noise as of an instant. The
// threshold is the one that steady customers of this shop would need; a
// model's own is chosen on history.
func (s *Service) fitShop(ctx context.Context, asOf time.Time, sat model.SatisfactionParameters, labels bool) (model.DriftParameters, []model.Cycles, error) {
	out := model.DriftParameters{
		CycleDays: s.settings.CycleDays, Dispersion: 1,
		Threshold: drift.NormalThreshold(s.settings.FalseAlarms), Depth: drift.DefaultDepth,
	}
	for i := range out.Movement {
		out.Movement[i] = 1
	}
	cycles, err := s.warehouse.Cycles(ctx, model.CyclesQuery{
		AsOf: asOf, Definition: s.settings.Definition, CycleDays: s.settings.CycleDays,
		Satisfaction: sat, Labels: labels, MaxRows: s.sampleRows(), Seed: s.settings.Seed,
	})
	if err != nil || len(cycles) == 0 {
		return out, nil, err
	}
	if err := s.fitRhythm(ctx, cycles, &out); err != nil {
		return out, nil, err
	}
	histories := asHistories(cycles)
	shop, err := drift.Fit(histories)
	switch {
	case errors.Is(err, drift.ErrNoHistory): // nobody has a level to be judged against
		return out, nil, nil
	case err != nil:
		return out, nil, s.fitError(ctx, "drift", err)
	}
	out.Level, out.Prior, out.Dispersion, out.Movement = shop.Level, shop.Prior, shop.Dispersion, shop.Movement
	out.Threshold = shop.SteadyThreshold(histories, s.settings.FalseAlarms, s.settings.Seed)
	return out, cycles, s.fitAnswers(ctx, cycles, sat, &out)
}

// fitAnswers fits by how much answers vary, and how they move with the shop.
func (s *Service) fitAnswers(ctx context.Context, cycles []model.Cycles, sat model.SatisfactionParameters, out *model.DriftParameters) error {
	dispersion, err := drift.FitAnswerDispersion(asSurveys(cycles, sat, model.DriftParameters{CycleDays: out.CycleDays}))
	if err != nil {
		return s.fitError(ctx, "drift: answers", err)
	}
	out.AnswerDispersion = dispersion
	surveys := asSurveys(cycles, sat, *out)
	answers := make([]drift.Answers, len(surveys))
	for i, survey := range surveys {
		answers[i] = survey.Cycles()
	}
	shift, err := drift.FitShift(answers)
	if err != nil {
		return s.fitError(ctx, "drift", err)
	}
	out.Shift = shift.Points
	return nil
}

// fitRhythm fits what gaps between orders have in common. Without two gaps
// of anybody nobody is judged by his own rhythm.
func (s *Service) fitRhythm(ctx context.Context, cycles []model.Cycles, out *model.DriftParameters) error {
	gaps := make([]drift.Gaps, len(cycles))
	for i, c := range cycles {
		gaps[i] = drift.Gaps{Count: max(c.Days[0].Count-1, 0), Mean: c.UsualGapDays, Variance: c.GapVariance}
	}
	rhythm, err := drift.FitRhythm(gaps)
	switch {
	case errors.Is(err, drift.ErrNoHistory):
		return nil
	case err != nil:
		return s.fitError(ctx, "drift: rhythm", err)
	}
	out.Gap, out.GapPrior, out.GapDispersion = rhythm.Gap, rhythm.Prior, rhythm.Dispersion
	return nil
}

// asHistories restates cycles in the words of model/drift.
func asHistories(cycles []model.Cycles) []drift.History {
	histories := make([]drift.History, len(cycles))
	for i, c := range cycles {
		histories[i] = drift.History{Orders: c.Orders, Present: c.Present}
	}
	return histories
}

// asSurveys restates answers likewise. Prior is how close levels lie to the mean
// of their cohort, so that this is what a customer's own is drawn to.
func asSurveys(cycles []model.Cycles, sat model.SatisfactionParameters, p model.DriftParameters) []drift.Survey {
	surveys := make([]drift.Survey, len(cycles))
	for i, c := range cycles {
		surveys[i] = drift.Survey{
			Count: c.AnswerCount, Mean: c.AnswerMean, WaveCount: c.WaveCount, WaveMean: c.WaveMean, WaveAge: c.WaveAge,
			CycleDays: float64(p.CycleDays), Level: c.AnswerLevel, Within: sat.Within, Prior: sat.PriorAnswers,
		}.Dispersed(p.AnswerDispersion)
	}
	return surveys
}

// fitDrift chooses the threshold on past instants with complete labels,
// measures what declines mean, and counts the states as of asOf.
func (s *Service) fitDrift(ctx context.Context, line *timeline, start, asOf time.Time) (model.DriftReport, error) {
	report := model.DriftReport{
		AsOf: asOf, CycleDays: s.settings.CycleDays, FalseAlarmsAllowed: s.settings.FalseAlarms,
		States: map[model.DriftState]int{}, Signals: []model.DriftSignal{}, Customers: []model.DriftCustomer{}, Warnings: []string{},
	}
	for _, state := range []model.DriftState{model.Stable, model.Wobbling, model.Drifting, model.Recovering, model.Silent} {
		report.States[state] = 0
	}
	history, err := s.driftHistory(ctx, line, start, asOf)
	if err != nil {
		return report, err
	}
	if len(history) == 0 {
		report.Status = model.PartStatus{Status: statusNoData, Needs: []string{
			fmt.Sprintf("orders over at least three cycles of %d days", s.settings.CycleDays),
		}}
		return report, nil
	}
	report.Status = model.PartStatus{Status: statusOK}
	report.Parameters = history[len(history)-1].drift
	past := judgeAll(history, ruleOf(report.Parameters))
	if err := s.chooseThresholds(ctx, history, past, &report); err != nil {
		return report, err
	}
	judged := judgeAll(history, ruleOf(report.Parameters))
	report.Signals = countSignals(report.Signals, judged[len(judged)-1])
	if err := s.driftOdds(ctx, history, judged, &report); err != nil {
		return report, err
	}
	left, err := s.moments(ctx, asOf)
	if err != nil {
		return report, err
	}
	if err := s.driftLead(history, judged, left, &report); err != nil {
		return report, err
	}
	if report.OrderDecline, err = s.fitOrderDecline(ctx, history, left); err != nil {
		return report, err
	}
	for _, j := range judged[len(judged)-1] {
		report.States[model.DriftState(j.state)]++
	}
	return report, nil
}

func leadTimeOf(report model.DriftReport) model.LeadTime { return report.Lead }

// Drift returns the drift of the active model's shop as of an instant (zero:
// the published snapshot's, else the watermark), with the customers who are
// not stable, worst first.
func (s *Service) Drift(ctx context.Context, asOf time.Time) (model.DriftReport, error) {
	_, file, err := s.load(ctx, 0)
	if err != nil {
		return model.DriftReport{}, err
	}
	if !asOf.IsZero() && asOf.Before(file.AsOf) {
		_, then, err := s.trainedBy(ctx, asOf, func(f *File) bool { return f.Drift.Status.Status == statusOK })
		if err != nil {
			return model.DriftReport{}, err
		}
		if then != nil {
			file = then
		}
	}
	warnings := hindsight(file, asOf)
	if asOf.IsZero() {
		warnings = nil
	}
	if asOf, err = s.snapshotOr(ctx, asOf, file.Definition); err != nil {
		return model.DriftReport{}, err
	}
	report := file.Drift
	report.Warnings = append(slices.Clone(report.Warnings), warnings...)
	if report.Status.Status != statusOK {
		return report, nil
	}
	return s.as(file).driftNow(ctx, asOf, report)
}
