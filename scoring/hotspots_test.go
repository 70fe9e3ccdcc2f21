package scoring_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// shelves is a shop of so many products with 200 orders each, 150 of them late,
// among ten times as many orders of which every tenth is: all stand out.
type shelves struct {
	model.Warehouse

	products int
}

func (shelves) Detectors(context.Context, time.Time, ...model.PainPoint) ([]model.Detector, error) {
	return []model.Detector{{Name: "late_delivery", Label: "late deliveries"}}, nil
}

func (w shelves) HotspotCounts(_ context.Context, q model.HotspotQuery) ([]model.HotspotCounts, error) {
	week := func(n, bad int64) model.HotspotWeek {
		return model.HotspotWeek{
			Week: q.From.Format(time.DateOnly), Exposures: n, Sum: bad, Squares: bad, Bad: bad, Cubes: float64(bad), DaySquare: n, DayCross: n,
		}
	}
	reach := func(n, bad int64) model.HotspotReach {
		return model.HotspotReach{Exposures: n, Bad: bad, Customers: n, CustomersTouched: bad, Square: n, Cross: n}
	}
	n, bad := int64(2000*w.products), int64((150+180)*w.products)
	counts := model.HotspotCounts{
		PainPoint: "late_delivery", Weeks: []model.HotspotWeek{week(n, bad)}, Whole: reach(n, bad),
		Repeats: []model.HotspotRepeats{{Exposures: 1, Customers: n, Sum: bad, Squares: bad, SumSquares: bad}},
	}
	for i := range w.products {
		counts.Cells = append(counts.Cells, model.HotspotCellCounts{
			HotspotCell: model.HotspotCell{Dimension: "sku", Cohort: fmt.Sprintf("P%04d", i)},
			Weeks:       []model.HotspotWeek{week(200, 150)}, Reach: reach(200, 150),
		})
	}
	return []model.HotspotCounts{counts}, nil
}

func (shelves) HotspotOverlaps(_ context.Context, _ model.HotspotQuery, _ string, cells []model.HotspotCell) ([][]int64, error) {
	out := make([][]int64, len(cells))
	for i := range out {
		out[i] = make([]int64, len(cells))
		out[i][i] = 200
	}
	return out, nil
}

func TestCellsBeyondTheMostThatAreToldApartAreNotSaidToPassNot(t *testing.T) {
	for products, untested := range map[int]int{20: 0, 410: 10} {
		for _, all := range []bool{false, true} {
			report, err := scoring.HotspotsOf(t.Context(), shelves{products: products}, scoring.HotspotRequest{AsOf: snapshotAt, All: all})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, h := range report.Hotspots {
				got[h.Passes]++
			}
			want := 0
			if all {
				want = untested
			}
			if got["twice"] != products-untested || got["not_tested"] != want || got["no"] != 0 {
				t.Errorf("%d products, all %v: %v", products, all, got)
			}
			warned := strings.Contains(strings.Join(report.Warnings, "\n"), fmt.Sprintf("%d are not tested", untested))
			if warned != (untested > 0) || len(report.Warnings) > 1 {
				t.Errorf("%d products: warnings %q", products, report.Warnings)
			}
		}
	}
}
