package additive_test

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/model/additive"
)

// tiny is a shop of 600 customers in which late deliveries cost customers.
func tiny() (*additive.Design, []float64) {
	d := &additive.Design{Columns: []additive.Column{{Name: "late_deliveries"}, {Name: "channel"}}}
	var churned []float64
	for i := range 600 {
		late := i % 3
		d.Columns[0].Numbers = append(d.Columns[0].Numbers, float64(late))
		d.Columns[1].Levels = append(d.Columns[1].Levels, []string{"shop", "web"}[i/3%2])
		v := 0.0
		if i*7%10 < 3+2*late {
			v = 1
		}
		churned = append(churned, v)
	}
	return d, churned
}

func ExampleFit() {
	d, churned := tiny()
	p, err := additive.Fit(d, churned, additive.Options{Penalty: additive.Penalty{Curvature: 1, Slope: 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	customer := additive.Row{{Number: 2}, {Level: "web"}}
	low, high := p.Interval(customer, 0.90)
	fmt.Printf("risk %.2f [%.2f, %.2f]\n", p.Probability(customer), low, high)
	for j, c := range p.Contributions(customer, nil) {
		fmt.Printf("%s %+.2f\n", p.Terms[j].Name, c)
	}
	// Output:
	// risk 0.67 [0.60, 0.73]
	// late_deliveries +0.84
	// channel -0.15
}

func ExampleChoose() {
	d, churned := tiny()
	folds := make([]additive.Fold, 2)
	for i := range churned {
		folds[i/300].Test = append(folds[i/300].Test, i)
		folds[1-i/300].Train = append(folds[1-i/300].Train, i)
	}
	c, err := additive.Choose(d, churned, folds, []additive.Penalty{{Curvature: 1, Slope: 1}, {Curvature: 1, Slope: 1000}}, additive.ChooseOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Penalty)
	// Output: {1 1}
}

func ExampleCalibrate() {
	logOdds := []float64{-2, -1, 0, 1, 2, -2, -1, 0, 1, 2}
	churned := []float64{0, 0, 1, 1, 1, 0, 1, 1, 1, 1}
	c, err := additive.Calibrate(logOdds, churned, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("intercept %.2f, slope %.2f of %d customers\n", c.Intercept, c.Slope, c.Clusters)
	// Output: intercept 0.35, slope 1.06 of 10 customers
}

func ExampleTerm_Contribution() {
	recency := additive.Term{Name: "recency", Kind: additive.Numeric, Knots: []float64{0, 30, 90}, Values: []float64{-0.5, 0, 0.6}}
	for _, days := range []float64{-5, 15, 60, 400} {
		fmt.Printf("%.2f ", recency.Contribution(additive.Value{Number: days}))
	}
	// Output: -0.50 -0.25 0.30 0.60
}

func ExampleNoCalibration() {
	p := additive.Predictor{Base: -0.7, Calibration: additive.NoCalibration()}
	fmt.Printf("%.1f\n", p.BaseLogOdds())
	// Output: -0.7
}

func ExampleDefaultGrid() {
	grid := additive.DefaultGrid()
	fmt.Println(len(grid), "penalties, the strongest", grid[0])
	// Output: 10 penalties, the strongest {30 1000}
}

func ExampleDefaultPenalty() {
	fmt.Printf("%+v\n", additive.DefaultPenalty())
	// Output: {Curvature:30 Slope:100}
}

// Late deliveries cost more trust on the small plan.
func ExamplePair() {
	pair := additive.Pair{
		First:  additive.Axis{Term: "plan", Kind: additive.Category, Levels: []string{"basic", "pro"}},
		Second: additive.Axis{Term: "late", Kind: additive.Numeric, Cuts: []float64{1}},
		Values: [][]float64{{-0.2, 0.4, 0}, {0.2, -0.4, 0}, {0, 0, 0}, {0, 0, 0}},
	}
	fmt.Println(pair.Name())
	for _, plan := range []string{"basic", "pro"} {
		fmt.Printf("%s: %+.1f\n", plan, pair.Contribution(additive.Value{Level: plan}, additive.Value{Number: 2}))
	}
	// Output:
	// plan:late
	// basic: +0.4
	// pro: -0.4
}

func ExamplePredictor_ContributionNames() {
	p := additive.Predictor{
		Terms: []additive.Term{{Name: "late"}, {Name: "plan"}},
		Pairs: []additive.Pair{{First: additive.Axis{Term: "late"}, Second: additive.Axis{Term: "plan"}}},
	}
	fmt.Println(p.ContributionNames())
	// Output: [late plan late:plan]
}

func ExampleAxis_Cell() {
	late := additive.Axis{Term: "late", Kind: additive.Numeric, Cuts: []float64{1, 3}}
	for _, x := range []float64{0, 1, 2, 3, math.NaN()} {
		fmt.Print(late.Cell(additive.Value{Number: x}), " ")
	}
	fmt.Println("of", late.Cells())
	// Output: 0 1 1 2 3 of 4
}

// Two features that say nothing together are left as they are.
func ExampleChoosePairs() {
	d, churned := tiny()
	folds := make([]additive.Fold, 3)
	for i := range churned {
		for f := range folds {
			if i%3 == f {
				folds[f].Test = append(folds[f].Test, i)
			} else {
				folds[f].Train = append(folds[f].Train, i)
			}
		}
	}
	penalty, err := additive.Choose(d, churned, folds, nil, additive.ChooseOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pairs, err := additive.ChoosePairs(d, churned, folds, penalty, additive.DefaultPairings(), additive.ChooseOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pairs.Pairing.Count, "pairs pay")
	// Output: 0 pairs pay
}

func ExampleDefaultPairings() {
	for _, p := range additive.DefaultPairings() {
		fmt.Printf("%d pairs in %d rounds\n", p.Count, p.Rounds)
	}
	// Output:
	// 5 pairs in 5 rounds
	// 5 pairs in 25 rounds
	// 15 pairs in 25 rounds
}
