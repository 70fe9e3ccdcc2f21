package logistic_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/logistic"
)

func TestProbabilityAndLogOddsAreInverse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		eta := rapid.Float64Range(-30, 30).Draw(t, "eta")
		p := logistic.Probability(eta)
		closeTo(t, "log-odds", logistic.LogOdds(p), eta, 1e-15*math.Exp(math.Abs(eta))+1e-14)
		closeTo(t, "complement", p+logistic.Probability(-eta), 1, 1e-15)
		for _, y := range []float64{0, 1} {
			want := -y*math.Log(p) - (1-y)*math.Log(logistic.Probability(-eta))
			closeTo(t, "loss", logistic.Loss(eta, y), want, 1e-14)
		}
	})
}

func TestTailsStayFinite(t *testing.T) {
	for _, eta := range []float64{-1e300, -800, 800, 1e300} {
		if p := logistic.Probability(eta); math.IsNaN(p) || p < 0 || p > 1 {
			t.Errorf("Probability(%v) = %v", eta, p)
		}
	}
	closeTo(t, "loss of a certain miss", logistic.Loss(800, 0), 800, 1e-15)
	closeTo(t, "loss of a certain hit", logistic.Loss(800, 1), 0, 1e-15)
}
