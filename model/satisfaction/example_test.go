package satisfaction_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

func ExamplePoints() {
	for _, a := range []struct {
		kind  satisfaction.Kind
		score float64
	}{{satisfaction.NPS, 7}, {satisfaction.CSAT, 4}, {satisfaction.CES, 4}, {satisfaction.Sentiment, -0.5}} {
		points, err := satisfaction.Points(a.kind, a.score)
		fmt.Println(a.kind, points, err)
	}
	// Output:
	// nps 70 <nil>
	// csat 75 <nil>
	// ces 50 <nil>
	// sentiment 25 <nil>
}

func ExampleRange() {
	fmt.Println(satisfaction.Range(satisfaction.CES))
	// Output: 1 7 <nil>
}

func ExampleGroupOf() {
	fmt.Println(satisfaction.GroupOf(satisfaction.NPS, 8))
	fmt.Println(satisfaction.GroupOf(satisfaction.Sentiment, 0.9))
	// Output:
	// passive true <nil>
	//  false <nil>
}

func ExampleSevere() {
	fmt.Println(satisfaction.Severe(satisfaction.NPS, 2), satisfaction.Severe(satisfaction.NPS, 6))
	// Output: true false
}

func ExampleNetPromoter() {
	var groups []satisfaction.Group
	for i := range 100 {
		g := satisfaction.Promoter
		if i >= 50 {
			g = satisfaction.Passive
		}
		if i >= 80 {
			g = satisfaction.Detractor
		}
		groups = append(groups, g)
	}
	nps, err := satisfaction.NetPromoter(groups, 0.95)
	fmt.Printf("%.0f [%.0f, %.0f] %v\n", nps.Value, nps.Low, nps.High, err)
	// Output: 30 [15, 45] <nil>
}

func ExampleWeight() {
	fmt.Println(satisfaction.Weight(0, 180), satisfaction.Weight(180, 180), satisfaction.Weight(100, 180))
	// Output: 1 0.5 0.680395
}

func ExampleAlign() {
	var both []satisfaction.Answer
	for i := range 40 {
		level := float64(30 + i)
		both = append(both,
			satisfaction.Answer{Customer: i, Kind: satisfaction.NPS, Points: level},
			satisfaction.Answer{Customer: i, Kind: satisfaction.CSAT, Points: level + 5 + float64(i%3)})
	}
	a, err := satisfaction.Align(both, satisfaction.AlignOptions{Reference: satisfaction.NPS})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("csat answers %.1f points above nps, from %d customers\n", a.Offsets[satisfaction.CSAT].Value, a.Offsets[satisfaction.CSAT].N)
	// Output: csat answers 6.0 points above nps, from 40 customers
}

func ExampleFit() {
	var answers []satisfaction.Answer
	for i := range 60 {
		for m := range 3 {
			answers = append(answers, satisfaction.Answer{
				Customer: i, Moment: m, Kind: satisfaction.NPS, Points: float64(10 * (2 + i%7 + (i+m)%3)), AgeDays: float64(30 * m),
			})
		}
	}
	f, err := satisfaction.Fit(answers, satisfaction.Options{HalfLifeDays: 90})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("mean %.0f, the cohort counts %.2f answers\n", f.Mean.Value, f.PriorAnswers)
	// Output: mean 59, the cohort counts 0.21 answers
}

func ExampleFitted_Index() {
	f := satisfaction.Fitted{HalfLifeDays: 180, Within: 225, Between: 150, PriorAnswers: 1.5, Confidence: 0.9}
	f.Mean.Value = 60
	none := f.Index(0, nil)
	two := f.Index(0, []satisfaction.Answer{
		{Kind: satisfaction.NPS, Points: 20}, {Kind: satisfaction.NPS, Points: 40, AgeDays: 180},
	})
	fmt.Printf("%.0f +- %.0f from %d answers\n", none.Value, none.StandardError, none.N)
	fmt.Printf("%.0f +- %.0f from %d answers\n", two.Value, two.StandardError, two.N)
	// Output:
	// 60 +- 12 from 0 answers
	// 43 +- 9 from 2 answers
}
