package scoring_test

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// Ten customers, of whom two were sent a message and three were held out of it;
// one of those was sent one all the same, and counts in both groups. The figures:
//
//	>>> import numpy as np; from sklearn.metrics import roc_auc_score
//	>>> p = np.array([.05, .12, .18, .25, .35, .41, .55, .62, .71, .95])
//	>>> y = np.array([0, 0, 1, 0, 0, 1, 0, 1, 1, 1])
//	>>> for i in (range(10), [0, 1, 2, 4, 5, 6, 7, 9], [3, 8], [0, 3, 9]):
//	...     q, z = p[list(i)], y[list(i)]; g = q - z
//	...     print(q.mean(), z.mean(), roc_auc_score(z, q), ((q - z)**2).mean(), g.mean(), 1.959964 * g.std(ddof=1) / len(g)**.5)
//	0.419 0.5 0.84 0.17559 -0.081 0.26860
//	0.40375 0.5 0.8125 0.2011625 -0.09625 0.32452
//	0.48 0.5 1.0 0.0733 -0.02 0.52919
//	0.41667 0.33333 1.0 0.0225 0.08333 0.17285
func TestFiguresAreToldApartByWhatWasDone(t *testing.T) {
	said := []float64{.05, .12, .18, .25, .35, .41, .55, .62, .71, .95}
	left := []bool{false, false, true, false, false, true, false, true, true, true}
	treated, held := map[int]bool{3: true, 8: true}, map[int]bool{0: true, 3: true, 9: true}
	outcomes := make([]model.Outcome, len(said))
	for i := range said {
		outcomes[i] = model.Outcome{Probability: said[i], Churned: left[i], Treated: treated[i], Holdout: held[i]}
	}
	figures, err := scoring.FiguresOf(outcomes)
	if err != nil {
		t.Fatal(err)
	}
	ranged := func(at, by float64) model.Ranged { return model.Ranged{Value: at, Low: at - by, High: at + by} }
	for _, c := range []struct {
		name string
		got  *model.RealisedGroup
		want model.RealisedGroup
		auc  float64
	}{
		{"all", &figures.All, model.RealisedGroup{Customers: 10, Churned: 5, Said: 0.419, Left: 0.5, Brier: 0.17559, Level: ranged(-0.081, 0.26860)}, 0.84},
		{"untreated", figures.Untreated, model.RealisedGroup{Customers: 8, Churned: 4, Said: 0.40375, Left: 0.5, Brier: 0.2011625, Level: ranged(-0.09625, 0.32452)}, 0.8125},
		{"treated", figures.Treated, model.RealisedGroup{Customers: 2, Churned: 1, Said: 0.48, Left: 0.5, Brier: 0.0733, Level: ranged(-0.02, 0.52919)}, 1},
		{"held out", figures.Holdout, model.RealisedGroup{Customers: 3, Churned: 1, Said: 1.25 / 3, Left: 1.0 / 3, Brier: 0.0225, Level: ranged(0.25/3, 0.17285)}, 1},
	} {
		ignore := cmpopts.IgnoreFields(model.RealisedGroup{}, "ROCAUC", "Bins", "Warnings")
		if diff := cmp.Diff(&c.want, c.got, ignore, cmpopts.EquateApprox(0, 1e-5)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
			continue
		}
		if c.got.ROCAUC != nil && math.Abs(c.got.ROCAUC.Value-c.auc) > 1e-12 {
			t.Errorf("%s: ROC-AUC %+v, want %v", c.name, c.got.ROCAUC, c.auc)
		}
	}
	if figures.All.ROCAUC == nil {
		t.Errorf("no ROC-AUC of all: %v", figures.All.Warnings)
	}
	bins := 0
	for _, b := range figures.All.Bins {
		bins += b.Customers
	}
	if bins != len(said) || figures.All.Bins[0].Customers != 1 || figures.All.Bins[1].Customers != 2 {
		t.Errorf("bins %+v", figures.All.Bins)
	}
}

// Nobody was sent anything: there is no group of nobody.
func TestAGroupOfNobodyHasNoFigures(t *testing.T) {
	figures, err := scoring.FiguresOf([]model.Outcome{{Probability: 0.2}, {Probability: 0.4, Churned: true}})
	if err != nil {
		t.Fatal(err)
	}
	if figures.Treated != nil || figures.Holdout != nil || figures.Untreated == nil {
		t.Errorf("got %+v", figures)
	}
	if diff := cmp.Diff(figures.All, *figures.Untreated); diff != "" {
		t.Errorf("untreated are all (-all +untreated):\n%s", diff)
	}
}
