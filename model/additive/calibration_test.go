package additive_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/logistic"
)

// miscalibrated draws labels whose true log-odds are a + b times those given.
func miscalibrated(n int, a, b float64, seed uint64) (logOdds, y []float64) {
	g := rand.New(rand.NewPCG(seed, 4))
	for range n {
		eta := 1.5 * g.NormFloat64()
		v := 0.0
		if g.Float64() < logistic.Probability(a+b*eta) {
			v = 1
		}
		logOdds, y = append(logOdds, eta), append(y, v)
	}
	return logOdds, y
}

func calibrate(t tester, logOdds, y, weight []float64, cluster []int) additive.Calibration {
	t.Helper()
	c, err := additive.Calibrate(logOdds, y, weight, cluster)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestManyRowsFindTheCalibration(t *testing.T) {
	logOdds, y := miscalibrated(20_000, -0.6, 0.7, 1)
	c := calibrate(t, logOdds, y, nil, nil)
	closeTo(t, "intercept", c.Intercept, -0.6, 4*math.Sqrt(c.InterceptVariance))
	closeTo(t, "slope", c.Slope, 0.7, 4*math.Sqrt(c.SlopeVariance))
	if se := math.Sqrt(c.SlopeVariance); se > 0.03 {
		t.Errorf("standard error of the slope %v", se)
	}
}

func TestThinDataKeepSlopeOneAndInterceptZero(t *testing.T) {
	c := calibrate(t, []float64{-1, 1, 0.5}, []float64{1, 0, 0}, nil, nil)
	closeTo(t, "slope", c.Slope, 1, 0.15)
	closeTo(t, "intercept", c.Intercept, 0, 0.15)
	closeTo(t, "standard error of the slope", math.Sqrt(c.SlopeVariance), additive.PriorSlopeDeviation, 0.05)
	closeTo(t, "standard error of the intercept", math.Sqrt(c.InterceptVariance), additive.PriorInterceptDeviation, 0.1)
}

// By scipy's Nelder-Mead, and the inverse of the second derivatives in numpy:
//
//	f = lambda b: np.sum(np.logaddexp(0, b[0] + b[1]*l) - t*(b[0] + b[1]*l)) + .5*b[0]**2/.25 + .5*(b[1] - 1)**2/.0625
//	r = minimize(f, [0, 1], method='Nelder-Mead', options=dict(xatol=1e-12, fatol=1e-15))
//	V = np.linalg.inv(X.T @ (X * (p * (1 - p))[:, None]) + np.diag([4, 16]))
func TestThreeRowsAreCalibratedAsTheirPosteriorSays(t *testing.T) {
	c := calibrate(t, []float64{-1, 1, 0.5}, []float64{1, 0, 0}, nil, nil)
	closeTo(t, "intercept", c.Intercept, -0.1310668, 1e-6)
	closeTo(t, "slope", c.Slope, 0.89332523, 1e-6)
	closeTo(t, "variance of the intercept", c.InterceptVariance, 0.21487226, 1e-6)
	closeTo(t, "variance of the slope", c.SlopeVariance, 0.06072455, 1e-6)
	closeTo(t, "covariance", c.Covariance, -0.00188474, 1e-6)
}

func TestRepeatedRowsOfCustomersAddLittle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logOdds, y := miscalibrated(200, 0.5, 0.6, rapid.Uint64().Draw(t, "seed"))
		once := calibrate(t, logOdds, y, nil, nil)
		var moreOdds, moreY []float64
		var cluster []int
		for i := range y {
			for range 5 {
				moreOdds, moreY, cluster = append(moreOdds, logOdds[i]), append(moreY, y[i]), append(cluster, i)
			}
		}
		more := calibrate(t, moreOdds, moreY, nil, cluster)
		closeTo(t, "slope", more.Slope, once.Slope, 0.02)
		closeTo(t, "intercept", more.Intercept, once.Intercept, 0.02)
		closeTo(t, "variance of the slope", more.SlopeVariance, once.SlopeVariance, 0.1*once.SlopeVariance)
		if more.Clusters != 200 || more.Rows != 1000 {
			t.Errorf("%d rows of %d clusters", more.Rows, more.Clusters)
		}
	})
}

func TestACalibrationWeightIsThatManyRowsOfACustomer(t *testing.T) {
	logOdds, y := miscalibrated(300, 0.2, 0.8, 6)
	var weight, moreOdds, moreY []float64
	var cluster []int
	for i := range y {
		weight = append(weight, float64(1+i%2))
		for range 1 + i%2 {
			moreOdds, moreY, cluster = append(moreOdds, logOdds[i]), append(moreY, y[i]), append(cluster, i)
		}
	}
	a, b := calibrate(t, logOdds, y, weight, nil), calibrate(t, moreOdds, moreY, nil, nil)
	closeTo(t, "slope", a.Slope, b.Slope, 0.02)
	closeTo(t, "intercept", a.Intercept, b.Intercept, 0.02)
	if c := calibrate(t, moreOdds, moreY, nil, cluster); c.SlopeVariance < b.SlopeVariance {
		t.Errorf("as customers %v, as rows %v", c.SlopeVariance, b.SlopeVariance)
	}
}

func TestAnInvertedRankingIsNotTurnedOver(t *testing.T) {
	logOdds, y := miscalibrated(5000, 0, -1, 2)
	c := calibrate(t, logOdds, y, nil, nil)
	if c.Slope <= 0 || len(c.Warnings) != 1 {
		t.Errorf("slope %v, warnings %v", c.Slope, c.Warnings)
	}
}

func TestOneClassCalibratesTowardsIt(t *testing.T) {
	logOdds, _ := miscalibrated(50, 0, 1, 3)
	c := calibrate(t, logOdds, make([]float64, 50), nil, nil)
	if c.Intercept >= 0 || math.IsNaN(c.Slope) {
		t.Errorf("%+v", c)
	}
}

func TestCalibrationInputIsChecked(t *testing.T) {
	two := []float64{0, 1}
	for name, call := range map[string]func() (additive.Calibration, error){
		"empty":          func() (additive.Calibration, error) { return additive.Calibrate(nil, nil, nil, nil) },
		"short log-odds": func() (additive.Calibration, error) { return additive.Calibrate(two[:1], two, nil, nil) },
		"short weights":  func() (additive.Calibration, error) { return additive.Calibrate(two, two, two[:1], nil) },
		"short clusters": func() (additive.Calibration, error) { return additive.Calibrate(two, two, nil, []int{1}) },
	} {
		if _, err := call(); !errors.Is(err, additive.ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := additive.Calibrate([]float64{math.NaN(), 0}, two, nil, nil); err == nil {
		t.Error("NaN log-odds are accepted")
	}
}
