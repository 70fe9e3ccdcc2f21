package drift

import (
	"errors"
	"fmt"

	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/logistic"
	"github.com/churnwatch/churnwatch/model/regression"
)

// Odds is how much declines raise the odds of churn.
type Odds struct {
	// One and Two are odds ratios of one and of two declines against none; nil
	// where that group holds not both outcomes.
	One      *estimate.Estimate `json:"one"`
	Two      *estimate.Estimate `json:"two"`
	Warnings []string           `json:"warnings,omitempty"`
}

// OddsRatios fits the odds of churn on the number of declines:
//
//	log odds(churn) = a + b1 [declines = 1] + b2 [declines = 2] + controls
//
// by unpenalised logistic regression, and returns exp(b1) and exp(b2) with
// standard errors clustered by customer (Liang and Zeger 1986); N counts
// customers. One row is one customer at one instant; declines is 0, 1 or 2 (see
// [Rule.Declines]), controls are columns of the same length or nil.
//
// Rows of a group without both outcomes are left out and its ratio is nil; a
// control that is constant or depends on the columns before it is dropped; both
// with a warning. Errors: [ErrShape], [ErrValue], and those of the fit, such as
// separation by a control.
func OddsRatios(declines []int, churned []bool, customer []int, controls [][]float64, confidence float64) (Odds, error) {
	return OddsRatiosWeighted(declines, churned, customer, nil, controls, confidence)
}

// OddsRatiosWeighted is [OddsRatios] of rows each of which stands for as many as
// its weight; nil is one each. Counts in warnings are of rows.
func OddsRatiosWeighted(
	declines []int, churned []bool, customer []int, weight []float64, controls [][]float64, confidence float64,
) (Odds, error) {
	if confidence == 0 {
		confidence = defaultConfidence
	}
	if err := checkOdds(declines, churned, customer, controls); err != nil {
		return Odds{}, fmt.Errorf("odds of declines: %w", err)
	}
	if weight != nil && len(weight) != len(declines) {
		return Odds{}, fmt.Errorf("odds of declines: %d declines, %d weights: %w", len(declines), len(weight), ErrShape)
	}
	var counts [3][2]int
	for i, d := range declines {
		outcome := 0
		if churned[i] {
			outcome = 1
		}
		counts[d][outcome]++
	}
	var out Odds
	var groups []int
	for d := range counts {
		if counts[d][0] == 0 || counts[d][1] == 0 {
			out.Warnings = append(out.Warnings, fmt.Sprintf("%d declines: %d kept, %d churned, no odds", d, counts[d][0], counts[d][1]))
			if d == 0 {
				return out, nil
			}
			continue
		}
		if d > 0 {
			groups = append(groups, d)
		}
	}
	if len(groups) == 0 {
		return out, nil
	}
	fitted, warnings, err := fitOdds(declines, churned, customer, weight, controls, groups, confidence)
	out.Warnings = append(out.Warnings, warnings...)
	if err != nil {
		return out, fmt.Errorf("odds of declines: %w", err)
	}
	for g, d := range groups {
		ratio := fitted[g+1].Exp()
		if least := min(counts[d][0], counts[d][1]); least < thin {
			ratio = ratio.Warn(fmt.Sprintf("only %d rows of one outcome", least))
		}
		if d == 1 {
			out.One = &ratio
		} else {
			out.Two = &ratio
		}
	}
	return out, nil
}

// checkOdds verifies shapes and the range of declines.
func checkOdds(declines []int, churned []bool, customer []int, controls [][]float64) error {
	if len(declines) != len(churned) || len(declines) != len(customer) {
		return fmt.Errorf("%d declines, %d labels, %d customers: %w", len(declines), len(churned), len(customer), ErrShape)
	}
	for j, c := range controls {
		if len(c) != len(declines) {
			return fmt.Errorf("control %d has %d rows, want %d: %w", j, len(c), len(declines), ErrShape)
		}
	}
	for i, d := range declines {
		if d < 0 || d > 2 {
			return fmt.Errorf("row %d has %d declines: %w", i, d, ErrValue)
		}
	}
	return nil
}

// fitOdds fits the rows of the groups and of no decline; the estimates are
// intercept, groups, then the controls that were kept.
func fitOdds(
	declines []int, churned []bool, customer []int, weight []float64, controls [][]float64, groups []int, confidence float64,
) (estimates []estimate.Estimate, warnings []string, err error) {
	keep := make([]int, len(controls))
	for j := range keep {
		keep[j] = j
	}
	for {
		width := len(groups) + len(keep)
		var x, y, w []float64
		var cluster []int
		for i, d := range declines {
			if d > 0 && (d != groups[0] && d != groups[len(groups)-1]) {
				continue
			}
			for _, g := range groups {
				x = append(x, indicator(d == g))
			}
			for _, j := range keep {
				x = append(x, controls[j][i])
			}
			y = append(y, indicator(churned[i]))
			cluster = append(cluster, customer[i])
			if weight != nil {
				w = append(w, weight[i])
			}
		}
		design, err := logistic.NewDense(x, width)
		if err != nil {
			return nil, warnings, fmt.Errorf("design: %w", err)
		}
		fit, err := logistic.New(design, y, logistic.Options{Weights: w})
		if column, ok := droppable(err); ok && column >= len(groups) {
			j := column - len(groups)
			warnings = append(warnings, fmt.Sprintf("control %d is dropped: constant or collinear", keep[j]))
			keep = append(keep[:j], keep[j+1:]...)
			continue
		}
		if err != nil {
			return nil, warnings, fmt.Errorf("fit: %w", err)
		}
		covariance, customers, err := fit.Clustered(design, cluster)
		if err != nil {
			return nil, warnings, fmt.Errorf("clusters: %w", err)
		}
		return fit.Estimates(covariance, confidence, customers), warnings, nil
	}
}

// droppable returns the column at fault when a fit fails for its columns.
func droppable(err error) (int, bool) {
	var column *regression.ColumnError
	if errors.Is(err, logistic.ErrSeparated) {
		return 0, false
	}
	if errors.As(err, &column) && (errors.Is(err, regression.ErrCollinear) || errors.Is(err, regression.ErrConstant)) {
		return column.Column, true
	}
	return 0, false
}

// indicator is 1 for true and 0 for false.
func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
