package additive_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// overlapping draws customers with several rows each, as overlapping horizons
// make them: features drift slowly, and one slow shock decides all labels of
// a customer. The probability given the features is exactly that of truth.
func overlapping(customers, perCustomer int, seed uint64) sample {
	return together(customers, perCustomer, 0, seed)
}

// together is overlapping with a step of the given size up or down that two
// features show together only.
func together(customers, perCustomer int, step float64, seed uint64) sample {
	g := rand.New(rand.NewPCG(seed, 5))
	const features = 6
	s := sample{Design: additive.Design{Columns: make([]additive.Column, features)}}
	for j := range features {
		s.Columns[j].Name = strconv.Itoa(j)
	}
	for c := range customers {
		level, own, shock := g.NormFloat64(), make([]float64, features), g.NormFloat64()
		for j := range own {
			own[j] = 0.6*level + 0.8*g.NormFloat64()
		}
		for range perCustomer {
			x := make([]float64, features)
			for j := range x {
				x[j] = 0.9*own[j] + 0.44*g.NormFloat64()
				s.Columns[j].Numbers = append(s.Columns[j].Numbers, x[j])
			}
			eta := -0.2 + 0.7*x[0] + 0.6*math.Tanh(2*x[1]) - 0.3*x[2]
			if (x[3] > 0.4) == (x[4] > -0.2) {
				eta += step
			} else {
				eta -= step
			}
			noise := 0.9*shock + math.Sqrt(1-0.81)*g.NormFloat64()
			uniform := 0.5 * math.Erfc(-noise/math.Sqrt2)
			churned := 0.0
			if uniform < logistic.Probability(eta) {
				churned = 1
			}
			s.y, s.truth, s.Cluster = append(s.y, churned), append(s.truth, eta), append(s.Cluster, c)
		}
	}
	return s
}

// coverage is the share of new rows whose true probability lies in the 90 %
// interval, over repeated training sets, and the intervals' mean width.
func coverage(t *testing.T, repeats, customers, perCustomer int, clustered bool, opts additive.Options) (share, width float64) {
	t.Helper()
	test := overlapping(200, 1, 1<<40)
	for seed := range repeats {
		s := overlapping(customers, perCustomer, uint64(seed))
		if !clustered {
			s.Cluster = nil
		}
		p := s.fit(t, opts)
		for i, eta := range test.truth {
			low, high := p.Interval(test.Row(i, nil), 0.90)
			if truth := logistic.Probability(eta); low <= truth && truth <= high {
				share += 1 / float64(repeats*len(test.truth))
			}
			width += (high - low) / float64(repeats*len(test.truth))
		}
	}
	return share, width
}

func TestIntervalsCoverTheTruthAboutAsOftenAsTheySay(t *testing.T) {
	share, width := coverage(t, 25, 300, 3, true, additive.Options{Penalty: additive.Penalty{Curvature: 3, Slope: 3}})
	if share < 0.82 || share > 0.98 {
		t.Errorf("90 %% intervals cover %.3f, mean width %.3f", share, width)
	}
}
