package experiment

// Split shares out an error between several comparisons in proportion to their
// weights, so that the probability of any false one is alpha at most, however
// they depend on each other (Bonferroni 1936). Weights are above 0. It returns
// nil for none.
func Split(alpha float64, weights ...float64) []float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	var out []float64
	for _, w := range weights {
		out = append(out, alpha*w/sum)
	}
	return out
}

// Equally returns n equal weights.
func Equally(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 1
	}
	return out
}
