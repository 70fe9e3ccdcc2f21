package hotspot_test

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/hotspot"
)

// three suppliers share 3,000 orders of one week; the first is often late.
func three() hotspot.Group {
	return hotspot.Group{
		Outcome: hotspot.Outcome{Binary: true},
		Strata:  []hotspot.Part{{N: 3000, Sum: 200}},
		Cells: []hotspot.Cell{
			{Parts: []hotspot.Part{{N: 500, Sum: 75}}},
			{Parts: []hotspot.Part{{N: 1500, Sum: 75}}},
			{Parts: []hotspot.Part{{N: 1000, Sum: 50}}},
		},
	}
}

func ExampleBetaBinomial_LogTails() {
	_, independent := hotspot.BetaBinomial{N: 500, Mean: 0.05}.LogTails(40)
	_, clustered := hotspot.BetaBinomial{N: 500, Mean: 0.05, Correlation: 0.01}.LogTails(40)
	fmt.Printf("40 late of 500 at 5 %%: p %.4f, of clustered ones %.4f\n", math.Exp(independent), math.Exp(clustered))
	// Output: 40 late of 500 at 5 %: p 0.0027, of clustered ones 0.1179
}

func ExampleBetaBinomial_LogProb() {
	d := hotspot.BetaBinomial{N: 2, Mean: 0.5, Correlation: 1.0 / 3}
	fmt.Printf("%.3f %.3f %.3f\n", math.Exp(d.LogProb(0)), math.Exp(d.LogProb(1)), math.Exp(d.LogProb(2)))
	// Output: 0.333 0.333 0.333
}

func ExampleGroup_Compare() {
	cells, err := three().Compare()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cells {
		fmt.Printf("%.3f against %.3f, excess %+.0f, p %.1g\n", c.Rate, c.Expected, c.Excess, c.P())
	}
	// Output:
	// 0.150 against 0.050, excess +50, p 2e-13
	// 0.050 against 0.083, excess -50, p 0.0003
	// 0.050 against 0.075, excess -25, p 0.01
}

func ExampleAdjust() {
	q, err := hotspot.Adjust([]float64{math.Log(0.001), math.Log(0.04), math.Log(0.5), math.Log(0.03)})
	fmt.Printf("%.3f %v\n", q, err)
	// Output: [0.004 0.053 0.500 0.053] <nil>
}

func ExampleCorrelation() {
	fmt.Printf("%.2f\n", hotspot.Correlation([]hotspot.Cluster{
		{N: 10, Sum: 4, Squares: 4}, {N: 10, Sum: 1, Squares: 1}, {N: 10, Sum: 0, Squares: 0}, {N: 10, Sum: 3, Squares: 3},
	}))
	// Output: 0.11
}

func ExampleCorrelationBySize() {
	fmt.Printf("%.2f\n", hotspot.CorrelationBySize([]hotspot.Sizes{{N: 2, Count: 100, Sum: 100, Squares: 100, SumSquares: 160}}))
	// Output: 0.20
}

func ExampleDistinct() {
	cells, _ := three().Compare()
	overlap := [][]int64{{500, 0, 0}, {0, 1500, 0}, {0, 0, 1000}}
	roles, _, _ := hotspot.Distinct(cells, overlap, math.Log(0.02))
	fmt.Println(roles)
	// Output: [{-1 false} {-1 true} {-1 true}]
}

func ExampleFitPrior() {
	cells, _ := three().Compare()
	p := hotspot.FitPrior(cells)
	fmt.Printf("departures of about %.2f\n", p.Spread)
	// Output: departures of about 0.06
}

func ExamplePrior_Shrink() {
	cells, _ := three().Compare()
	e := hotspot.Prior{Share: 0.2, Spread: 0.05}.Shrink(cells[0], 0.95)
	fmt.Printf("%.3f [%.3f, %.3f]\n", e.Value, e.Low, e.High)
	// Output: 0.146 [0.114, 0.181]
}

func ExampleComparison_P() {
	fmt.Println(hotspot.Comparison{LogP: 0}.P())
	// Output: 1
}
