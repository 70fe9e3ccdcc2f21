package drift_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/drift"
)

// twelve is a small shop whose last cycle was busier for everybody.
func twelve() []drift.History {
	var out []drift.History
	for i := range 12 {
		a := 2 + i%4
		out = append(out, drift.History{Orders: [drift.Cycles]int{a, a + 1, a, a - 1, a, a, a, 2 * a}, Present: drift.Cycles})
	}
	return out
}

func ExampleFit() {
	shop, err := drift.Fit(twelve())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("level %.2f, dispersion %.1f, last cycle x %.2f\n", shop.Level, shop.Dispersion, shop.Movement[7])
	fmt.Println(shop.Warnings)
	// Output:
	// level 3.50, dispersion 1.0, last cycle x 2.00
	// [12 customers with a baseline, 30 are needed for a sure noise and movement]
}

func ExampleShop_Orders() {
	shop := drift.Shop{Level: 3, Prior: 1, Dispersion: 1.5, Movement: [drift.Cycles]float64{1, 1, 1, 1, 1, 1, 1, 0.8}}
	z := shop.Orders(drift.History{Orders: [drift.Cycles]int{5, 4, 6, 5, 5, 4, 2, 1}, Present: 8})
	fmt.Printf("expected %.1f, declines %.2f and %.2f, combined %.2f\n", z.Expected, z.First, z.Second, z.Combined)
	// Output: expected [4.6 3.7], declines -0.92 and -1.07, combined -1.33
}

func ExampleShop_Baselines() {
	shop := drift.Shop{Movement: [drift.Cycles]float64{1.5, 0.5, 1, 1, 1.25, 0.75, 1, 1}}
	fmt.Println(shop.Baselines())
	// Output: [0.75 2 3 4 4.5 6]
}

func ExampleFitRhythm() {
	var customers []drift.Gaps
	for i := range 40 {
		customers = append(customers, drift.Gaps{Count: 4, Mean: 20 + float64(i), Variance: 0.25 * (20 + float64(i)) * (20 + float64(i))})
	}
	r, err := drift.FitRhythm(customers)
	fmt.Printf("gap %.1f days, dispersion %.2f, worth %.1f gaps %v\n", r.Gap, r.Dispersion, r.Prior, err)
	// Output: gap 39.5 days, dispersion 0.27, worth 13.7 gaps <nil>
}

func ExampleRhythm_Orders() {
	rhythm := drift.Rhythm{Gap: 45, Prior: 2, Dispersion: 0.3}
	usual := drift.Calendar{CycleDays: 30, Movement: [drift.Cycles]float64{1, 1, 1, 1, 1, 1, 1, 1}}
	// Orders 300, 260, 220 and 100 days ago: two pauses far beyond the own gap.
	z := rhythm.Orders(usual, drift.Days{Count: 4, First: 300, Third: 260, Second: 220, Last: 100}, 0)
	fmt.Printf("gap %.1f days, %v passed: %.2f and %.2f, together %.2f\n", z.Expected[0], z.Observed, z.First, z.Second, z.Tail)
	// Output: gap 42.5 days, [120 100] passed: -2.23 and -1.82, together -2.52
}

func ExampleCalendar_Age() {
	// The last cycle was twice as busy as usual: its days count double.
	c := drift.Calendar{CycleDays: 30, Movement: [drift.Cycles]float64{1, 1, 1, 1, 1, 1, 1, 2}}
	fmt.Println(c.Age(15), c.Age(40), c.Age(300))
	// Output: 30 70 330
}

func ExampleFirst() {
	rhythm := drift.Signal{Usable: true, Tail: -1.2}
	fmt.Println(drift.First(drift.Signal{}, rhythm).Tail)
	// Output: -1.2
}

func ExampleShift_Judge() {
	// Nobody answered in both cycles; the two newest waves lie 70 and 10 days back.
	z := drift.Shift{}.Judge(drift.Survey{
		CycleDays: 30, Level: 75, Within: 200, Prior: 2,
		WaveCount: [3]int{2, 1, 1}, WaveMean: [3]float64{85, 60, 50}, WaveAge: [2]float64{70, 10},
	})
	fmt.Printf("own level %.0f: %.2f and %.2f, together %.2f\n", z.Expected[0], z.First, z.Second, z.Tail)
	// Output: own level 80: -1.26 and -1.90, together -2.04
}

func ExampleDeclineRule_Judge() {
	trade := drift.Trade{OrderMovement: 1, SpendMovement: 1, Level: 2, Prior: 0.5, Dispersion: 1.2, ValueSpread: 0.4}
	for _, c := range []drift.Windows{
		{Orders: [2]int{2, 1}, Spend: [2]float64{80, 40}},
		{Orders: [2]int{8, 2}, Spend: [2]float64{320, 90}},
	} {
		d := drift.DeclineRule{}.Judge(trade, c)
		fmt.Printf("bare %v, guarded %v (orders %+.0f %%, a decline by %.2f)\n", d.Bare, d.Flagged, 100*d.OrderChange, d.OrderProbability)
	}
	// Output:
	// bare true, guarded false (orders -50 %, a decline by 0.60)
	// bare true, guarded true (orders -75 %, a decline by 0.91)
}

func ExampleFitTrade() {
	shop := drift.Shop{Level: 1, Prior: 1, Dispersion: 1.2}
	var customers []drift.Windows
	for i := range 40 {
		customers = append(customers, drift.Windows{Orders: [2]int{4, 2 + i%2}, Spend: [2]float64{80, 60}, Throughout: true})
	}
	t, err := drift.FitTrade(shop, 30, 60, customers)
	fmt.Printf("orders x %.3f, spend x %.2f, level %.0f, prior %.1f %v\n", t.OrderMovement, t.SpendMovement, t.Level, t.Prior, err)
	// Output: orders x 0.625, spend x 0.75, level 2, prior 0.5 <nil>
}

func ExampleStatistic() {
	orders := drift.Signal{Usable: true, First: -0.5, Second: 0.4, Combined: -0.1, Tail: -0.1}
	answers := drift.Signal{Usable: true, First: -1.4, Second: -1.9, Combined: -2.3, Tail: -2.3}
	fmt.Println(drift.Statistic(orders, answers))
	// Output: -2.3 true
}

func ExampleFitShift() {
	var customers []drift.Answers
	for i := range 30 {
		own := float64(60 + i)
		customers = append(customers, drift.Answers{Mean: [3]float64{own, own - 4, own + 2}, StandardError: [3]float64{2, 5, 5}})
	}
	shift, err := drift.FitShift(customers)
	fmt.Println(shift.Points, err)
	// Output: [-4 2] <nil>
}

func ExampleShift_Satisfaction() {
	z := drift.Shift{}.Satisfaction(drift.Answers{Mean: [3]float64{80, 70, 60}, StandardError: [3]float64{3, 8, 8}})
	fmt.Printf("%.2f %.2f %.2f\n", z.First, z.Second, z.Combined)
	// Output: -1.17 -2.34 -2.34
}

func ExampleRule_State() {
	rule := drift.Rule{Threshold: -2}
	low := drift.Signal{Usable: true, First: -1.4, Second: -1.9, Combined: -2.3, Tail: -2.3}
	back := drift.Signal{Usable: true, First: -1.4, Second: 0.3, Combined: -0.8, Tail: -0.8}
	fmt.Println(rule.State(false, low), rule.State(true, back), rule.State(false, back), rule.State(false))
	// Output: drifting recovering wobbling silent
}

func ExampleRule_Declines() {
	rule := drift.Rule{Threshold: -2}
	fmt.Println(rule.Declines(drift.Signal{Usable: true, First: -1.4, Second: -1.9, Combined: -2.3, Tail: -2.3}))
	// Output: 2
}

func ExampleChoose() {
	var history []drift.Past
	for i := range 1000 {
		history = append(history, drift.Past{Customer: i, Statistic: -float64(i) / 250, Churned: i%10 == 9})
	}
	t, err := drift.Choose(history, 20, 0.95)
	fmt.Printf("%.3f: %.0f false alarms per 1,000 and cycle [%.0f, %.0f] %v\n", t.Value, t.Achieved.Value, t.Achieved.Low, t.Achieved.High, err)
	// Output: -3.916: 20 false alarms per 1,000 and cycle [13, 31] <nil>
}

func ExampleFalseAlarms() {
	var history []drift.Past
	for i := range 500 {
		history = append(history, drift.Past{Customer: i, Statistic: -float64(i%50) / 10})
	}
	rate := drift.FalseAlarms(history, -4.85, 0.95)
	fmt.Printf("%.0f per 1,000 [%.0f, %.0f]\n", rate.Value, rate.Low, rate.High)
	// Output: 20 per 1,000 [11, 36]
}

func ExampleNormalThreshold() {
	fmt.Printf("%.2f\n", drift.NormalThreshold(20))
	// Output: -2.05
}

func ExampleOddsRatios() {
	var declines, customer []int
	var churned []bool
	for i := range 300 {
		d := i % 3
		declines = append(declines, d)
		churned = append(churned, i/3%10 < []int{2, 4, 6}[d])
		customer = append(customer, i)
	}
	odds, err := drift.OddsRatios(declines, churned, customer, nil, 0.9)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("one %.2f [%.2f, %.2f], two %.2f\n", odds.One.Value, odds.One.Low, odds.One.High, odds.Two.Value)
	// Output: one 2.67 [1.57, 4.54], two 6.00
}

func ExampleShop_SteadyThreshold() {
	shop := drift.Shop{Level: 2, Prior: 1, Dispersion: 1, Movement: [drift.Cycles]float64{1, 1, 1, 1, 1, 1, 1, 1}}
	customers := []drift.History{{Orders: [drift.Cycles]int{1, 2, 2, 1, 3, 2}, Present: drift.Cycles}}
	t := shop.SteadyThreshold(customers, 20, 1)
	fmt.Println(t < -1, t > -4)
	// Output: true true
}

func ExampleChooseByKind() {
	// Satisfaction strays twice as far as orders do.
	var past []drift.Occasion
	for i := range 4000 {
		o := drift.Occasion{Customer: i}
		k, spread := drift.ByOrders, 1.0
		if i%2 == 1 {
			k, spread = drift.BySatisfaction, 2.0
		}
		o.Usable[k], o.Statistic[k] = true, -spread*float64(i/2)/1000
		past = append(past, o)
	}
	chosen, err := drift.ChooseByKind(past, 20, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("orders %.1f, satisfaction %.1f, together %.1f per 1,000\n",
		chosen.Rule.Of(drift.ByOrders), chosen.Rule.Of(drift.BySatisfaction), chosen.Achieved.Value)
	// Output: orders -2.6, satisfaction -3.8, together 20.0 per 1,000
}

func ExampleFitAnswerDispersion() {
	var surveys []drift.Survey
	for i := range 40 {
		step := 30.0
		if i%2 == 1 {
			step = -30
		}
		surveys = append(surveys, drift.Survey{
			Within: 225, Prior: 2, WaveCount: [3]int{0, 1, 1}, WaveMean: [3]float64{0, 60, 60 + step},
		})
	}
	phi, err := drift.FitAnswerDispersion(surveys)
	fmt.Printf("%.2f %v\n", phi, err)
	// Output: 2.05 <nil>
}

func ExampleRule_Statistic() {
	rule := drift.Rule{Threshold: -2, Satisfaction: -3}
	orders := drift.Signal{Usable: true, First: -1, Second: -1, Tail: -1.5}
	answers := drift.Signal{Usable: true, Kind: drift.BySatisfaction, First: -2, Second: -2, Tail: -2.4}
	scaled, usable := rule.Statistic(orders, answers)
	fmt.Printf("%.2f %t %s\n", scaled, usable, rule.State(false, orders, answers))
	// Output: -0.80 true wobbling
}

func ExampleForetell() {
	past := make([][]drift.Occasion, 5)
	for t := range past {
		for i := range 1000 {
			o := drift.Occasion{Customer: 1000*t + i}
			o.Usable[drift.ByOrders], o.Statistic[drift.ByOrders] = true, -float64(i)/250
			past[t] = append(past[t], o)
		}
	}
	told, err := drift.Foretell(past, 3, 500, 20)
	if err != nil {
		fmt.Println(err)
		return
	}
	said := drift.Said(told.All, len(past))
	fmt.Println(len(said), drift.FalseRuns(said), told.Asked(20, len(past)))
	// Output: 2000 40 20
}

// An alarm that goes on is no new one, and one that churn followed is not false.
func ExampleFalseRuns() {
	said := []drift.Past{
		{Customer: 1, Statistic: -1},
		{Customer: 1, Statistic: -1, Before: -1},
		{Customer: 2, Statistic: -1, Churned: true},
		{Customer: 3},
	}
	fmt.Println(drift.FalseRuns(said))
	// Output: 1
}

func ExampleSaid() {
	at := [][]drift.Past{{{Customer: 1}, {Customer: 2}}, {{Customer: 1, Statistic: -1}}, {{Customer: 2}}}
	fmt.Println(len(drift.Said(at, 2)), len(drift.Said(at, 9)))
	// Output: 3 4
}

func ExampleOddsRatiosWeighted() {
	declines := []int{0, 0, 0, 2, 2, 2}
	churned := []bool{true, false, false, true, true, false}
	odds, err := drift.OddsRatiosWeighted(declines, churned, []int{1, 2, 3, 4, 5, 6}, []float64{1, 1, 1, 1, 1, 4}, nil, 0.95)
	fmt.Printf("%.2f %v\n", odds.Two.Value, err)
	// Output: 1.00 <nil>
}
