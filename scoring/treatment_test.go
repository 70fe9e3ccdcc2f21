package scoring_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// touchedPanel is a panel of seven customers: two were touched, one of them
// without a playbook, one was wanted, two were held out (of a tenth, and of a
// fifth), two were left alone.
func touchedPanel() *model.Panel {
	p := panels(1, 7)[0]
	p.Churned = []bool{false, true, false, true, false, true, false}
	p.Treatments = []model.Treatment{
		{Touched: true, Wanted: true}, {Touched: true}, {Wanted: true}, {HoldoutShare: 0.1}, {HoldoutShare: 0.2}, {}, {},
	}
	return p
}

func TestTheHoldoutStandsForWhomRetentionTouched(t *testing.T) {
	p := touchedPanel()
	out, report := scoring.LeaveOut([]*model.Panel{p})
	got := out[0]
	if diff := cmp.Diff([]string{"c00003", "c00004", "c00005", "c00006"}, got.Customers); diff != "" {
		t.Errorf("who is left (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{10, 5, 1, 1}, got.Weight); diff != "" {
		t.Errorf("what they stand for (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{true, false, true, false}, got.Churned); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if got.Numbers[0][0] != p.Numbers[0][3] || got.Levels[1][3] != p.Levels[1][6] {
		t.Error("features are not those of the rows that are left")
	}
	if report.Status != model.TreatmentLeftOut || report.LeftOut != 3 || report.Touched != 2 || report.Wanted != 1 ||
		report.HeldOut != 2 || *report.Weight != 7.5 || report.Unmatched != 1 || !strings.HasPrefix(report.Says, "3 rows") {
		t.Errorf("report %+v", report)
	}
	if len(p.Customers) != 7 || p.Weight != nil {
		t.Error("the panel itself was changed")
	}
	d := scoring.NewData(out)
	if diff := cmp.Diff([]float64{10, 5, 1, 1}, d.Weights()); diff != "" {
		t.Errorf("weights of the training set (-want +got):\n%s", diff)
	}
	if d.Hash() == scoring.NewData([]*model.Panel{{
		AsOf: got.AsOf, Features: got.Features, Customers: got.Customers, Numbers: got.Numbers, Levels: got.Levels, Churned: got.Churned,
	}}).Hash() {
		t.Error("the hash does not follow the weights")
	}
}

func TestNobodyIsLeftOutWhereNobodyWasTouchedOrHeldOut(t *testing.T) {
	quiet := panels(1, 5)[0]
	if out, report := scoring.LeaveOut([]*model.Panel{quiet}); out[0] != quiet || report != nil {
		t.Errorf("nobody touched: %+v", report)
	}
	p := touchedPanel()
	p.Treatments[3], p.Treatments[4] = model.Treatment{}, model.Treatment{}
	out, report := scoring.LeaveOut([]*model.Panel{p, quiet})
	if out[0] != p || report.Status != model.TreatmentKept || report.LeftOut != 0 || !strings.Contains(report.Says, "nobody was held out") {
		t.Errorf("nobody held out: %+v", report)
	}
}

// Of customers at risk nine tenths are touched, which keeps most of them. The
// rows that are left churn as all would have, weighed; the untouched alone churn
// far less, and all as they are do so too.
func TestWhatIsLeftChurnsAsTheUntouchedShop(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	p := panels(1, 40_000)[0]
	p.Treatments = make([]model.Treatment, p.Rows())
	alone := 0.0
	for i := range p.Churned {
		risk := random.Float64()
		left := random.Float64() < risk
		if left {
			alone += 1 / float64(p.Rows())
		}
		p.Churned[i] = left
		switch wanted := risk > 0.6; {
		case wanted && random.Float64() < 0.1:
			p.Treatments[i].HoldoutShare = 0.1
		case wanted:
			p.Treatments[i] = model.Treatment{Touched: random.Float64() < 0.8, Wanted: true}
			p.Churned[i] = left && !(p.Treatments[i].Touched && random.Float64() < 0.6)
		}
	}
	out, _ := scoring.LeaveOut([]*model.Panel{p})
	got, naive := scoring.ShareChurned(out[0]), scoring.ShareChurned(p)
	if math.Abs(got-alone) > 0.01 || alone-naive < 0.1 {
		t.Errorf("%.3f would have left, %.3f of those who are left did, %.3f of all", alone, got, naive)
	}
}
