package scoring

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/painpoint"
)

// thinning holds the customers with incidents of one pain point, and which of
// the predictor's features would be others without them.
type thinning struct {
	file     *File
	eligible int
	// features count the incidents, the shortest window first, and at is where
	// they stand in the panel.
	features []model.Feature
	at       []int
	// panel holds the customers with an incident, and position where the
	// predictor's features stand in it.
	panel    *model.Panel
	position []int
	derived  []derivation
	// used names the predictor's features that change.
	used         []string
	satisfaction model.SatisfactionParameters
	// answering is the way by satisfaction, nil where it can't be followed, for
	// the reason unanswered.
	answering  *answering
	unanswered string
	worths
}

// derivation is a feature of the predictor that is made from counts of
// incidents.
type derivation struct {
	feature model.Feature
	in      int    // position in a row
	of      [2]int // positions in the panel
}

// newThinning reads who had incidents of a pain point before asOf, and the
// features of those.
func (s *Service) newThinning(ctx context.Context, file *File, name string, asOf time.Time) (*thinning, error) {
	t := &thinning{file: file}
	catalogue := file.catalogue()
	for _, f := range catalogue {
		if f.Source == model.FromIncidents && f.Only == name && f.Aggregate == model.Count && f.Offset == 0 {
			t.features = append(t.features, f)
		}
	}
	if len(t.features) == 0 {
		return nil, model.Errorf(model.KindNoData, "no feature counts incidents of %s", name)
	}
	slices.SortFunc(t.features, func(a, b model.Feature) int { return cmp.Compare(a.Window, b.Window) })
	parameters, err := s.parametersWith(ctx, file, asOf)
	if err != nil {
		return nil, err
	}
	t.satisfaction = parameters.Satisfaction
	query := model.PanelQuery{AsOf: asOf, Definition: file.definition(), Parameters: parameters, Features: t.features}
	everyone, err := s.warehouse.Panel(ctx, query)
	if err != nil {
		return nil, err
	}
	t.eligible = everyone.Rows()
	query.Customers = []string{}
	for row, id := range everyone.Customers {
		if everyone.Numbers[len(t.features)-1][row] > 0 {
			query.Customers = append(query.Customers, id)
		}
	}
	query.Features = t.wanted(catalogue)
	if t.panel, err = s.warehouse.Panel(ctx, query); err != nil {
		return nil, err
	}
	return t, t.place()
}

// wanted are the predictor's features, what they are made from, and the counts.
func (t *thinning) wanted(catalogue []model.Feature) []model.Feature {
	out := slices.Clone(t.file.Risk.Features)
	add := func(f model.Feature) {
		if !slices.ContainsFunc(out, func(g model.Feature) bool { return g.Name == f.Name }) {
			out = append(out, f)
		}
	}
	for _, f := range t.features {
		add(f)
	}
	for _, f := range t.file.Risk.Features {
		for _, of := range f.Of {
			if i := slices.IndexFunc(catalogue, func(g model.Feature) bool { return g.Name == of }); i >= 0 {
				add(catalogue[i])
			}
		}
	}
	return out
}

// place finds what changes in a row.
func (t *thinning) place() (err error) {
	if t.at, err = positions(t.panel, t.features); err != nil {
		return err
	}
	if t.position, err = positions(t.panel, t.file.Risk.Features); err != nil {
		return err
	}
	counts := map[string]bool{}
	for _, f := range t.features {
		counts[f.Name] = true
	}
	for in, f := range t.file.Risk.Features {
		made := f.Aggregate == model.Ratio || f.Aggregate == model.Difference
		switch {
		case counts[f.Name]:
			t.used = append(t.used, f.Name)
		case made && (counts[f.Of[0]] || counts[f.Of[1]]):
			d := derivation{feature: f, in: in}
			for k, of := range f.Of {
				d.of[k] = slices.IndexFunc(t.panel.Features, func(g model.Feature) bool { return g.Name == of })
				if d.of[k] < 0 {
					return model.Errorf(model.KindConflict, "feature %s is made from %s, which is not in the catalogue: train a new model with this version", f.Name, of)
				}
			}
			t.derived, t.used = append(t.derived, d), append(t.used, f.Name)
		}
	}
	return nil
}

// counts returns a customer's incidents in each window.
func (t *thinning) counts(row int) []int {
	out := make([]int, len(t.at))
	for k, at := range t.at {
		if v := t.panel.Numbers[at][row]; v > 0 {
			out[k] = int(math.Round(v))
		}
	}
	return out
}

// row writes a customer's features as they would be with other counts.
func (t *thinning) row(row int, counts []int, dst additive.Row) additive.Row {
	dst = rowOf(t.panel, t.position, row, dst)
	value := func(at int) float64 {
		if k := slices.Index(t.at, at); k >= 0 {
			return float64(counts[k])
		}
		return t.panel.Numbers[at][row]
	}
	for in, at := range t.position {
		if k := slices.Index(t.at, at); k >= 0 {
			dst[in].Number = float64(counts[k])
		}
	}
	for _, d := range t.derived {
		first, second := value(d.of[0]), value(d.of[1])
		if d.feature.Aggregate == model.Difference {
			dst[d.in].Number = first - second
		} else {
			dst[d.in].Number = first / math.Max(second, d.feature.Floor)
		}
	}
	return dst
}

// each calls visit with every number of incidents that may be left in each
// window and its probability: windows are nested, so those of a longer one are
// thinned beyond the shorter one alone.
func (t *thinning) each(counts []int, remove float64, visit func(left []int, chance float64)) error {
	left := make([]int, len(counts))
	var within func(window, inner int, chance float64) error
	within = func(window, inner int, chance float64) error {
		if window == len(counts) {
			visit(left, chance)
			return nil
		}
		shorter := 0
		if window > 0 {
			shorter = counts[window-1]
		}
		chances, err := painpoint.Thin(max(0, counts[window]-shorter), remove)
		if err != nil {
			return err
		}
		for k, p := range chances {
			if p == 0 {
				continue
			}
			left[window] = inner + k
			if err := within(window+1, inner+k, chance*p); err != nil {
				return err
			}
		}
		return nil
	}
	return within(0, 0, 1)
}

// whatIfLevel is the nominal coverage of a change's interval.
const whatIfLevel = 0.95

// byWeight is the change that the pain point's weight in log-odds expects, by
// the window that the weight was fitted on; nil without a weight.
func (t *thinning) byWeight(out *model.WhatIf, file *File, w *model.PainPointWeight) (*model.WhatIfChange, error) {
	if w.ChurnLogOdds == nil {
		return nil, nil
	}
	var e painpoint.Exposed
	var x additive.Row
	for row := range t.panel.Customers {
		counts := t.counts(row)
		x = t.row(row, counts, x)
		e.LogOdds = append(e.LogOdds, file.Risk.Predictor.LogOdds(x))
		e.Count = append(e.Count, counts[0])
	}
	weight := w.ChurnLogOdds.At(whatIfLevel)
	churn, err := painpoint.Fewer(e, weight, out.Reduce)
	if err != nil {
		return nil, err
	}
	e.Worth, e.Variance = t.worth, t.variance
	money, err := painpoint.Fewer(e, weight, out.Reduce)
	if err != nil {
		return nil, err
	}
	change := t.change(churn, money)
	return &change, nil
}

// change restates changes in customers and in money.
func (t *thinning) change(churn, money estimate.Estimate) model.WhatIfChange {
	out := model.WhatIfChange{Churn: &model.ChurnChange{Customers: churn, Share: scaled(churn, 1/math.Max(1, float64(t.eligible)))}}
	if t.worth != nil {
		risk, kept := model.NewRevenueChange(money), model.NewRevenueChange(scaled(money, -1))
		if t.variance == nil {
			risk, kept = risk.Unbounded(t.withoutSpread()), kept.Unbounded(t.withoutSpread())
		}
		out.RevenueAtRisk, out.Revenue = &risk, &kept
	}
	return out
}

// scaled returns by times an estimate.
func scaled(e estimate.Estimate, by float64) estimate.Estimate {
	// Adding 0 makes 0 of -0.
	e.Value, e.Low, e.High, e.StandardError = e.Value*by+0, e.Low*by+0, e.High*by+0, e.StandardError*math.Abs(by)
	if by < 0 {
		e.Low, e.High = e.High, e.Low
	}
	return e
}
