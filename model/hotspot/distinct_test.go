package hotspot_test

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// judge compares cells given as exposures and incidents of a whole of 20,000
// exposures with so many incidents.
func judge(t *testing.T, incidents float64, cells ...[2]int64) []hotspot.Comparison {
	t.Helper()
	g := hotspot.Group{Outcome: hotspot.Outcome{Binary: true}, Strata: []hotspot.Part{{N: 20_000, Sum: incidents}}}
	for _, c := range cells {
		g.Cells = append(g.Cells, hotspot.Cell{Parts: []hotspot.Part{{N: c[0], Sum: float64(c[1])}}})
	}
	return compare(t, g)
}

var cutoff = math.Log(0.0005)

// A supplier of 1,000 orders is late in 30 %, all others in 5 %: his product,
// and a category that is half his, are shadows; another supplier, who looks
// good beside him, is an echo.
func TestASupplierAndHisProductAreOneProblem(t *testing.T) {
	cells := judge(t, 1250, [2]int64{1000, 300}, [2]int64{200, 60}, [2]int64{2000, 350}, [2]int64{9000, 450})
	if cells[3].LogP > cutoff {
		t.Fatal("the other supplier does not look good: the test has lost its point")
	}
	roles, judged, err := hotspot.Distinct(cells, [][]int64{
		{1000, 200, 1000, 0}, {200, 200, 200, 0}, {1000, 200, 2000, 0}, {0, 0, 0, 9000},
	}, cutoff)
	if err != nil {
		t.Fatal(err)
	}
	want := []hotspot.Role{{Shadow: -1}, {Shadow: 0}, {Shadow: 0}, {Shadow: -1, Echo: true}}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
	if got := judged[3].Expected; math.Abs(got-0.05) > 0.001 {
		t.Errorf("beside the supplier the others are expected to be late in %v, want 0.05", got)
	}
}

// One product alone makes its supplier look bad.
func TestAProductIsTheProblemWhenItsSupplierIsNot(t *testing.T) {
	cells := judge(t, 1100, [2]int64{1000, 140}, [2]int64{200, 100})
	roles, _, err := hotspot.Distinct(cells, [][]int64{{1000, 200}, {200, 200}}, cutoff)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hotspot.Role{{Shadow: 1}, {Shadow: -1}}, roles); diff != "" {
		t.Error(diff)
	}
}

func TestTwoProblemsAreTwo(t *testing.T) {
	cells := judge(t, 1500, [2]int64{1000, 300}, [2]int64{1000, 250})
	roles, _, err := hotspot.Distinct(cells, [][]int64{{1000, 50}, {50, 1000}}, cutoff)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hotspot.Role{{Shadow: -1}, {Shadow: -1}}, roles); diff != "" {
		t.Error(diff)
	}
}

// A supplier with one product only: the two are the same cell.
func TestTheSameCellTwiceIsOneProblem(t *testing.T) {
	cells := judge(t, 1250, [2]int64{1000, 300}, [2]int64{1000, 300})
	roles, _, err := hotspot.Distinct(cells, [][]int64{{1000, 1000}, {1000, 1000}}, cutoff)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]hotspot.Role{{Shadow: -1}, {Shadow: 0}}, roles); diff != "" {
		t.Error(diff)
	}
}

func TestAnOverlapOfAnotherSizeIsRefused(t *testing.T) {
	cells := judge(t, 1250, [2]int64{1000, 300})
	for _, overlap := range [][][]int64{nil, {{1, 2}}} {
		if _, _, err := hotspot.Distinct(cells, overlap, cutoff); !errors.Is(err, hotspot.ErrShape) {
			t.Errorf("overlap %v: %v", overlap, err)
		}
	}
}
