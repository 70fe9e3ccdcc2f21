package duckdb_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// soon is a day and a second after the clock, tomorrow a day: an hour of another
// time zone.
func soon() string     { return noon.Add(model.Day + time.Second).Format(time.RFC3339) }
func tomorrow() string { return noon.Add(model.Day).Format(time.RFC3339) }

func TestRowsOfDaysToComeAreTakenWithAWarning(t *testing.T) {
	g := openGate(t).inChunks(t, 2)
	const head = "order_id,customer_id,ordered_at,amount\n"
	orders := head + "1,a,2024-01-01,5\n2,a," + tomorrow() + ",5\n3,a," + soon() + ",5\n4,a,2031-05-04,\n5,a,2031-05-03,5\n6,a,2024-01-02,5\n"
	got := g.take(t, model.Orders, orders)
	same(t, "warnings", []string{fmt.Sprintf("2 of the orders are dated after today (%s), up to 2031-05-03: check the dates, and import what was wrong again with the same order_id",
		noon.Format(time.DateOnly))}, got.Warnings)
	if got.Loaded != 5 || got.Quarantined != 1 {
		t.Errorf("%+v", got)
	}
	one := g.take(t, model.Responses, "response_id,customer_id,answered_at,kind,score\n1,a,2031-01-01,nps,3\n2,a,2024-01-01,nps,3\n")
	same(t, "of one", []string{fmt.Sprintf("1 of the responses is dated after today (%s), up to 2031-01-01: check the dates, and import what was wrong again with the same response_id",
		noon.Format(time.DateOnly))}, one.Warnings)
	for kind, text := range map[model.FactKind]string{
		model.Contracts:  "contract_id,customer_id,started_at\n1,a,2031-01-01\n",
		model.OrderItems: "order_id,line,sku\n5,1,x\n",
		model.Customers:  "customer_id,tier\na,gold\n",
	} {
		if got := g.take(t, kind, text); len(got.Warnings) > 0 {
			t.Errorf("%s: %q", kind, got.Warnings)
		}
	}
	part := func(begin ...int64) func(*ingest.Request) { return func(r *ingest.Request) { r.Parts = begin } }
	if got := g.take(t, model.Orders, head+"7,a,2031-01-01,5\n8,a,2024-01-01,5\n", part(1, 3)); len(got.Warnings) > 0 {
		t.Errorf("of several requests: %q", got.Warnings)
	}
	if got := g.take(t, model.Orders, head+"9,a,2031-01-01,5\n", part(1)); len(got.Warnings) != 1 {
		t.Errorf("of one request: %q", got.Warnings)
	}
}

// Whichever way the right date comes, it counts from then on, and the wrong one
// does not come back with its day.
func TestAWrongDateToComeIsMendedByAnotherImport(t *testing.T) {
	const head = "order_id,customer_id,ordered_at,amount\n"
	const wrong, right = "1,a,2031-05-04,5\n", "1,a,2023-12-04,5\n"
	for name, mend := range map[string]func(t *testing.T, g *gate){
		"by a later file": func(t *testing.T, g *gate) {
			t.Helper()
			g.take(t, model.Orders, head+wrong)
			g.take(t, model.Orders, head+right)
		},
		"in the same file": func(t *testing.T, g *gate) { t.Helper(); g.take(t, model.Orders, head+wrong+right) },
		"by a restated one": func(t *testing.T, g *gate) {
			t.Helper()
			g.take(t, model.Orders, head+wrong)
			g.take(t, model.Orders, head+right, restated)
		},
		"once more, as it was": func(t *testing.T, g *gate) {
			t.Helper()
			g.take(t, model.Orders, head+wrong)
			g.take(t, model.Orders, head+right)
			g.take(t, model.Orders, head+wrong)
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := openGate(t)
			mend(t, g)
			want := []string{"1 2023-12-04 00:00:00"}
			for _, at := range []string{noon.Add(time.Second).Format(time.DateTime), "2040-01-01", "infinity"} {
				same(t, "as of "+at, want, g.rows(t, fmt.Sprintf("SELECT order_id, CAST(ordered_at AS VARCHAR) FROM orders_known(TIMESTAMP '%s')", at)))
			}
			if end, err := g.store.Watermark(t.Context()); err != nil || !strings.HasPrefix(end.Format(time.RFC3339), "2023-12-04") {
				t.Errorf("the data end at %s, %v", end, err)
			}
		})
	}
}

func restated(r *ingest.Request) { r.Restate = true }
