package btyd_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/btyd"
)

func ExampleFit() {
	m, err := btyd.Fit(town(), btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("r %.2f, alpha %.1f, a %.2f, b %.2f, log-likelihood %.1f\n", m.R, m.Alpha, m.A, m.B, m.LogLikelihood)
	fmt.Println(m.Warnings)
	// Output:
	// r 0.37, alpha 5.6, a 1.12, b 2.90, log-likelihood -512.8
	// [only 57 customers ordered more than once: the parameters are uncertain]
}

func ExampleGroup() {
	fmt.Println(btyd.Group([]btyd.History{{Age: 9}, {Repeats: 1, Last: 3, Age: 9}, {Age: 9}}))
	// Output: [{0 0 9 2} {1 3 9 1}]
}

// A customer of CDNOW with 26 repeat orders in 31 weeks, silent for 8.
func ExampleParameters_NoOrder() {
	p := btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}
	h := btyd.History{Repeats: 26, Last: 30.86, Age: 38.86}
	fmt.Printf("active %.3f, no order in 13 weeks %.3f\n", p.Alive(h), p.NoOrder(h, 13))
	// Output: active 0.139, no order in 13 weeks 0.861
}

func ExampleParameters_Alive() {
	p := btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}
	fmt.Printf("%.3f\n", p.Alive(btyd.History{Repeats: 2, Last: 30.43, Age: 38.86}))
	// Output: 0.727
}

func ExampleParameters_NoOrderLogOdds() {
	p := btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}
	fmt.Printf("%.3f\n", p.NoOrderLogOdds(btyd.History{Repeats: 2, Last: 30.43, Age: 38.86}, 39))
	// Output: -0.219
}

func ExampleParameters_WaitIfAlive() {
	p := btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}
	fmt.Printf("%.1f weeks\n", p.WaitIfAlive(btyd.History{Repeats: 2, Last: 30.43, Age: 38.86}, 0.5))
	// Output: 15.7 weeks
}

func ExampleParameters_LogLikelihood() {
	p := btyd.Parameters{R: 0.37, Alpha: 5.6, A: 1.1, B: 2.9}
	fmt.Printf("%.1f\n", p.LogLikelihood(town()))
	// Output: -512.8
}

func ExampleParameters_Classes() {
	c, err := btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426}.Classes()
	if err != nil {
		fmt.Println(err)
		return
	}
	mean := 0.0
	for _, class := range c {
		mean += class.Weight * class.Dropout
	}
	fmt.Printf("%d classes, mean dropout %.4f\n", len(c), mean)
	// Output: 64 classes, mean dropout 0.2463
}

func ExampleNewExpectation() {
	e, err := btyd.NewExpectation(btyd.Parameters{R: 0.243, Alpha: 4.414, A: 0.793, B: 2.426})
	if err != nil {
		fmt.Println(err)
		return
	}
	h := btyd.History{Repeats: 2, Last: 30.43, Age: 38.86}
	fmt.Printf("%.3f orders, %.3f if active\n", e.Orders(h, 39), e.OrdersIfAlive(h, 39))
	// Output: 1.226 orders, 1.687 if active
}

func ExampleModel_NoOrderEstimate() {
	m, err := btyd.Fit(town(), btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := m.NoOrderEstimate(btyd.History{Repeats: 3, Last: 12, Age: 30}, 15, 0.9)
	fmt.Printf("%.2f (%.2f to %.2f)\n", e.Value, e.Low, e.High)
	// Output: 0.80 (0.67 to 0.88)
}

func ExampleFitSpend() {
	m, err := btyd.FitSpend(till(), btyd.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	s := btyd.Spend{Orders: 2, Mean: 60}
	low, high := btyd.Interval(m.OrderValue(s), m.OrderValueSpread(s), 0.9)
	fmt.Printf("the shop's %.2f, his %.2f (%.2f to %.2f)\n", m.OrderValue(btyd.Spend{}), m.OrderValue(s), low, high)
	// Output: the shop's 32.23, his 44.71 (29.08 to 63.08)
}

func ExampleInterval() {
	low, high := btyd.Interval(100, 0.25, 0.9)
	fmt.Printf("%.0f to %.0f\n", low, high)
	// Output: 34 to 194
}

func ExampleSpread() {
	_, high := btyd.Interval(100, 0.25, 0.9)
	fmt.Printf("%.2f\n", btyd.Spread(100, high, 0.9))
	// Output: 0.25
}
