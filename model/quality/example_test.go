package quality_test

import (
	"fmt"
	"testing"

	"github.com/churnwatch/churnwatch/model/quality"
)

func ExampleVolume() {
	weeks := []float64{102, 98, 101, 97, 103, 100, 99, 104, 96, 101, 100, 98, 103, 99, 30}
	m, err := quality.Volume(weeks, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f where %.0f were to be expected\n", m.Observed, m.Expected)
	// Output: 30 where 99 were to be expected
}

func ExampleMovement_Ratio() {
	fmt.Println(quality.Movement{Observed: 30, Expected: 120}.Ratio())
	// Output: 0.25
}

func ExampleNewRhythm() {
	r, err := quality.NewRhythm([]int{0, 1, 2, 3, 6, 7, 8, 9, 30, 31})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("usually within %.0f days, once %d\n", r.Usual, r.Longest.Days())
	// Output: usually within 3 days, once 21
}

func ExampleUnusual() {
	for _, g := range quality.Unusual([]int{0, 1, 2, 20, 21}, 14) {
		fmt.Println(g.From, g.To)
	}
	// Output: 2 20
}

func ExampleGap_Days() {
	fmt.Println(quality.Gap{From: 3, To: 10}.Days())
	// Output: 7
}

func ExampleStability() {
	reference := quality.Sample{Levels: []string{"web", "web", "shop", "shop"}}
	now := quality.Sample{Levels: []string{"web", "shop", "shop", "shop"}}
	e, err := quality.Stability(reference, now, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("four rows show nothing:", e.Value < e.High)
	// Output: four rows show nothing: true
}

func ExampleSample_Missing() {
	fmt.Println(quality.Sample{Levels: []string{"web", ""}}.Missing())
	// Output: 0.5
}

func ExampleSample_Len() {
	fmt.Println(quality.Sample{Numbers: []float64{1, 2, 3}}.Len())
	// Output: 3
}

func ExampleSeparation() {
	k, err := quality.Separation(quality.Sample{Levels: []string{"open", "open", "closed", "closed"}}, []bool{false, false, true, true})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k.AUC)
	// Output: 1
}

func BenchmarkSeparationOf5000Rows(b *testing.B) {
	values, churned := make([]float64, 5000), make([]bool, 5000)
	for i := range values {
		values[i], churned[i] = float64(i*7919%5003), i%3 == 0
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := quality.Separation(quality.Sample{Numbers: values}, churned); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStabilityOf5000Rows(b *testing.B) {
	first, second := make([]float64, 5000), make([]float64, 5000)
	for i := range first {
		first[i], second[i] = float64(i*7919%5003), float64(i*104729%5003)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := quality.Stability(quality.Sample{Numbers: first}, quality.Sample{Numbers: second}, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVolumeOf104Weeks(b *testing.B) {
	weeks := make([]float64, 104)
	for i := range weeks {
		weeks[i] = float64(100 + i*13%17)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := quality.Volume(weeks, 4); err != nil {
			b.Fatal(err)
		}
	}
}
