package logistic_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// What an unresolved ticket does to the odds of leaving.
func ExampleNew() {
	tickets := []float64{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2}
	churned := []float64{0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1}
	design, err := logistic.NewDense(tickets, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := logistic.New(design, churned, logistic.Options{Penalty: mat.NewSymDense(1, []float64{0.5})})
	if err != nil {
		fmt.Println(err)
		return
	}
	odds := f.Estimates(f.Covariance(), 0.90, len(churned))[1].Exp()
	fmt.Printf("odds times %.1f [%.1f, %.1f]\n", odds.Value, odds.Low, odds.High)
	// Output: odds times 3.9 [1.1, 14.3]
}

func ExampleProbability() {
	fmt.Printf("%.3f\n", logistic.Probability(1))
	// Output: 0.731
}

func ExampleLogOdds() {
	fmt.Printf("%.3f\n", logistic.LogOdds(0.25))
	// Output: -1.099
}

func ExampleLoss() {
	fmt.Printf("%.3f %.3f\n", logistic.Loss(2, 1), logistic.Loss(2, 0))
	// Output: 0.127 2.127
}

func ExampleNewDense() {
	design, err := logistic.NewDense([]float64{1, 2, 3, 4, 5, 6}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	eta := make([]float64, design.Rows())
	design.Linear([]float64{1, 10}, eta)
	fmt.Println(eta)
	// Output: [21 43 65]
}

// A prior pulls less as it weakens.
func ExampleNewPath() {
	tickets := []float64{0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2}
	churned := []float64{0, 0, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1}
	design, err := logistic.NewDense(tickets, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	path, err := logistic.NewPath(design, churned, logistic.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, precision := range []float64{50, 5, 0.5} {
		draft, err := path.Next(mat.NewSymDense(1, []float64{precision}), nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%.2f ", draft.Coefficients[0])
	}
	// Output: 0.05 0.40 1.36
}
