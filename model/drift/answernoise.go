package drift

import (
	"fmt"
	"math"
)

// FitAnswerDispersion returns by how much answers of one customer differ more
// between two waves than Within alone leads one to expect, at least 1. With the
// means x1 and x2 of a customer's two newest waves of n1 and n2 answers,
// u = (x2 - x1)/sqrt(Within), w = 1/(1/n1 + 1/n2), and d the mean of u weighted
// by w:
//
//	phi = sum w (u - d)^2 / (N - 1)
//
// It is a moment estimator: phi Within/n is then the variance of a wave of n
// answers around the customer's level, be it that answers vary more than
// Within (which a fit that discounts old answers understates), that the
// answers of a wave share its mood, or that levels wander. A level counts with
// phi Within too, so that its spread over customers, Within/Prior, stays.
//
// Below 30 customers with two waves it is 1. Errors: [ErrValue] for a mean
// that is NaN or infinite where there are answers.
func FitAnswerDispersion(customers []Survey) (float64, error) {
	var sum, weight, squares, n float64
	for i, c := range customers {
		w, change, ok := c.change()
		if !ok {
			continue
		}
		if math.IsNaN(change) || math.IsInf(change, 0) {
			return 0, fmt.Errorf("fit answer dispersion: customer %d: change of %v: %w", i, change, ErrValue)
		}
		sum += w * change
		weight += w
		squares += w * change * change
		n++
	}
	if n < thin {
		return 1, nil
	}
	return math.Max(1, (squares-sum*sum/weight)/(n-1)), nil
}

// change is the newer wave less the older one, in standard deviations of an
// answer, and its weight.
func (s Survey) change() (weight, change float64, ok bool) {
	if s.WaveCount[1] < 1 || s.WaveCount[2] < 1 || !(s.Within > 0) {
		return 0, 0, false
	}
	return 1 / (1/float64(s.WaveCount[1]) + 1/float64(s.WaveCount[2])), (s.WaveMean[2] - s.WaveMean[1]) / math.Sqrt(s.Within), true
}

// Dispersed returns the survey with the variance of answers times phi; the
// spread of levels, Within/Prior, stays. A phi of 0 is 1.
func (s Survey) Dispersed(phi float64) Survey {
	if phi == 0 {
		return s
	}
	s.Within *= phi
	s.Prior *= phi
	return s
}
