package duckdb_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/ingest/warehouse/warehousetest"
	"github.com/churnwatch/churnwatch/model"
)

// fiveOrders opens a store in which c0 ordered 10, 20, 30, 40 and 50 days
// apart: 160, 150, 130, 100 and 60 days before richEnd, twice on the last day,
// for 1, 2, 4, 8, 16 and 32.
func fiveOrders(t *testing.T) *duckdb.Store {
	t.Helper()
	s, err := duckdb.Open(t.Context(), duckdb.Options{Clock: clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var facts []warehousetest.Fact
	for i, days := range []int{160, 150, 130, 100, 60, 60} {
		at := richEnd.Add(-time.Duration(days)*model.Day + time.Duration(i)*time.Hour)
		facts = append(facts, warehousetest.Fact{
			Kind: model.Orders, KnownAt: at, SettledAt: at,
			Values: map[string]any{
				"order_id": fmt.Sprint("o", i), "customer_id": "c0", "ordered_at": at, "amount": float64(int(1) << i),
			},
		})
	}
	if err := replaceFacts(t.Context(), s, facts); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryAggregateOverOrdersIsWhatItsNameSays(t *testing.T) {
	s := fiveOrders(t)
	feature := func(a model.Aggregate, measure string, window, offset int) model.Feature {
		return model.Feature{
			Name: fmt.Sprintf("%s_%s_%d_%d", a, measure, window, offset), Source: model.FromOrders, Aggregate: a,
			Measure: measure, Window: window, Offset: offset,
		}
	}
	cases := []struct {
		feature model.Feature
		want    float64
	}{
		{feature(model.Count, "", 0, 0), 6},
		{feature(model.Count, "", 100, 60), 4}, // [-160, -60)
		{feature(model.Sum, "amount", 120, 0), 56},
		{feature(model.Mean, "amount", 70, 0), 24},
		{feature(model.Max, "amount", 365, 90), 8},
		{feature(model.Last, "amount", 0, 0), 32},
		{feature(model.Last, "amount", 365, 90), 8},
		{feature(model.Distinct, "day", 0, 0), 5},
		{feature(model.Distinct, "amount", 0, 0), 6},
		{feature(model.DaysSinceFirst, "", 0, 0), 160},
		{feature(model.DaysSinceLast, "", 0, 0), 60 - 5.0/24},
		{feature(model.GapMean, "", 0, 0), 25},
		{feature(model.GapSD, "", 0, 0), 12.909944487358056}, // of 10, 20, 30, 40
		{feature(model.GapMax, "", 0, 0), 40},
		{feature(model.GapLast, "", 0, 0), 40},
	}
	q := model.PanelQuery{AsOf: richEnd, Definition: model.Definition{Kind: model.Inactivity}}
	for _, c := range cases {
		q.Features = append(q.Features, c.feature)
	}
	p, err := s.Panel(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		if got := p.Numbers[i][0]; !agree(c.want, got) {
			t.Errorf("%s: want %v, got %v", c.feature.Name, c.want, got)
		}
	}
}

func TestAFeatureThatCannotBeMadeIsInvalid(t *testing.T) {
	s := fiveOrders(t)
	for name, f := range map[string]model.Feature{
		"no such measure":      {Name: "a", Source: model.FromOrders, Aggregate: model.Sum, Measure: "order_id; DROP TABLE orders"},
		"no such column":       {Name: "a", Source: model.FromProfile, Aggregate: model.ColumnOf, Measure: "password"},
		"no such aggregate":    {Name: "a", Source: model.FromOrders, Aggregate: "median"},
		"gaps between events":  {Name: "a", Source: model.FromEvents, Aggregate: model.GapMean},
		"rows of a profile":    {Name: "a", Source: model.FromProfile, Aggregate: model.Count},
		"a ratio of one":       {Name: "a", Aggregate: model.Ratio, Of: []string{"orders_90d"}, Floor: 1},
		"a ratio of unknowns":  {Name: "a", Aggregate: model.Ratio, Of: []string{"orders_90d", "x"}, Floor: 1},
		"a ratio without end":  {Name: "a", Aggregate: model.Ratio, Of: []string{"orders_90d", "orders_365d"}},
		"a name that is none":  {Name: `x" FROM secrets; --`, Source: model.FromOrders, Aggregate: model.Count},
		"a change of a length": {Name: "a", Aggregate: model.RelativeChange, Of: []string{"recency_days", "orders_90d"}, Floor: 1},
	} {
		_, err := s.Panel(t.Context(), model.PanelQuery{
			AsOf: richEnd, Definition: model.Definition{Kind: model.Inactivity}, Features: []model.Feature{f},
		})
		if model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: want an invalid feature, got %v", name, err)
		}
	}
}

func TestAPanelRestrictedToCustomersAgreesWithTheWhole(t *testing.T) {
	s := openRich(t, 60, 2)
	q := model.PanelQuery{
		AsOf: richEnd, Definition: inactivity(), Features: model.Catalogue(model.Inactivity), Parameters: richParameters(),
	}
	whole, err := s.Panel(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	q.Customers = []string{whole.Customers[3], "nobody"}
	one, err := s.Panel(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if one.Rows() != 1 || one.Customers[0] != whole.Customers[3] {
		t.Fatalf("want %s alone, got %v", whole.Customers[3], one.Customers)
	}
	for i, f := range q.Features {
		if f.Levels && one.Levels[i][0] != whole.Levels[i][3] || !f.Levels && !agree(whole.Numbers[i][3], one.Numbers[i][0]) {
			t.Errorf("%s differs", f.Name)
		}
	}
}
