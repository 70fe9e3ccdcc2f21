package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/touchpoint"
	"github.com/churnwatch/churnwatch/scoring/journey"
)

// touchpointLevel is the false discovery rate of the ranking.
const touchpointLevel = 0.10

// Touchpoints ranks the touchpoints and moments of the journey by how strongly
// they go with churn in the horizon after them, as of an instant (zero: the
// watermark): only what was known before it and labels that were complete
// before it are read. Nothing is stored.
func (s *Service) Touchpoints(ctx context.Context, asOf time.Time) (model.TouchpointReport, error) {
	asOf, err := s.at(ctx, asOf, s.settings.Definition.Kind)
	if err != nil {
		return model.TouchpointReport{}, err
	}
	all, err := journey.Moments()
	if err != nil {
		return model.TouchpointReport{}, model.Wrap(model.KindInternal, "touchpoints", err)
	}
	t := &journeyPanels{service: s, window: int(s.settings.Calendar.Step / model.Day)}
	if err := t.find(ctx, asOf, all); err != nil {
		return model.TouchpointReport{}, err
	}
	if err := t.read(ctx, asOf); err != nil {
		return model.TouchpointReport{}, err
	}
	ranked, err := touchpoint.Rank(t.rows(), t.columns(), touchpoint.Options{Level: touchpointLevel})
	if err != nil {
		return model.TouchpointReport{}, model.Wrap(model.KindInternal, "touchpoints", err)
	}
	return t.report(asOf, all, ranked), nil
}

// journeyPanels are labelled panels of what came to customers in the window
// before each cutoff.
type journeyPanels struct {
	service *Service
	window  int
	// found are the moments that the facts hold.
	found    []journey.Moment
	features []model.Feature
	panels   []*model.Panel
	// treatment says whom retention touched; nil for nobody.
	treatment *model.TreatmentReport
}

// find keeps the moments that any fact before asOf makes: what is not there
// need not be looked for at every cutoff.
func (t *journeyPanels) find(ctx context.Context, asOf time.Time, all []journey.Moment) error {
	rules := make([]model.PainPoint, 0, len(all))
	for _, m := range all {
		rules = append(rules, momentRule(m.Name, m.Happened, t.window))
	}
	detected, err := t.service.warehouse.Detectors(ctx, asOf, rules...)
	if err != nil {
		return err
	}
	for _, f := range model.Catalogue(t.service.settings.Definition.Kind) {
		if f.Source == model.FromOrders && f.Only == "" && f.Offset == 0 {
			switch f.Aggregate {
			case model.DaysSinceLast, model.DaysSinceFirst, model.Count:
				t.features = append(t.features, f)
			default:
			}
		}
	}
	for i, m := range all {
		at := slices.IndexFunc(detected, func(d model.Detector) bool { return d.Name == rules[i].Name })
		if at < 0 || detected[at].Incidents == 0 {
			continue
		}
		t.found = append(t.found, m)
		t.features = append(t.features, rules[i].Feature())
		if m.Kind == model.TouchpointKind {
			t.features = append(t.features, momentRule(answersAt(m.Name), m.Among, t.window).Feature())
		}
	}
	return nil
}

// momentRule names a moment apart from all pain points.
func momentRule(name string, rule model.IncidentRule, window int) model.PainPoint {
	return model.PainPoint{Name: "journey_" + name, Label: name, WindowDays: window, Rule: rule}
}

func answersAt(name string) string { return name + "_answers" }

// read makes the panels of every cutoff whose labels were complete before asOf.
func (t *journeyPanels) read(ctx context.Context, asOf time.Time) error {
	s := t.service
	start, err := s.start(ctx, asOf)
	if err != nil {
		return err
	}
	cutoffs := s.settings.Calendar.Cutoffs(start, asOf, s.settings.Definition.Horizon)
	most := 0
	if s.settings.MaxRows > 0 {
		most = max(leastInner, s.settings.MaxRows/max(1, len(cutoffs)))
	}
	for _, cutoff := range cutoffs {
		panel, err := s.warehouse.Panel(ctx, model.PanelQuery{
			AsOf: cutoff, Definition: s.settings.Definition, Features: t.features, Labels: true, MaxRows: most, Seed: s.settings.Seed,
		})
		if err != nil {
			return err
		}
		if panel.Rows() > 0 {
			t.panels = append(t.panels, panel)
		}
	}
	if len(t.panels) == 0 {
		return model.Errorf(model.KindNoData, "the history begins on %s: no label of %d days is complete before %s for anybody who is eligible",
			start.Format(time.DateOnly), s.settings.Definition.HorizonDays(), asOf.Format(time.DateOnly))
	}
	t.panels, t.treatment = leaveOut(t.panels)
	return nil
}

// rows returns who churned, and how active everybody was.
func (t *journeyPanels) rows() touchpoint.Rows {
	code := customerCodes(t.panels)
	var out touchpoint.Rows
	for _, p := range t.panels {
		out.Churned = append(out.Churned, p.Churned...)
		for _, id := range p.Customers {
			out.Customer = append(out.Customer, code[id])
		}
	}
	out.Weight = weightsOf(t.panels)
	for _, shapes := range controlShapes() {
		out.Activity = append(out.Activity, churnControls(t.panels, shapes))
	}
	for f, feature := range t.panels[0].Features {
		if feature.Source == model.FromOrders && feature.Aggregate == model.DaysSinceLast && !constant(columnOf(t.panels, f)) {
			days := finite(columnOf(t.panels, f).Numbers)
			out.Recency = append(out.Recency, [][]float64{mapped(days, math.Log1p), mapped(days, math.Sqrt)}, [][]float64{mapped(days, math.Log1p)})
			break
		}
	}
	return out
}

// mapped applies a function to numbers of at least 0.
func mapped(numbers []float64, f func(float64) float64) []float64 {
	out := make([]float64, len(numbers))
	for i, v := range numbers {
		out[i] = f(math.Max(0, v))
	}
	return out
}

// columns returns what came to everybody in the window.
func (t *journeyPanels) columns() []touchpoint.Moment {
	counts := func(name string) []float64 {
		at := slices.IndexFunc(t.features, func(f model.Feature) bool { return f.Only == "journey_"+name })
		return finite(columnOf(t.panels, at).Numbers)
	}
	out := make([]touchpoint.Moment, len(t.found))
	for i, m := range t.found {
		out[i] = touchpoint.Moment{Name: m.Name, Happened: counts(m.Name), Recency: m.Recency}
		if m.Kind == model.TouchpointKind {
			out[i].Among = counts(answersAt(m.Name))
		}
	}
	return out
}

func (t *journeyPanels) report(asOf time.Time, all []journey.Moment, ranked []touchpoint.Association) model.TouchpointReport {
	out := model.TouchpointReport{
		AsOf: asOf, WindowDays: t.window, HorizonDays: t.service.settings.Definition.HorizonDays(),
		Customers: len(customerCodes(t.panels)), FalseDiscoveryRate: touchpointLevel,
		Touchpoints: []model.Touchpoint{}, Warnings: []string{},
	}
	if t.treatment != nil {
		out.Warnings = append(out.Warnings, t.treatment.Says)
	}
	for _, p := range t.panels {
		out.Cutoffs, out.Rows = append(out.Cutoffs, p.AsOf), out.Rows+p.Rows()
	}
	for _, a := range ranked {
		at := slices.IndexFunc(all, func(m journey.Moment) bool { return m.Name == a.Name })
		out.Touchpoints = append(out.Touchpoints, described(all[at], a, len(out.Touchpoints)+1, out.Customers))
	}
	for _, m := range all {
		if !slices.ContainsFunc(t.found, func(f journey.Moment) bool { return f.Name == m.Name }) {
			out.Touchpoints = append(out.Touchpoints, described(m, touchpoint.Association{
				Reason: "none is known before " + asOf.Format(time.DateOnly), Rate: math.NaN(), Others: math.NaN(),
			}, 0, out.Customers))
		}
	}
	first := t.panels[0].AsOf
	for _, m := range t.found {
		if m.Happened.Nth > 0 {
			out.Warnings = append(out.Warnings, fmt.Sprintf(
				"what is first, second or third is counted in what is known: customers whose history begins before the data, the oldest of which are labelled from %s on, are told too new", first.Format(time.DateOnly)))
			break
		}
	}
	return out
}

// described puts an association in the words of its moment.
func described(m journey.Moment, a touchpoint.Association, rank, customers int) model.Touchpoint {
	out := model.Touchpoint{
		Kind: m.Kind, Name: m.Name, Label: m.Label, Status: model.TouchpointNotEnough, StatusReason: a.Reason,
		ComparedWith: m.ComparedWith, GoesWith: "neither", Events: a.Events, Customers: a.Customers,
		ChurnRate: known(a.Rate), ChurnRateOthers: known(a.Others), Warnings: []string{},
	}
	if customers > 0 {
		out.ShareOfCustomers = known(float64(a.Customers) / float64(customers))
	}
	if !a.Fitted {
		return out
	}
	odds := a.LogOdds.Exp()
	out.Status, out.Rank = model.TouchpointOK, &rank
	out.ChurnLogOdds, out.OddsRatio, out.PValue, out.QValue = &a.LogOdds, &odds, &a.P, &a.Q
	out.Warnings = append(out.Warnings, a.Warnings...)
	if a.Beside == 0 {
		out.Warnings = append(out.Warnings, "nothing that tells how active customers are could be held constant")
		if m.Kind == model.JourneyMoment {
			out.ComparedWith = "all customers without it"
		}
	}
	switch {
	case a.Discovery && a.LogOdds.Value > 0:
		out.GoesWith = "churn"
	case a.Discovery:
		out.GoesWith = "staying"
	}
	return out
}

// known returns a number, nil for NaN.
func known(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}
