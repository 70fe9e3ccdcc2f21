package duckdb

import (
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// defaultLookback is the lookback of a definition that names none.
const defaultLookback = 365 * model.Day

// featureView is what the templates of sql/features are rendered from.
type featureView struct {
	AsOf     time.Time
	LabelEnd time.Time
	// Aftermath is from when on what retention did still tells in a label.
	Aftermath time.Time
	// Lookback and Since are where eligibility and the longest window begin.
	Lookback, Since time.Time

	Cancellation, Labels, Values, Everyone, Restricted bool
	HorizonMicros                                      int64

	MaxRows int
	Seed    string

	Groups   []groupView
	Sets     []string
	Measured []measuredView
	Columns  []columnView
	// Totals are the measured features whose totals over the shop are needed.
	Totals []string

	satisfactionView
	driftView
	purchaseView

	// Own are the user's pain points whose rules the features carry.
	Own []ownView

	sources map[string]bool
}

// Uses reports whether a source of rows, or a computed set, is needed.
func (v featureView) Uses(source string) bool { return v.sources[source] }

// groupView is a set of features that are aggregated over the same rows.
type groupView struct {
	Name, Rows string
	Features   []aggregateView
}

// aggregateView is a feature as an aggregate over rows in [From, To).
type aggregateView struct {
	Name               string
	Aggregate, Measure string
	Only               string
	AsOf, From, To     time.Time
	Bounded            bool
}

// measuredView is where a measured feature stands: a column of a set.
type measuredView struct {
	Name, Set, Column string
	Zero              bool
}

// columnView is a feature of the answer, measured or made from measured ones.
type columnView struct {
	Name, Aggregate string
	First, Second   string
	Floor           float64
	Money, Levels   bool
}

// viewOf plans the SQL of a panel: which sources are read, which aggregates
// are taken of them, and how the features asked for are made of these.
func viewOf(q model.PanelQuery) (featureView, error) {
	asOf := q.AsOf.UTC()
	lookback := q.Definition.Lookback
	if lookback <= 0 {
		lookback = defaultLookback
	}
	p := plan{
		asOf: asOf, lookback: lookback, since: asOf.Add(-lookback),
		definition: q.Definition.Kind, asked: q.Features, placed: map[string]model.Feature{},
		groups: map[model.Source]int{},
	}
	for _, f := range q.Features {
		if err := p.column(f); err != nil {
			return featureView{}, model.Wrap(model.KindInvalid, "feature "+f.Name, err)
		}
	}
	v := p.view
	incidents, err := incidentsViewOf(asOf, ownOf(q.Features))
	if err != nil {
		return featureView{}, err
	}
	v.Own = incidents.Own
	v.AsOf, v.LabelEnd, v.Lookback = asOf, asOf.Add(q.Definition.Horizon), asOf.Add(-lookback)
	v.Aftermath = asOf.Add(-q.Definition.Horizon)
	v.Cancellation, v.Labels, v.Values = q.Definition.Kind == model.Cancellation, q.Labels, q.Values
	v.HorizonMicros = q.Definition.Horizon.Microseconds()
	v.Restricted = q.Customers != nil
	v.MaxRows, v.Seed = q.MaxRows, seedText(q.Seed)
	if v.satisfactionView, err = satisfactionViewOf(q.Parameters.Satisfaction); err != nil {
		return featureView{}, err
	}
	v.driftView = driftViewOf(asOf, q.Parameters.Drift, q.Parameters.Satisfaction)
	v.purchaseView = purchaseViewOf(q.Parameters.Purchases, q.Definition.Horizon)
	v.sources = p.sources()
	if v.Values {
		v.sources["purchases"], v.sources["contracts"] = true, v.sources["contracts"] || v.Cancellation
	}
	v.Since = p.since
	if v.sources["drift"] {
		v.Since = earlier(v.Since, v.Cycles[0].From)
	}
	slices.Sort(v.Sets)
	return v, nil
}

// cyclesViewOf plans the SQL of the cycles before an instant.
func cyclesViewOf(q model.CyclesQuery) (featureView, error) {
	v, err := viewOf(model.PanelQuery{
		AsOf: q.AsOf, Definition: q.Definition, Labels: q.Labels, MaxRows: q.MaxRows, Seed: q.Seed,
		Parameters: model.FeatureParameters{
			Satisfaction: q.Satisfaction, Drift: model.DriftParameters{CycleDays: q.CycleDays},
		},
	})
	if err != nil {
		return featureView{}, err
	}
	v.sources = map[string]bool{"responses": true, "drift": true}
	v.Since = earlier(v.Since, v.Cycles[0].From)
	return v, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
