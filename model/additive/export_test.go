package additive

// Grow is grow over residuals, informations and weights by cell.
func Grow(residual, information, weight []float64, columns int) []float64 {
	cells := make([]sum, len(residual))
	for i := range cells {
		cells[i] = sum{weight[i], residual[i], information[i]}
	}
	return grow(cells, len(cells)/columns, columns)
}

// Purify is purify in a copy.
func Purify(values, weights []float64, columns int) []float64 {
	out := append(surface(nil), values...)
	purify(out, weights, columns, sweeps)
	return out
}
