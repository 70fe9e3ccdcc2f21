package scoring_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// panel makes up a cutoff of customers, each with a number, a word, a number
// that never differs and one that is for display only.
func panel(asOf time.Time, customers int) *model.Panel {
	random := rand.New(rand.NewPCG(7, uint64(asOf.Unix())))
	p := &model.Panel{AsOf: asOf, Features: []model.Feature{
		{Name: "number"}, {Name: "word", Levels: true}, {Name: "constant"}, {Name: "shown", Internal: true},
	}}
	p.Numbers, p.Levels = make([][]float64, 4), make([][]string, 4)
	for i := range customers {
		p.Customers = append(p.Customers, fmt.Sprintf("c%05d", i))
		p.Numbers[0] = append(p.Numbers[0], random.Float64())
		p.Levels[1] = append(p.Levels[1], []string{"web", "shop"}[random.IntN(2)])
		p.Numbers[2] = append(p.Numbers[2], math.NaN())
		p.Numbers[3] = append(p.Numbers[3], random.Float64())
		p.Churned = append(p.Churned, random.Float64() < 0.4)
	}
	return p
}

func panels(cutoffs, customers int) (out []*model.Panel) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range cutoffs {
		out = append(out, panel(start.AddDate(0, 0, 30*i), customers))
	}
	return out
}

func TestInternalAndConstantFeaturesAreNoTerms(t *testing.T) {
	got := scoring.NewData(panels(2, 50)).Columns()
	if diff := cmp.Diff([]string{"number", "word"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFoldsOfAShortHistoryKeepACustomerInOneFold(t *testing.T) {
	d := scoring.NewData(panels(3, 300))
	folds, how := d.Folds(90 * model.Day)
	if how != "by customer" || len(folds) < 2 {
		t.Fatalf("%d folds %q", len(folds), how)
	}
	tested := map[int]int{}
	for k, fold := range folds {
		trained := map[int]bool{}
		for _, row := range fold.Train {
			trained[d.Customer(row)] = true
		}
		for _, row := range fold.Test {
			if trained[d.Customer(row)] {
				t.Fatalf("fold %d trains and tests on customer %d", k, d.Customer(row))
			}
			if at, seen := tested[d.Customer(row)]; seen && at != k {
				t.Fatalf("customer %d is tested in folds %d and %d", d.Customer(row), at, k)
			}
			tested[d.Customer(row)] = k
		}
	}
}

func TestFoldsOfALongHistoryTrainOnLabelsCompleteBeforeTheTest(t *testing.T) {
	d := scoring.NewData(panels(7, 250))
	folds, how := d.Folds(90 * model.Day)
	if how != "rolling origin" {
		t.Fatalf("folds %q", how)
	}
	for k, fold := range folds {
		test := d.Cutoff(fold.Test[0])
		for _, row := range fold.Train {
			if complete := d.Cutoff(row).Add(90 * model.Day); complete.After(test) {
				t.Fatalf("fold %d: a label complete on %v trains for a test on %v", k, complete, test)
			}
		}
		for _, row := range fold.Test {
			if !d.Cutoff(row).Equal(test) {
				t.Fatalf("fold %d tests at two cutoffs", k)
			}
		}
	}
}

func TestThinningTakesWholeCustomers(t *testing.T) {
	whole := scoring.NewData(panels(4, 1000))
	thin := whole.Thinned(1000)
	if thin.Rows() < 700 || thin.Rows() > 1300 {
		t.Errorf("%d rows of 4,000, wanted about 1,000", thin.Rows())
	}
	rows := map[int]int{}
	for i := range thin.Rows() {
		rows[thin.Customer(i)]++
	}
	for customer, n := range rows {
		if n != 4 {
			t.Errorf("customer %d has %d of 4 rows", customer, n)
		}
	}
	if same := whole.Thinned(4000); same.Rows() != 4000 {
		t.Errorf("%d rows left where all fit", same.Rows())
	}
}

func TestTheHashFollowsEveryValueAndLabel(t *testing.T) {
	hash := func(change func([]*model.Panel)) string {
		p := panels(2, 40)
		change(p)
		return scoring.NewData(p).Hash()
	}
	hashes := []string{
		hash(func([]*model.Panel) {}),
		hash(func(p []*model.Panel) { p[1].Churned[3] = !p[1].Churned[3] }),
		hash(func(p []*model.Panel) { p[0].Numbers[0][5] += 1e-12 }),
		hash(func(p []*model.Panel) { p[0].Levels[1][5] = "other" }),
		hash(func(p []*model.Panel) { p[0].Customers[0] = "someone" }),
	}
	slices.Sort(hashes)
	if n := len(slices.Compact(hashes)); n != 5 {
		t.Errorf("%d different hashes of 5 different sets", n)
	}
	first, second := hash(func([]*model.Panel) {}), hash(func([]*model.Panel) {})
	if first != second {
		t.Error("the same set hashes differently")
	}
}

// withCopies appends every customer of a panel again under other ids, with
// labels of their own.
func withCopies(all []*model.Panel, copies int) []*model.Panel {
	random := rand.New(rand.NewPCG(3, 3))
	for _, p := range all {
		customers := slices.Clone(p.Customers)
		for k := range copies {
			for i, id := range customers {
				p.Customers = append(p.Customers, fmt.Sprintf("copy%d-%s", k, id))
				for f := range p.Features {
					if p.Features[f].Levels {
						p.Levels[f] = append(p.Levels[f], p.Levels[f][i])
					} else {
						p.Numbers[f] = append(p.Numbers[f], p.Numbers[f][i])
					}
				}
				p.Churned = append(p.Churned, random.Float64() < 0.4)
			}
		}
	}
	return all
}

func TestCopiesOfACustomerShareAFold(t *testing.T) {
	const customers, copies = 200, 3
	all := panels(3, customers)
	for _, p := range all { // what is constant or shown to no one else must not tell copies apart
		p.Features, p.Numbers, p.Levels = p.Features[:3], p.Numbers[:3], p.Levels[:3]
	}
	d := scoring.NewData(withCopies(all, copies))
	groups := map[int]map[int]bool{}
	for row := range d.Rows() {
		if groups[d.Copies(row)] == nil {
			groups[d.Copies(row)] = map[int]bool{}
		}
		groups[d.Copies(row)][d.Customer(row)] = true
	}
	if len(groups) != customers {
		t.Fatalf("%d groups of %d customers with %d copies each", len(groups), customers, copies)
	}
	for group, members := range groups {
		if len(members) != copies+1 {
			t.Fatalf("group %d has %d members", group, len(members))
		}
	}
	folds, how := d.Folds(90 * model.Day)
	if how != "by customer" {
		t.Fatalf("folds %q", how)
	}
	for k, fold := range folds {
		trained := map[int]bool{}
		for _, row := range fold.Train {
			trained[d.Copies(row)] = true
		}
		for _, row := range fold.Test {
			if trained[d.Copies(row)] {
				t.Fatalf("fold %d is judged on a copy of what it is trained on", k)
			}
		}
	}
}

func TestAStateThatManyShareMakesNoCopies(t *testing.T) {
	all := panels(2, 300)
	for _, p := range all { // the word alone is left: two states
		p.Features, p.Numbers, p.Levels = p.Features[1:2], p.Numbers[1:2], p.Levels[1:2]
		for i := range p.Levels[0] {
			p.Levels[0][i] = []string{"web", "shop"}[i%2]
		}
	}
	d := scoring.NewData(all)
	for row := range d.Rows() {
		if d.Copies(row) != d.Customer(row) {
			t.Fatalf("row %d counts as a copy of customer %d", row, d.Copies(row))
		}
	}
}
