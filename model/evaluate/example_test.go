package evaluate_test

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/evaluate"
)

func ExampleAUC() {
	auc, err := evaluate.AUC([]float64{0.1, 0.4, 0.35, 0.8}, []bool{false, false, true, true})
	fmt.Println(auc, err)
	// Output: 0.75 <nil>
}

func ExampleAveragePrecision() {
	precision, err := evaluate.AveragePrecision([]float64{0.1, 0.4, 0.35, 0.8}, []bool{false, false, true, true})
	fmt.Printf("%.4f %v\n", precision, err)
	// Output: 0.8333 <nil>
}

func ExampleBrier() {
	brier, err := evaluate.Brier([]float64{0.1, 0.9, 0.8, 0.3}, []bool{false, true, true, false})
	fmt.Printf("%.4f %v\n", brier, err)
	// Output: 0.0375 <nil>
}

func ExampleLogLoss() {
	loss, err := evaluate.LogLoss([]float64{0.1, 0.9, 0.8, 0.35}, []bool{false, true, true, false})
	fmt.Printf("%.4f %v\n", loss, err)
	// Output: 0.2162 <nil>
}

func ExampleLift() {
	score := []float64{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
	churned := []bool{true, true, false, false, true, false, false, false, false, false}
	lift, err := evaluate.Lift(score, churned, nil, 0.2)
	fmt.Printf("%.2f %v\n", lift, err)
	// Output: 3.33 <nil>
}

func ExampleGain() {
	score := []float64{9, 8, 7, 6, 5, 4, 3, 2, 1, 0}
	churned := []bool{true, true, false, false, true, false, false, false, false, false}
	gain, err := evaluate.Gain(score, churned, nil, 0.2)
	fmt.Printf("%.2f %v\n", gain, err)
	// Output: 0.67 <nil>
}

func ExampleNewRanking() {
	r, err := evaluate.NewRanking([]float64{0.9, 0.2, 0.2}, []bool{true, false, true}, []uint64{7, 3, 5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Len(), r.AUC(nil), r.AUC([]float64{1, 1, 3}))
	// Output: 3 0.75 0.625
}

func ExampleCalibrate() {
	p := []float64{0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9}
	c, err := evaluate.Calibrate(p, []bool{false, false, true, false, true, false, true, true}, 0.9)
	fmt.Printf("level %+.2f, slope %.2f +- %.2f, error of a perfect model %.2f, %v\n",
		c.Level.Value, c.Slope.Value, c.Slope.StandardError, c.ErrorOfPerfect, err)
	// Output: level +0.00, slope 1.07 +- 0.76, error of a perfect model 0.35, <nil>
}

func ExampleCalibrateWeighted() {
	p := []float64{0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9}
	churned := []bool{false, false, true, false, true, false, true, true}
	c, err := evaluate.CalibrateWeighted(p, churned, []float64{1, 1, 2, 1, 1, 1, 1, 1}, 0.9)
	fmt.Printf("level %+.3f, %d rows, %v\n", c.Level.Value, c.N, err)
	// Output: level -0.078, 8 rows, <nil>
}

func ExampleReliabilityWeighted() {
	bins, err := evaluate.ReliabilityWeighted([]float64{0.1, 0.2, 0.6, 0.8}, []bool{false, false, true, false}, []float64{1, 1, 3, 1}, 2)
	for _, b := range bins {
		fmt.Printf("%.2f predicted, %.2f observed of %d\n", b.Predicted, b.Observed, b.N)
	}
	fmt.Println(err)
	// Output:
	// 0.15 predicted, 0.00 observed of 2
	// 0.65 predicted, 0.75 observed of 2
	// <nil>
}

func ExampleReliability() {
	bins, err := evaluate.Reliability([]float64{0.1, 0.2, 0.6, 0.8}, []bool{false, false, true, false}, 2)
	for _, b := range bins {
		fmt.Printf("%.2f predicted, %.2f observed of %d\n", b.Predicted, b.Observed, b.N)
	}
	fmt.Println(err)
	// Output:
	// 0.15 predicted, 0.00 observed of 2
	// 0.70 predicted, 0.50 observed of 2
	// <nil>
}

func ExampleRecalibrate() {
	q, err := evaluate.Recalibrate([]float64{0.5, 0.5, 0.8}, 0.5)
	fmt.Printf("%.3f %v\n", q, err)
	// Output: [0.390 0.390 0.719] <nil>
}

func ExampleBootstrap() {
	cutoff := evaluate.Cutoff{
		Customer: []int{0, 1, 2, 3, 4, 5, 6, 7},
		Score:    []float64{0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1},
		Churned:  []bool{true, true, false, true, false, true, false, false},
	}
	out, err := evaluate.Bootstrap([]evaluate.Cutoff{cutoff}, []evaluate.Metric{(*evaluate.Ranking).AUC}, evaluate.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f over %d customers\n", out[0].Mean.Value, out[0].Mean.N)
	// Output: 0.8125 over 8 customers
}

func ExamplePairedDifference() {
	cutoff := evaluate.Cutoff{
		Customer: []int{0, 1, 2, 3, 4, 5, 6, 7},
		Score:    []float64{0.9, 0.8, 0.7, 0.6, 0.4, 0.3, 0.2, 0.1},
		Churned:  []bool{true, true, false, true, false, true, false, false},
	}
	recency := [][]float64{{80, 10, 70, 60, 50, 40, 20, 30}}
	d, err := evaluate.PairedDifference([]evaluate.Cutoff{cutoff}, recency, (*evaluate.Ranking).AUC, evaluate.Options{Seed: 1})
	fmt.Printf("%+.4f %v\n", d.Mean.Value, err)
	// Output: +0.2500 <nil>
}

func ExampleLiftAt() {
	r, err := evaluate.NewRanking([]float64{4, 3, 2, 1}, []bool{true, false, false, false}, nil)
	fmt.Println(evaluate.LiftAt(0.25)(r, nil), evaluate.GainAt(0.25)(r, nil), err)
	// Output: 4 1 <nil>
}

func ExampleGainAt() {
	r, err := evaluate.NewRanking([]float64{4, 3, 2, 1}, []bool{true, false, true, false}, nil)
	fmt.Println(evaluate.GainAt(0.5)(r, nil), err)
	// Output: 0.5 <nil>
}

func ExampleDeLong() {
	auc, err := evaluate.DeLong([]float64{9, 8, 7, 6, 5, 4, 3, 2}, []bool{true, true, false, true, false, true, false, false}, 0.95)
	fmt.Printf("%.4f [%.2f, %.2f] %v\n", auc.Value, auc.Low, auc.High, err)
	// Output: 0.8125 [0.48, 1.00] <nil>
}

func ExampleDeLongDifference() {
	churned := []bool{true, true, false, true, false, true, false, false}
	d, err := evaluate.DeLongDifference([]float64{9, 8, 7, 6, 5, 4, 3, 2}, []float64{8, 9, 6, 7, 4, 5, 2, 3}, churned, 0.95)
	fmt.Printf("%+.4f +- %.4f %v\n", d.Value, d.StandardError, err)
	// Output: -0.1250 +- 0.1021 <nil>
}

func ExampleChurnMoment() {
	fmt.Println(evaluate.ChurnMoment(100, 45), evaluate.ChurnMoment(100, 12), evaluate.ChurnMoment(100, math.NaN()))
	// Output: 145 130 130
}

func ExampleAlarms_FirstOfRun() {
	a := evaluate.Alarms{Instant: []float64{0, 30, 60, 90}, Alarm: []bool{true, false, true, true}, Churn: 100}
	fmt.Println(a.FirstOfRun())
	// Output: 60 true
}

func ExampleLeadTimes() {
	lead, err := evaluate.LeadTimes([]evaluate.Alarms{
		{Instant: []float64{0, 30, 60}, Alarm: []bool{false, true, true}, Churn: 75, Until: 200},
		{Instant: []float64{0, 30, 60}, Alarm: []bool{false, false, false}, Churn: 80, Until: 200},
		{Instant: []float64{0, 30, 60}, Alarm: []bool{true, false, false}, Churn: math.NaN(), Until: 200},
	}, 90, 0.9)
	fmt.Printf("median %.0f days, flagged %.2f, precision %.2f, %v\n", lead.Median.Value, lead.FlaggedShare.Value, lead.Precision.Value, err)
	// Output: median 45 days, flagged 0.50, precision 0.50, <nil>
}

func ExampleProportion() {
	p := evaluate.Proportion(20, 1000, 0.95)
	fmt.Printf("%.3f [%.3f, %.3f]\n", p.Value, p.Low, p.High)
	// Output: 0.020 [0.013, 0.031]
}

func ExampleWilson() {
	p := evaluate.Wilson(0.02, 512.5, 0.95)
	fmt.Printf("%.3f [%.3f, %.3f]\n", p.Value, p.Low, p.High)
	// Output: 0.020 [0.011, 0.036]
}

// Of 10 customers 7 complained, of 12 before 3: by hand 8/12 - 4/14 = 0.38095 and
// sqrt(8/12*4/12/12 + 4/14*10/14/14) = 0.18209.
func ExampleDifference() {
	d := evaluate.Difference(7, 10, 3, 12, 0.95)
	fmt.Printf("%.2f [%.3f, %.3f]\n", d.Value, d.Low, d.High)
	// Output: 0.45 [0.024, 0.738]
}
