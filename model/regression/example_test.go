package regression_test

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/regression"
)

// Points of satisfaction lost per late delivery.
func ExampleSolve() {
	m := regression.NewMoments(1)
	late := []float64{0, 0, 1, 1, 2, 3}
	satisfaction := []float64{82, 78, 70, 74, 63, 57}
	if err := m.AddRows(late, satisfaction, nil); err != nil {
		fmt.Println(err)
		return
	}
	f, err := regression.Solve(m, regression.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	weight := f.Estimates(f.Covariance(), 0.90, f.Rows)[1]
	fmt.Printf("%.2f [%.2f, %.2f]\n", weight.Value, weight.Low, weight.High)
	// Output: -7.85 [-9.18, -6.52]
}

func ExampleMoments_Merge() {
	january, february := regression.NewMoments(1), regression.NewMoments(1)
	_ = january.AddRows([]float64{1, 2}, []float64{2, 4}, nil)
	_ = february.AddRows([]float64{3, 4}, []float64{5, 9}, nil)
	if err := january.Merge(february); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(january.Rows(), january.Mean())
	// Output: 4 [2.5 5]
}

func ExampleMomentsFrom() {
	second := mat.NewSymDense(2, []float64{5, 11, 11, 26})
	m, err := regression.MomentsFrom(4, 4, []float64{2.5, 5}, second)
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := regression.Solve(m, regression.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f + %.2f x\n", f.Intercept, f.Coefficients[0])
	// Output: -0.50 + 2.20 x
}

// Three answers of one customer are one piece of evidence.
func ExampleFit_Clustered() {
	x := []float64{0, 0, 0, 1, 1, 1, 2, 2}
	y := []float64{9, 9, 9, 6, 6, 6, 5, 4}
	m := regression.NewMoments(1)
	_ = m.AddRows(x, y, nil)
	f, err := regression.Solve(m, regression.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	covariance, customers, err := f.Clustered(x, y, nil, []int{7, 7, 7, 3, 3, 3, 1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := f.Estimates(covariance, 0.90, customers)[1]
	fmt.Printf("%d customers: %.2f, standard error %.2f\n", e.N, e.Value, e.StandardError)
	// Output: 4 customers: -2.31, standard error 0.27
}

func ExampleSandwich() {
	bread := mat.NewSymDense(1, []float64{0.5})
	middle := mat.NewSymDense(1, []float64{8})
	fmt.Println(regression.Sandwich(bread, middle).At(0, 0))
	// Output: 2
}

func ExampleMiddle() {
	scores := []float64{1, 2, -3}
	middle, customers := regression.Middle(1, 3, []int{10, 10, 11}, func(row int, s []float64) { s[0] += scores[row] })
	fmt.Println(customers, middle.At(0, 0))
	// Output: 2 36
}

func ExampleFit_Predict() {
	f := &regression.Fit{Intercept: 1, Coefficients: []float64{2, 3}}
	fmt.Println(f.Predict([]float64{10, 100}))
	// Output: 321
}

func ExampleNewMoments() {
	m := regression.NewMoments(1)
	for _, x := range []float64{1, 2, 3} {
		if err := m.Add([]float64{x}, 10*x, 1); err != nil {
			fmt.Println(err)
			return
		}
	}
	fmt.Println(m.Rows(), m.Mean(), m.Second().At(0, 1))
	// Output: 3 [2 20] 20
}

// The slope and the intercept of y = 1 + 2x, from the sums of [1, x] y.
func ExampleNewCurvature() {
	m := regression.NewMoments(1)
	_ = m.AddRows([]float64{0, 1, 2}, []float64{1, 3, 5}, nil)
	curvature, err := regression.NewCurvature(m, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	step := make([]float64, 2)
	curvature.Step([]float64{1 + 3 + 5, 3 + 2*5}, step)
	fmt.Printf("%.3f\n", step)
	// Output: [1.000 2.000]
}
