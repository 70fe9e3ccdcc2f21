package threshold_test

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model/threshold"
)

func ExampleEconomics_BreakEven() {
	e := threshold.Economics{Effect: 0.1, Cost: 2}
	fmt.Println(e.BreakEven(50), e.BreakEven(200))
	// Output: 0.4 0.1
}

func ExampleEconomics_Net() {
	e := threshold.Economics{Effect: 0.1, Cost: 2}
	fmt.Println(e.Net(0.5, 200), e.Return(0.5, 200))
	// Output: 8 5
}

func ExampleJudge() {
	cutoff := threshold.Cutoff{
		Customer: []int{1, 2, 3, 4}, Probability: []float64{0.9, 0.6, 0.3, 0.2},
		AtStake: []float64{200, 20, 400, 50}, Churned: []bool{true, true, true, false},
	}
	e := threshold.Economics{Effect: 0.1, Cost: 5}
	plans := [][]threshold.Policy{{{Least: 1}}, {{By: threshold.ByProbability, Least: 0.5}}, {threshold.Everybody()}, {threshold.Nobody()}}
	j, err := threshold.Judge([]threshold.Cutoff{cutoff}, plans, e, threshold.Options{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	for k := range plans {
		fmt.Printf("%.0f contacted, net %.0f\n", j.Of(k).Contacted, j.Of(k).Net.Value)
	}
	fmt.Printf("%+.0f against 0.5\n", j.Difference(0, 1).Value)
	fmt.Printf("net %.0f with half the effect\n", j.At(0, 0.05).Value)
	// Output:
	// 2 contacted, net 50
	// 2 contacted, net 12
	// 4 contacted, net 42
	// 0 contacted, net 0
	// +38 against 0.5
	// net 20 with half the effect
}

func ExampleChoose() {
	cutoff := threshold.Cutoff{
		Customer: []int{1, 2, 3, 4}, Probability: []float64{0.9, 0.6, 0.3, 0.2},
		AtStake: []float64{200, 20, 400, 50}, Churned: []bool{true, true, true, false},
	}
	choice, err := threshold.Choose([]threshold.Cutoff{cutoff}, threshold.Economics{Effect: 0.1, Cost: 5}, threshold.Options{Seed: 1})
	fmt.Println(choice.Least.Value, choice.Best, len(choice.Curve), err)
	// Output: 1 1 16 <nil>
}

func ExampleAlways() {
	fmt.Println(len(threshold.Always(threshold.Everybody(), 3)))
	// Output: 3
}

func ExampleJudgement_PaysFrom() {
	cutoff := threshold.Cutoff{
		Customer: []int{1, 2}, Probability: []float64{0.9, 0.8}, AtStake: []float64{200, 200}, Churned: []bool{true, true},
	}
	j, err := threshold.Judge([]threshold.Cutoff{cutoff}, [][]threshold.Policy{{threshold.Everybody()}}, threshold.Economics{Effect: 0.1, Cost: 5}, threshold.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	from, ok := j.PaysFrom(0)
	fmt.Println(from.Value, ok)
	// Output: 0.025 true
}
