package experiment

import "math"

// Nth returns the n-th part of 1, from 1 on, where nobody knows how many there
// will be: 6 / (pi² n²), which add up to 1 over all n (Euler 1735). Comparisons
// that appear one by one get theirs of an error, so that the probability of any
// false one is bounded by it, however they depend on each other (Bonferroni 1936),
// and that of none changes when another appears.
func Nth(n int) float64 { return 6 / (math.Pi * math.Pi * float64(n) * float64(n)) }
