package evaluate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Ranking is scored rows sorted once, so that a measure under any weights
// takes one pass.
//
// Its measures take one weight per row, in the order of the rows given to
// [NewRanking]: nil means one each, a row of weight 0 is absent, a row of
// weight 2 counts as two equal rows. They return NaN where they are not
// defined (all weight on one outcome, or none at all) and sum in the fixed
// order of the ranking. A Ranking is safe for concurrent use.
type Ranking struct {
	score   []float64 // descending
	churned []bool
	row     []int // position in the caller's order
	end     []int // end (exclusive) of each group of equal scores
	ones    []float64
}

// NewRanking sorts rows by descending score; rows of equal score stand in the
// ascending order of tie, then of their position.
//
// Tie should be a hash of the customer's id, so that the order of a file
// decides nothing; nil means the position alone. Errors: [ErrShape] for
// lengths that differ or no rows, [ErrValue] for a score that is NaN or
// infinite.
func NewRanking(score []float64, churned []bool, tie []uint64) (*Ranking, error) {
	if err := checkRows(score, churned); err != nil {
		return nil, fmt.Errorf("rank: %w", err)
	}
	if tie != nil && len(tie) != len(score) {
		return nil, fmt.Errorf("rank: %d scores, %d tie keys: %w", len(score), len(tie), ErrShape)
	}
	n := len(score)
	r := &Ranking{
		score: make([]float64, n), churned: make([]bool, n), row: make([]int, n), ones: make([]float64, n),
	}
	for i := range r.row {
		r.row[i] = i
		r.ones[i] = 1
	}
	slices.SortFunc(r.row, func(a, b int) int {
		if c := cmp.Compare(score[b], score[a]); c != 0 {
			return c
		}
		if tie != nil {
			if c := cmp.Compare(tie[a], tie[b]); c != 0 {
				return c
			}
		}
		return cmp.Compare(a, b)
	})
	for i, row := range r.row {
		r.score[i], r.churned[i] = score[row], churned[row]
		if i > 0 && r.score[i] != r.score[i-1] {
			r.end = append(r.end, i)
		}
	}
	r.end = append(r.end, n)
	return r, nil
}

// Len returns the number of rows.
func (r *Ranking) Len() int { return len(r.row) }

// weights returns weight, or ones for nil.
func (r *Ranking) weights(weight []float64) []float64 {
	if weight == nil {
		return r.ones
	}
	return weight
}

// totals returns the weight of churned and of all rows.
func (r *Ranking) totals(w []float64) (churned, all float64) {
	for i, row := range r.row {
		all += w[row]
		if r.churned[i] {
			churned += w[row]
		}
	}
	return churned, all
}

// BaseRate returns the weighted share of rows that churned.
func (r *Ranking) BaseRate(weight []float64) float64 {
	churned, all := r.totals(r.weights(weight))
	return churned / all
}

// AUC returns the area under the receiver operating characteristic: the
// probability that a churned row scores above one that did not, an equal
// score counting half.
//
//	AUC = sum_{churned i, kept j} w_i w_j ([s_i > s_j] + [s_i = s_j]/2) / (W1 W0)
//
// with W1 and W0 the weights of churned and kept rows. It is computed in one
// pass as a sum over groups of equal scores. Hanley and McNeil (1982).
func (r *Ranking) AUC(weight []float64) float64 {
	w := r.weights(weight)
	var area, churnedAbove, kept float64
	begin := 0
	for _, end := range r.end {
		var churnedHere, keptHere float64
		for i := begin; i < end; i++ {
			if r.churned[i] {
				churnedHere += w[r.row[i]]
			} else {
				keptHere += w[r.row[i]]
			}
		}
		area += keptHere * (churnedAbove + churnedHere/2)
		churnedAbove += churnedHere
		kept += keptHere
		begin = end
	}
	return area / (churnedAbove * kept)
}

// AveragePrecision returns the area under the precision-recall curve as the
// step sum over the distinct scores from the highest down
//
//	AP = sum_g (R_g - R_{g-1}) P_g
//
// with P_g and R_g the precision and recall when all rows of at least that
// score are flagged. Rows of equal score enter together; there is no
// interpolation, which would be optimistic (Davis and Goadrich 2006). A score
// without information has the base rate as its expected value.
func (r *Ranking) AveragePrecision(weight []float64) float64 {
	w := r.weights(weight)
	var sum, churned, all float64
	begin := 0
	for _, end := range r.end {
		var churnedHere float64
		for i := begin; i < end; i++ {
			all += w[r.row[i]]
			if r.churned[i] {
				churnedHere += w[r.row[i]]
			}
		}
		churned += churnedHere
		if churnedHere > 0 {
			sum += churnedHere * churned / all
		}
		begin = end
	}
	if churned == 0 {
		return math.NaN()
	}
	return sum / churned
}

// AUC returns the area under the receiver operating characteristic of score,
// ties counting half; see [Ranking.AUC] for the formula.
//
// Score may be any finite number, higher meaning more likely to churn; only
// its order matters. Errors: [ErrShape], [ErrValue], and [ErrOneClass] when
// all rows churned or none did. O(n log n).
func AUC(score []float64, churned []bool) (float64, error) {
	r, err := twoClasses(score, churned, nil)
	if err != nil {
		return 0, fmt.Errorf("auc: %w", err)
	}
	return r.AUC(nil), nil
}

// AveragePrecision returns the area under the precision-recall curve; see
// [Ranking.AveragePrecision] for the formula and [AUC] for the errors.
func AveragePrecision(score []float64, churned []bool) (float64, error) {
	r, err := twoClasses(score, churned, nil)
	if err != nil {
		return 0, fmt.Errorf("average precision: %w", err)
	}
	return r.AveragePrecision(nil), nil
}

// twoClasses ranks rows that hold both outcomes.
func twoClasses(score []float64, churned []bool, tie []uint64) (*Ranking, error) {
	r, err := NewRanking(score, churned, tie)
	if err != nil {
		return nil, err
	}
	return r, checkBoth(churned)
}
