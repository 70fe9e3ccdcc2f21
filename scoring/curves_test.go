package scoring_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// sorted is a cutoff of n customers of whom the first tenth churned, with
// scores that rank them perfectly.
func sorted(n int) (*model.Panel, []float64) {
	p := &model.Panel{}
	risk := make([]float64, n)
	for i := range n {
		p.Customers = append(p.Customers, fmt.Sprintf("c%05d", i))
		p.Churned = append(p.Churned, i < n/10)
		risk[i] = 0.9 - 0.8*float64(i)/float64(n)
	}
	return p, risk
}

func TestAPerfectRankingFindsAllChurnAtTheBaseRate(t *testing.T) {
	p, risk := sorted(1000)
	curves, err := scoring.CurvesOf([]*model.Panel{p, p}, [][]float64{risk, risk})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range curves.Gains {
		if want := math.Min(1, g.Share/0.1); math.Abs(g.Gain-want) > 1e-12 || math.Abs(g.Perfect-want) > 1e-12 {
			t.Errorf("share %v: gain %v, perfect %v, want %v", g.Share, g.Gain, g.Perfect, want)
		}
		if g.Recency != nil {
			t.Error("a baseline that was not tested has a curve")
		}
	}
}

func TestABinCountsACustomerOnce(t *testing.T) {
	p, risk := sorted(1000)
	once, err := scoring.CurvesOf([]*model.Panel{p}, [][]float64{risk})
	if err != nil {
		t.Fatal(err)
	}
	twice, err := scoring.CurvesOf([]*model.Panel{p, p}, [][]float64{risk, risk})
	if err != nil {
		t.Fatal(err)
	}
	if len(once.Reliability) != 10 || len(twice.Reliability) != 10 {
		t.Fatalf("%d and %d bins, want 10", len(once.Reliability), len(twice.Reliability))
	}
	for i, bin := range twice.Reliability {
		before := once.Reliability[i]
		if bin.N != 2*before.N || bin.Customers != before.Customers || bin.Low != before.Low || bin.High != before.High {
			t.Errorf("bin %d: %+v after %+v: the same customers again tell nothing new", i, bin, before)
		}
	}
}
