package additive

import (
	"fmt"
	"math"
)

// Penalty is the strength of the prior, as precisions on the log-odds scale:
// the more rows, the less they shrink.
type Penalty struct {
	// Curvature is the precision of the bends of a numeric term; towards
	// infinity every one is a straight line between its outer knots.
	Curvature float64 `json:"curvature"`
	// Slope is the precision of the effect of one standard deviation of a
	// numeric feature, of a level and of missing; positive.
	Slope float64 `json:"slope"`
}

// DefaultPenalty returns a penalty for a few thousand rows of some dozens of
// correlated features; [Choose] finds a better one where data allow.
func DefaultPenalty() Penalty { return Penalty{Curvature: 30, Slope: 100} }

// DefaultGrid returns the penalties that [Choose] tries by default, from a
// shop of a few hundred customers to one of a million.
func DefaultGrid() []Penalty {
	return []Penalty{
		{Curvature: 30, Slope: 1000},
		{Curvature: 30, Slope: 300},
		{Curvature: 300, Slope: 100},
		{Curvature: 30, Slope: 100},
		{Curvature: 30, Slope: 30},
		{Curvature: 3, Slope: 30},
		{Curvature: 3, Slope: 10},
		{Curvature: 0.3, Slope: 10},
		{Curvature: 0.3, Slope: 3},
		{Curvature: 0.03, Slope: 1},
	}
}

// Options say how to fit; the zero value is complete.
type Options struct {
	// Penalty; zero means [DefaultPenalty].
	Penalty Penalty
	// Knots is the most knots of a numeric term, at least 2; 0 means 8.
	Knots int
	// MinLevel is the number of rows (weight) below which a level is pooled
	// into "other"; 0 means 30.
	MinLevel float64
	// MaxRank is the most rows of [Uncertainty].Factor; 0 means 256.
	MaxRank int
	// Pairing says how many pairs to fit, by default none; [ChoosePairs] finds
	// what pays.
	Pairing Pairing
	// Cells is the most cells of a numeric axis of a pair, missing apart, 2 to
	// 250; 0 means 12.
	Cells int
	// Bags is the number of bootstrap samples that surfaces are the mean of, at
	// least 2; 0 means 16.
	Bags int
	// Stop, asked between iterations, ends the fit with ErrStopped.
	Stop func() bool
}

const (
	defaultKnots    = 8
	defaultMinLevel = 30
	defaultMaxRank  = 256
	defaultCells    = 12
	defaultBags     = 16
)

// complete returns o with its defaults filled in.
func (o Options) complete() (Options, error) {
	if o.Penalty == (Penalty{}) {
		o.Penalty = DefaultPenalty()
	}
	if o.Knots == 0 {
		o.Knots = defaultKnots
	}
	if o.MinLevel == 0 {
		o.MinLevel = defaultMinLevel
	}
	if o.MaxRank == 0 {
		o.MaxRank = defaultMaxRank
	}
	if o.Cells == 0 {
		o.Cells = defaultCells
	}
	if o.Bags == 0 {
		o.Bags = defaultBags
	}
	if o.Cells < 2 || o.Cells > mostCells-5 || o.Bags < 2 {
		return o, fmt.Errorf("%d cells in %d bags: %w", o.Cells, o.Bags, ErrInput)
	}
	if o.Knots < 2 || !(o.MinLevel > 0) || o.MaxRank < 1 {
		return o, fmt.Errorf("%d knots, level from %v rows, rank %d: %w", o.Knots, o.MinLevel, o.MaxRank, ErrInput)
	}
	if err := o.Pairing.check(); err != nil {
		return o, err
	}
	return o, o.Penalty.check()
}

func (p Penalty) check() error {
	if !(p.Slope > 0) || math.IsInf(p.Slope, 1) || !(p.Curvature >= 0) || math.IsInf(p.Curvature, 1) {
		return fmt.Errorf("penalty %+v: %w", p, ErrInput)
	}
	return nil
}
