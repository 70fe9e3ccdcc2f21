package duckdb

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// rowsOf describes the rows of a source of facts: the CTE that holds them, the
// one that holds their aggregates, and the measures that exist there.
type rowsOf struct {
	rows, features string
	measures       []string
}

// rowSource returns the rows that a source's features are aggregated over.
func rowSource(s model.Source) (rowsOf, bool) {
	switch s {
	case model.FromOrders:
		return rowsOf{"valid_orders", "order_features", []string{"amount", "discount_amount", "day"}}, true
	case model.FromItems:
		return rowsOf{"valid_items", "item_features", []string{"order_id", "sku", "category", "unit_price"}}, true
	case model.FromTickets:
		return rowsOf{"seen_tickets", "ticket_features", []string{"reply_hours"}}, true
	case model.FromEvents:
		return rowsOf{"seen_events", "event_features", []string{"day", "sku"}}, true
	case model.FromResponses:
		return rowsOf{"aligned_answers", "answer_features", []string{"points"}}, true
	case model.FromIncidents:
		return rowsOf{"seen_incidents", "incident_features", []string{"severity"}}, true
	case model.FromSatisfaction, model.FromDrift, model.FromPurchases, model.FromContracts, model.FromProfile, model.FromFeatures:
	}
	return rowsOf{}, false
}

// gapSource names the rows of the gap aggregates; it is no source of the
// catalogue.
const gapSource model.Source = "gaps"

// computedSet returns the CTE of a computed source and its columns.
func computedSet(s model.Source) (set string, columns []string, ok bool) {
	switch s {
	case model.FromSatisfaction:
		return "satisfaction", []string{"index", "standard_error", "answers"}, true
	case model.FromDrift:
		return "drift", []string{"first", "second", "combined", "expected", "rhythm", "satisfaction", "statistic", "state"}, true
	case model.FromPurchases:
		return "purchase_outlook", []string{"p_alive", "p_no_order", "no_order_log_odds", "expected_orders"}, true
	case model.FromContracts:
		return "contract_terms", []string{"running", "price", "age_days", "days_to_renewal", "term"}, true
	case model.FromProfile:
		return "profile", []string{"channel", "region", "tier", "plan", "industry", "language"}, true
	case model.FromOrders, model.FromItems, model.FromTickets, model.FromEvents, model.FromResponses,
		model.FromIncidents, model.FromFeatures:
	}
	return "", nil, false
}

// plan collects what a list of features needs.
type plan struct {
	asOf       time.Time
	lookback   time.Duration
	since      time.Time
	definition model.DefinitionKind
	asked      []model.Feature
	placed     map[string]model.Feature
	groups     map[model.Source]int
	view       featureView
}

// column adds a feature of the answer.
func (p *plan) column(f model.Feature) error {
	if _, err := warehouse.Ident(f.Name); err != nil {
		return err
	}
	c := columnView{Name: f.Name, Aggregate: string(f.Aggregate), Floor: f.Floor, Levels: f.Levels}
	switch f.Aggregate {
	case model.Ratio, model.Difference, model.RelativeChange:
		if len(f.Of) != 2 {
			return fmt.Errorf("%s of %d features, want 2", f.Aggregate, len(f.Of))
		}
		if f.Aggregate != model.Difference && !(f.Floor > 0) {
			return fmt.Errorf("%s needs a floor above 0", f.Aggregate)
		}
		for _, name := range f.Of {
			if err := p.part(f, name); err != nil {
				return err
			}
		}
		c.First, c.Second = f.Of[0], f.Of[1]
		c.Money = p.placed[c.First].Aggregate == model.Sum
	default:
		if err := p.place(f); err != nil {
			return err
		}
	}
	p.view.Columns = append(p.view.Columns, c)
	return nil
}

// part places a feature that a derived one is made from.
func (p *plan) part(f model.Feature, name string) error {
	of, ok := p.featureOf(name)
	if !ok {
		return fmt.Errorf("is made from %s, which is not in the catalogue", name)
	}
	if f.Aggregate == model.RelativeChange {
		if of.Source != model.FromOrders || of.Aggregate != model.Count && of.Aggregate != model.Sum {
			return fmt.Errorf("is a change of %s, which is no count or sum over orders", name)
		}
		if !slices.Contains(p.view.Totals, name) {
			p.view.Totals = append(p.view.Totals, name)
		}
	}
	return p.place(of)
}

func (p *plan) featureOf(name string) (model.Feature, bool) {
	for _, f := range p.asked {
		if f.Name == name {
			return f, true
		}
	}
	return model.FeatureOf(p.definition, name)
}

// place makes sure that a measured feature is computed.
func (p *plan) place(f model.Feature) error {
	if _, done := p.placed[f.Name]; done {
		return nil
	}
	p.placed[f.Name] = f
	m := measuredView{Name: f.Name, Column: f.Name, Zero: f.MissingIsZero && !f.Levels}
	if f.Aggregate == model.ColumnOf {
		set, columns, ok := computedSet(f.Source)
		if !ok || !slices.Contains(columns, f.Measure) {
			return fmt.Errorf("%s has no column %s", f.Source, f.Measure)
		}
		m.Set, m.Column = set, f.Measure
	} else {
		group, err := p.aggregate(f)
		if err != nil {
			return err
		}
		m.Set = group
	}
	if !slices.Contains(p.view.Sets, m.Set) {
		p.view.Sets = append(p.view.Sets, m.Set)
	}
	p.view.Measured = append(p.view.Measured, m)
	return nil
}

// aggregate adds a feature to the group of its rows and returns the group.
func (p *plan) aggregate(f model.Feature) (string, error) {
	source, ok := rowSource(f.Source)
	if !ok {
		return "", fmt.Errorf("source %s has no rows", f.Source)
	}
	key := f.Source
	switch f.Aggregate {
	case model.GapMean, model.GapSD, model.GapMax, model.GapLast:
		if f.Source != model.FromOrders {
			return "", fmt.Errorf("%s is over orders alone", f.Aggregate)
		}
		key, source = gapSource, rowsOf{rows: "order_days", features: "gap_features"}
	case model.Sum, model.Mean, model.Max, model.Last, model.Distinct:
		if !slices.Contains(source.measures, f.Measure) {
			return "", fmt.Errorf("%s has no measure %s", f.Source, f.Measure)
		}
	case model.Count, model.DaysSinceLast, model.DaysSinceFirst:
	default:
		return "", fmt.Errorf("unknown aggregate %s", f.Aggregate)
	}
	view := p.windowed(f)
	if f.Source == model.FromOrders && f.Aggregate == model.Distinct && f.Measure == "day" {
		// The days are there already, one row each: count these instead.
		key, source = gapSource, rowsOf{rows: "order_days", features: "gap_features"}
		view.Aggregate = string(model.Count)
	}
	i, ok := p.groups[key]
	if !ok {
		i = len(p.view.Groups)
		p.groups[key] = i
		p.view.Groups = append(p.view.Groups, groupView{Name: source.features, Rows: source.rows})
	}
	p.view.Groups[i].Features = append(p.view.Groups[i].Features, view)
	return source.features, nil
}

// windowed returns the feature's rows as instants; no window means the
// lookback.
func (p *plan) windowed(f model.Feature) aggregateView {
	window := time.Duration(f.Window) * model.Day
	if f.Window == 0 {
		window = p.lookback
	}
	to := p.asOf.Add(-time.Duration(f.Offset) * model.Day)
	from := to.Add(-window)
	p.since = earlier(p.since, from)
	return aggregateView{
		Name: f.Name, Aggregate: string(f.Aggregate), Measure: f.Measure, Only: f.Only,
		AsOf: p.asOf, From: from, To: to, Bounded: f.Offset > 0,
	}
}

// sources returns the rows and sets that the plan reads, with what they in
// turn are made from.
func (p *plan) sources() map[string]bool {
	used := map[string]bool{}
	for source := range p.groups {
		used[string(source)] = true
	}
	for _, m := range p.view.Measured {
		switch m.Set {
		case "satisfaction", "drift":
			used[m.Set], used["responses"] = true, true
		case "purchase_outlook":
			used["purchases"] = true
		case "contract_terms":
			used["contracts"] = true
		case "profile":
			used["profile"] = true
		}
	}
	return used
}

func seedText(seed uint64) string { return strconv.FormatUint(seed, 10) }
