package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

// statusInsufficient is that of an answer that too few incidents stand behind.
const statusInsufficient = "insufficient_evidence"

// notCausal says what a what-if is.
const notCausal = "not causal: no experiment backs this. It is what goes with fewer incidents among otherwise like customers; " +
	"what stands behind both, such as a region that is hard to reach, would not go away with them"

// WhatIf says what the model expects to change within its horizon if each
// incident of a pain point of the last weeks were removed with the probability
// reduce: as of the published snapshot by the model that made it, or with
// asOf by the active model then.
//
// An unknown pain point is KindNotFound, a share outside [0, 1] KindInvalid.
func (s *Service) WhatIf(ctx context.Context, name string, reduce float64, asOf time.Time) (model.WhatIf, error) {
	if !(reduce >= 0 && reduce <= 1) {
		return model.WhatIf{}, model.Errorf(model.KindInvalid, "reduce %v: want a share from 0 to 1", reduce)
	}
	version, file, asOf, err := s.whatIfModel(ctx, asOf)
	if err != nil {
		return model.WhatIf{}, err
	}
	detector, err := s.detector(ctx, file, name, asOf)
	if err != nil {
		return model.WhatIf{}, err
	}
	out := model.WhatIf{
		PainPoint: name, Label: detector.Label, Reduce: reduce, Model: version, AsOf: asOf,
		HorizonDays: file.HorizonDays, LabelDefinition: file.definition().Label(),
		Status: model.PartStatus{Status: statusOK}, Note: notCausal, Warnings: hindsight(file, asOf),
	}
	t, err := s.newThinning(ctx, file, name, asOf)
	if err != nil {
		return out, err
	}
	if t.worths, err = s.readWorths(ctx, t.panel.Customers, asOf); err != nil {
		return out, err
	}
	w := weightOf(file, name)
	if t.answering, t.unanswered, err = s.readAnswering(ctx, t, w, asOf); err != nil {
		return out, err
	}
	t.count(&out)
	if err := t.expect(&out, file, w); err != nil {
		return out, s.fitError(ctx, "what if", err)
	}
	return out, nil
}

// whatIfModel returns the model and the instant that a question is about.
func (s *Service) whatIfModel(ctx context.Context, asOf time.Time) (int, *File, time.Time, error) {
	snapshot, err := s.warehouse.Snapshot(ctx)
	if err != nil && model.KindOf(err) != model.KindNoData {
		return 0, nil, asOf, err
	}
	if err == nil && (asOf.IsZero() || asOf.Equal(snapshot.AsOf)) {
		if _, file, err := s.load(ctx, snapshot.Model); err == nil && file.Risk.Predictor != nil {
			return snapshot.Model, file, snapshot.AsOf, nil
		}
	}
	stored, file, err := s.riskModel(ctx)
	if err != nil {
		return 0, nil, asOf, err
	}
	asOf, err = s.snapshotOr(ctx, asOf, file.Definition)
	return stored.Version, file, asOf, err
}

// detector finds a pain point by its name.
func (s *Service) detector(ctx context.Context, file *File, name string, asOf time.Time) (model.Detector, error) {
	all, err := s.warehouse.Detectors(ctx, asOf, file.ownPainPoints()...)
	if err != nil {
		return model.Detector{}, err
	}
	names := make([]string, len(all))
	for i, d := range all {
		if d.Name == name {
			return d, nil
		}
		names[i] = d.Name
	}
	return model.Detector{}, model.Errorf(model.KindNotFound, "there is no pain point %q: want one of %s", name, strings.Join(names, ", "))
}

// weightOf returns the weight of a pain point in a model, nil for none.
func weightOf(file *File, name string) *model.PainPointWeight {
	i := slices.IndexFunc(file.PainPoints.Weights, func(w model.PainPointWeight) bool { return w.Name == name })
	if i < 0 {
		return nil
	}
	return &file.PainPoints.Weights[i]
}

// count says how many are concerned.
func (t *thinning) count(out *model.WhatIf) {
	out.Customers, out.WindowDays = t.eligible, t.features[len(t.features)-1].Window
	for row := range t.panel.Customers {
		out.Affected++
		out.Incidents += t.counts(row)[len(t.features)-1]
	}
	out.Removed = out.Reduce * float64(out.Incidents)
	out.Counted, out.NotCounted = []string{}, []string{}
	if len(t.used) > 0 {
		out.Counted = append(out.Counted, "incidents of the last days, as the risk model sees them: "+strings.Join(t.used, ", "))
	}
	if t.answering != nil {
		out.Counted = append(out.Counted, fmt.Sprintf("satisfaction: answers given after these incidents, each %+.1f points by incident: %s",
			-t.answering.weight.Value, strings.Join(t.answering.used(), ", ")))
		out.NotCounted = append(out.NotCounted, "satisfaction beyond these answers: what who did not answer felt, and how the drift of answers would look")
	} else {
		out.NotCounted = append(out.NotCounted, "satisfaction, what customers would have answered without the incidents: "+t.unanswered)
	}
	out.NotCounted = append(out.NotCounted, "orders: what they would have bought, and how their rhythm and drift would look")
}

// expect fills in the changes, or says what is missing.
func (t *thinning) expect(out *model.WhatIf, file *File, w *model.PainPointWeight) error {
	if need := lacking(w); need != "" {
		out.Status = model.PartStatus{Status: statusInsufficient, Needs: []string{need}}
		return nil
	}
	if t.unvalued > 0 {
		out.Warnings = append(out.Warnings, t.withoutValue())
	}
	if t.unspread > 0 {
		out.Warnings = append(out.Warnings, t.withoutSpread())
	}
	var err error
	if out.ByWeight, err = t.byWeight(out, file, w); err != nil {
		return err
	}
	if out.ByWeight == nil {
		out.Warnings = append(out.Warnings, "there is no unpenalised weight to hold it against: "+strings.Join(w.Warnings, "; "))
	}
	if len(t.used) == 0 {
		out.Status = model.PartStatus{Status: statusInsufficient, Needs: []string{
			fmt.Sprintf("a risk model with %s among its features: model %d has none", out.PainPoint, out.Model),
		}}
		return nil
	}
	if err = t.byModel(out); err != nil {
		return err
	}
	out.Warnings = append(out.Warnings, apart(out)...)
	return nil
}

// lacking says what evidence is missing for any answer, "" for none.
func lacking(w *model.PainPointWeight) string {
	switch {
	case w == nil:
		return "incidents: none was known when the model was trained"
	case w.ChurnExposed < leastExposed:
		return fmt.Sprintf("%d customers with an incident in the training panel, there were %d", leastExposed, w.ChurnExposed)
	}
	return ""
}

// apart warns where the predictor and the weight do not say the same.
func apart(out *model.WhatIf) (warnings []string) {
	if out.ByWeight == nil || out.Churn == nil || out.ByWeight.Churn == nil {
		return nil
	}
	a, b := out.Churn.Customers, out.ByWeight.Churn.Customers
	if spread := math.Hypot(a.StandardError, b.StandardError); math.Abs(a.Value-b.Value) > estimate.Quantile(a.Confidence)*spread {
		warnings = append(warnings, fmt.Sprintf(
			"the risk model expects %+.1f customers, the unpenalised weight %+.1f: the answer leans on the model", a.Value, b.Value))
	}
	if a.Contains(0) {
		warnings = append(warnings, "the interval holds 0: that fewer incidents go with less churn is not shown")
	}
	return warnings
}
