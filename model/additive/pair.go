package additive

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Pair is what two features say together beyond what each says alone: a step
// surface, one value a cell of the first by a cell of the second, in log-odds
// before calibration.
//
// Over the training rows the weighted mean of every row and of every column of
// Values is about 0, and that of all is 0: what one feature says alone stands
// in its term.
type Pair struct {
	First  Axis `json:"first"`
	Second Axis `json:"second"`
	// Values are the contributions, by cell of First, then cell of Second.
	Values [][]float64 `json:"values"`
	// Weights are the training rows (their weight) in each cell. A cell
	// without any has the value 0 and the variance UnseenVariance.
	Weights [][]float64 `json:"weights"`
	// UnseenVariance is Spread squared, as if the value were drawn from the
	// training rows.
	UnseenVariance float64 `json:"unseen_variance"`
	// Spread is the standard deviation of the contribution over the training
	// rows: how much the pair matters.
	Spread float64 `json:"spread"`
}

// Axis cuts a term's feature into cells, numbered from 0: between the cuts, or
// one a level and one for any other level, and the last for missing.
type Axis struct {
	// Term names the term whose feature this is.
	Term string `json:"term"`
	Kind Kind   `json:"kind"`
	// Cuts of a numeric axis, strictly increasing: the cells are (-Inf, c0),
	// [c0, c1), ... [c_last, Inf).
	Cuts []float64 `json:"cuts,omitempty"`
	// Levels of a category, sorted.
	Levels []string `json:"levels,omitempty"`
}

// Name returns the names of both terms, joined by a colon.
func (p *Pair) Name() string { return p.First.Term + ":" + p.Second.Term }

// Cells returns the number of cells, that of missing included.
func (a *Axis) Cells() int { return max(len(a.Cuts), len(a.Levels)) + 2 }

// Cell returns the cell that v lies in.
func (a *Axis) Cell(v Value) int {
	missing := a.Cells() - 1
	if a.Kind == Category {
		if v.Level == "" {
			return missing
		}
		if i, ok := slices.BinarySearch(a.Levels, v.Level); ok {
			return i
		}
		return len(a.Levels)
	}
	if math.IsNaN(v.Number) {
		return missing
	}
	return sort.Search(len(a.Cuts), func(i int) bool { return a.Cuts[i] > v.Number })
}

// Contribution returns the pair's contribution where its features have these
// values, before calibration.
func (p *Pair) Contribution(first, second Value) float64 {
	return p.Values[p.First.Cell(first)][p.Second.Cell(second)]
}

// cell returns the pair's coefficient for a row, counted row by row of Values.
func (p *Pair) cell(first, second Value) int {
	return p.First.Cell(first)*p.Second.Cells() + p.Second.Cell(second)
}

// cells returns the number of the pair's coefficients.
func (p *Pair) cells() int { return p.First.Cells() * p.Second.Cells() }

// cellVariance is the extra variance of a cell that training did not have.
func (p *Pair) cellVariance(cell int) float64 {
	if n := p.Second.Cells(); p.Weights[cell/n][cell%n] > 0 {
		return 0
	}
	return p.UnseenVariance
}

// Variances returns UnseenVariance for the cells that training did not have
// and 0 for the others, laid out as Values.
func (p *Pair) Variances() [][]float64 {
	out := make([][]float64, len(p.Weights))
	for i, row := range p.Weights {
		out[i] = make([]float64, len(row))
		for j := range row {
			out[i][j] = p.cellVariance(i*len(row) + j)
		}
	}
	return out
}

// termOf returns the place of an axis's term, -1 where there is none.
func (p *Predictor) termOf(a *Axis) int {
	return slices.IndexFunc(p.Terms, func(t Term) bool { return t.Name == a.Term })
}

// valuesOf returns what a pair's features are at x.
func (p *Predictor) valuesOf(pair *Pair, x Row) (first, second Value) {
	return x[p.termOf(&pair.First)], x[p.termOf(&pair.Second)]
}

func (p *Predictor) validatePair(pair *Pair) error {
	for _, a := range []*Axis{&pair.First, &pair.Second} {
		at := p.termOf(a)
		if at < 0 || p.Terms[at].Kind != a.Kind {
			return fmt.Errorf("axis %q is no term of kind %q: %w", a.Term, a.Kind, ErrPredictor)
		}
		if err := a.validate(); err != nil {
			return fmt.Errorf("axis %q: %w", a.Term, err)
		}
	}
	if pair.First.Term == pair.Second.Term {
		return fmt.Errorf("both axes are %q: %w", pair.First.Term, ErrPredictor)
	}
	if len(pair.Values) != pair.First.Cells() || len(pair.Weights) != len(pair.Values) {
		return fmt.Errorf("%d rows of values, %d of weights, want %d: %w", len(pair.Values), len(pair.Weights), pair.First.Cells(), ErrPredictor)
	}
	for i := range pair.Values {
		if len(pair.Values[i]) != pair.Second.Cells() || len(pair.Weights[i]) != len(pair.Values[i]) ||
			!finite(pair.Values[i]...) || !finite(pair.Weights[i]...) {
			return fmt.Errorf("row %d of the surface: %w", i, ErrPredictor)
		}
	}
	if !finite(pair.UnseenVariance, pair.Spread) || pair.UnseenVariance < 0 {
		return fmt.Errorf("unseen variance %v, spread %v: %w", pair.UnseenVariance, pair.Spread, ErrPredictor)
	}
	return nil
}

func (a *Axis) validate() error {
	if (a.Kind == Category && a.Cuts != nil) || (a.Kind == Numeric && a.Levels != nil) {
		return fmt.Errorf("%d cuts and %d levels: %w", len(a.Cuts), len(a.Levels), ErrPredictor)
	}
	if !finite(a.Cuts...) {
		return fmt.Errorf("cuts %v: %w", a.Cuts, ErrPredictor)
	}
	for k := 1; k < len(a.Cuts); k++ {
		if a.Cuts[k] <= a.Cuts[k-1] {
			return fmt.Errorf("cuts %v and %v do not increase: %w", a.Cuts[k-1], a.Cuts[k], ErrPredictor)
		}
	}
	for k, level := range a.Levels {
		if level == "" || (k > 0 && level <= a.Levels[k-1]) {
			return fmt.Errorf("level %q is empty or out of order: %w", level, ErrPredictor)
		}
	}
	return nil
}
