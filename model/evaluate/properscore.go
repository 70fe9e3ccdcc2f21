package evaluate

import (
	"fmt"
	"math"
)

// smallest is where probabilities are clipped before a logarithm is taken,
// the double's epsilon as in scikit-learn since 1.2.
const smallest = 0x1p-52

// clip bounds a probability away from 0 and 1.
func clip(p float64) float64 { return math.Min(math.Max(p, smallest), 1-smallest) }

// logit returns the log-odds of the clipped probability.
func logit(p float64) float64 {
	p = clip(p)
	return math.Log(p) - math.Log1p(-p)
}

// logistic returns 1 / (1 + exp(-x)) without overflow.
func logistic(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// Brier returns the weighted mean of (p - y)^2, with y 1 for churned and 0
// otherwise. Lower is better; always saying the base rate r gives r (1 - r).
// Brier (1950).
func (r *Ranking) Brier(weight []float64) float64 {
	w := r.weights(weight)
	var sum, all float64
	for i, row := range r.row {
		d := r.score[i]
		if r.churned[i] {
			d = 1 - d
		}
		sum += w[row] * d * d
		all += w[row]
	}
	return sum / all
}

// LogLoss returns the weighted mean of -y log p - (1-y) log(1-p), with p
// clipped to [2^-52, 1 - 2^-52] so that one wrong certainty stays finite.
func (r *Ranking) LogLoss(weight []float64) float64 {
	w := r.weights(weight)
	var sum, all float64
	for i, row := range r.row {
		p := clip(r.score[i])
		if r.churned[i] {
			sum -= w[row] * math.Log(p)
		} else {
			sum -= w[row] * math.Log1p(-p)
		}
		all += w[row]
	}
	return sum / all
}

// Level returns the weighted mean of p - y: positive when the scores promise
// more churn than came.
func (r *Ranking) Level(weight []float64) float64 {
	w := r.weights(weight)
	var sum, all float64
	for i, row := range r.row {
		d := r.score[i]
		if r.churned[i] {
			d--
		}
		sum += w[row] * d
		all += w[row]
	}
	return sum / all
}

// Brier returns the mean squared difference of probability and outcome; see
// [Ranking.Brier].
//
// Errors: [ErrShape] for lengths that differ or no rows, [ErrValue] for a
// probability that is NaN or outside [0, 1]. One outcome alone is allowed.
func Brier(probability []float64, churned []bool) (float64, error) {
	r, err := probabilities(probability, churned)
	if err != nil {
		return 0, fmt.Errorf("brier: %w", err)
	}
	return r.Brier(nil), nil
}

// LogLoss returns the mean negative log-likelihood of the outcomes; see
// [Ranking.LogLoss], and [Brier] for the errors.
func LogLoss(probability []float64, churned []bool) (float64, error) {
	r, err := probabilities(probability, churned)
	if err != nil {
		return 0, fmt.Errorf("log loss: %w", err)
	}
	return r.LogLoss(nil), nil
}

// probabilities ranks rows whose scores are probabilities.
func probabilities(probability []float64, churned []bool) (*Ranking, error) {
	if err := checkProbabilities(probability, churned); err != nil {
		return nil, err
	}
	return NewRanking(probability, churned, nil)
}
