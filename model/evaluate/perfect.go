package evaluate

import "math"

// exactRows is the bin size above which the normal limit is used; its error
// there is below 1e-4 of the value unless almost nobody churns.
const exactRows = 5000

// meanAbsoluteDeviation returns E|S - E S| for S the number of successes among
// independent trials of probabilities p (the Poisson binomial).
func meanAbsoluteDeviation(p []float64) float64 {
	var mean, variance float64
	for _, v := range p {
		mean += v
		variance += v * (1 - v)
	}
	if len(p) > exactRows {
		return math.Sqrt(2 * variance / math.Pi)
	}
	mass, first := poissonBinomial(p)
	var deviation float64
	for k, m := range mass {
		deviation += m * math.Abs(float64(first+k)-mean)
	}
	return deviation
}

// poissonBinomial returns the distribution of the number of successes: mass[k]
// is P(S = first + k). Ends below 1e-18 are cut, which keeps the cost near n
// times the standard deviation.
func poissonBinomial(p []float64) (mass []float64, first int) {
	const negligible = 1e-18
	mass = make([]float64, 1, len(p)+1)
	mass[0] = 1
	for _, v := range p {
		mass = append(mass, 0)
		for k := len(mass) - 1; k > 0; k-- {
			mass[k] = mass[k]*(1-v) + mass[k-1]*v
		}
		mass[0] *= 1 - v
		for len(mass) > 1 && mass[0] < negligible {
			mass = mass[1:]
			first++
		}
		for len(mass) > 1 && mass[len(mass)-1] < negligible {
			mass = mass[:len(mass)-1]
		}
	}
	return mass, first
}
