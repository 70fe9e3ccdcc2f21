package quality

import (
	"fmt"
	"slices"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// separationBins is the number of bins of one feature: enough for a shape that
// rises and falls, too few to learn single rows by heart.
const separationBins = 20

// leastBin is the least number of rows of a bin that is judged by itself.
const leastBin = 30

// Knowledge is what one feature alone knows of who left.
type Knowledge struct {
	// AUC is how well it ranks, 0.5 for nothing and 1 for the label itself.
	AUC float64 `json:"auc"`
	// Purest is the share that left (or stayed, the rarer a priori) in its most
	// telling bin of 30 rows or more, with its interval.
	Purest estimate.Estimate `json:"purest"`
	// Covers is the share of all who left that lie in that bin.
	Covers float64 `json:"covers"`
	// Bin names it: a level, or "" for what is missing or a range of numbers.
	Bin string `json:"bin"`
}

// Separation says how much one feature alone knows of the outcome.
//
// The feature is cut into at most 20 bins of equal count (or its 20 most
// frequent levels), one more for what is missing; rows are ranked by the
// share that churned in their bin, every row by the others of its bin, so that
// a bin of few rows does not know itself. A feature in whose bins nobody
// differs gives 0.5. It finds any shape, not rising ones alone. Errors:
// [ErrShape], [ErrOneClass].
func Separation(s Sample, churned []bool) (Knowledge, error) {
	if s.Len() == 0 || s.Len() != len(churned) {
		return Knowledge{}, fmt.Errorf("separation: %d values, %d outcomes: %w", s.Len(), len(churned), ErrShape)
	}
	b := newBins(s, separationBins)
	size, lost := make([]float64, b.count), make([]float64, b.count)
	total := 0.0
	for i, c := range churned {
		bin := b.of(s, i)
		size[bin]++
		if c {
			lost[bin]++
			total++
		}
	}
	n := float64(len(churned))
	if total == 0 || total == n {
		return Knowledge{}, fmt.Errorf("separation: %v of %v rows churned: %w", total, n, ErrOneClass)
	}
	score := make([]float64, len(churned))
	for i, c := range churned {
		bin, own := b.of(s, i), 0.0
		if c {
			own = 1
		}
		// The other rows of the bin, with the weight of one row of all others.
		score[i] = (lost[bin] - own + (total-own)/(n-1)) / size[bin]
	}
	auc, err := evaluate.AUC(score, churned)
	if err != nil {
		return Knowledge{}, fmt.Errorf("separation: %w", err)
	}
	k := Knowledge{AUC: max(0.5, auc)}
	best := -1
	for bin := range size {
		if size[bin] >= leastBin && (best < 0 || lost[bin]/size[bin] > lost[best]/size[best]) {
			best = bin
		}
	}
	if best >= 0 {
		k.Purest = evaluate.Proportion(int(lost[best]), int(size[best]), 0.99)
		k.Covers = lost[best] / total
		k.Bin = b.name(best)
	}
	return k, nil
}

// name returns the level of a bin, "" where it has none.
func (b bins) name(bin int) string {
	names := make([]string, 0, len(b.levels))
	for name := range b.levels {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if b.levels[name] == bin {
			return name
		}
	}
	return ""
}
