package scoring

import (
	"time"

	"github.com/churnwatch/churnwatch/model/additive"
)

// customerFolds is the number of folds by customer.
const customerFolds = 5

// innerFolds splits a training set for the choice of penalties and of the
// calibration, using nothing but labels that were complete before the test
// rows' cutoff: rolling origin where at least two inner cutoffs have a
// complete training set of enough customers, and folds by customer otherwise.
// It says which.
func innerFolds(d *dataset, horizon time.Duration, seed uint64) (folds []additive.Fold, how string) {
	if folds = rollingFolds(d, horizon); len(folds) >= 2 {
		return folds, "rolling origin"
	}
	return foldsByCustomer(d, seed), "by customer"
}

func rollingFolds(d *dataset, horizon time.Duration) (folds []additive.Fold) {
	rows := make([][]int, len(d.panels))
	for i, c := range d.cutoff {
		rows[c] = append(rows[c], i)
	}
	for test := range d.panels {
		var train []int
		for past := range test {
			if !d.panels[past].AsOf.Add(horizon).After(d.panels[test].AsOf) && len(rows[past]) >= leastInner {
				train = append(train, rows[past]...)
			}
		}
		if len(train) > 0 && len(rows[test]) >= leastInner && bothClasses(d, train) && bothClasses(d, rows[test]) {
			folds = append(folds, additive.Fold{Train: train, Test: rows[test]})
		}
	}
	return folds
}

// foldsByCustomer keeps all rows of a customer, and of his copies, in one fold.
func foldsByCustomer(d *dataset, seed uint64) (folds []additive.Fold) {
	for k := range customerFolds {
		var f additive.Fold
		for i, group := range d.design.Cluster {
			if int(mix(uint64(group), seed)%customerFolds) == k {
				f.Test = append(f.Test, i)
			} else {
				f.Train = append(f.Train, i)
			}
		}
		if bothClasses(d, f.Train) && bothClasses(d, f.Test) {
			folds = append(folds, f)
		}
	}
	return folds
}

func bothClasses(d *dataset, rows []int) bool {
	var lost, kept bool
	for _, i := range rows {
		lost = lost || d.churned[i] == 1
		kept = kept || d.churned[i] == 0
	}
	return lost && kept
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood 2014).
func mix(x, seed uint64) uint64 {
	x += seed*0x9e3779b97f4a7c15 + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
