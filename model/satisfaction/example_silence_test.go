package satisfaction_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

func ExampleBallot_Answers() {
	fmt.Println(satisfaction.Ballot{Promoters: 2, Detractors: 1}.Answers())
	// Output: 3
}

func ExampleNetPromoterOf() {
	var ballots []satisfaction.Ballot
	for i := range 60 {
		b := satisfaction.Ballot{Promoters: 1}
		if i%3 == 0 {
			b = satisfaction.Ballot{Detractors: 2}
		}
		ballots = append(ballots, b)
	}
	nps, err := satisfaction.NetPromoterOf(ballots, 0.95)
	fmt.Printf("%.0f [%.0f, %.0f] of %d customers %v\n", nps.Value, nps.Low, nps.High, nps.N, err)
	// Output: 0 [-27, 27] of 60 customers <nil>
}

// Two streets of 100 customers: half of a answered, 40 of b, who are angrier.
func ExampleCorrection_NetPromoter() {
	w := strata()
	propensity, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	correction, err := satisfaction.NewCorrection(propensity, w.ballots, satisfaction.SilenceOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, _ := satisfaction.NetPromoterOf(w.ballots, 0.95)
	all, err := correction.NetPromoter(w.everyone())
	fmt.Printf("plain %.1f, corrected %.1f [%.1f, %.1f] %v\n", plain.Value, all.Value, all.Low, all.High, err)
	// Output: plain 15.6, corrected 10.1 [-5.9, 26.1] <nil>
}

func ExampleNewCorrection() {
	w := strata()
	propensity, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	correction, err := satisfaction.NewCorrection(propensity, w.ballots, satisfaction.SilenceOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	street, err := correction.NetPromoter([]int{100, 101, 108, 109, 116, 117, 118, 119})
	fmt.Printf("%.0f of %d customers %v\n", street.Value, street.N, err)
	// Output: -25 of 8 customers <nil>
}

func ExampleFitPropensity() {
	w := strata()
	p, err := satisfaction.FitPropensity(w.traits, w.answered, satisfaction.PropensityOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("a %.3f, b %.3f by %v\n", p.Probability[0], p.Probability[199], p.Columns)
	// Output: a 0.499, b 0.401 by [street is b]
}

func ExampleFitHalfLife() {
	answers := walks(300, 10, 60, 0.5, 1)
	f, err := satisfaction.Fit(answers, satisfaction.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	h, err := satisfaction.FitHalfLife(answers, f, 0.95)
	fmt.Printf("an answer counts half after %.0f days, %d foretold: sharp %v %v\n", h.Days, h.Foretold, h.Sharp(), err)
	fmt.Println("the usual 180 days rejected:", h.RejectsFitted)
	// Output:
	// an answer counts half after 60 days, 2700 foretold: sharp true <nil>
	// the usual 180 days rejected: true
}

func ExampleHalfLives() {
	grid := satisfaction.HalfLives()
	fmt.Println(grid[0], grid[len(grid)-1])
	// Output: 15 1920
}

func ExampleHalfLife_Holds() {
	h := satisfaction.HalfLife{Days: 480, Low: 200, High: 1920, OpenHigh: true}
	fmt.Println(h.Holds(180), h.Holds(300), h.Holds(3650))
	// Output: false true true
}

func ExampleHalfLife_Sharp() {
	fmt.Println(satisfaction.HalfLife{Days: 60, Low: 15, High: 1920, OpenLow: true, OpenHigh: true, Foretells: true}.Sharp())
	// Output: false
}
