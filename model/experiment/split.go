package experiment

// Split shares out an error between several comparisons in proportion to their
// weights, so that the probability of any false one is alpha at most, however
// they depend on each other (Bonferroni 1936). Weights are above 0.
func Split(alpha float64, weights ...float64) []float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	out := make([]float64, len(weights))
	for i, w := range weights {
		out[i] = alpha * w / sum
	}
	return out
}
