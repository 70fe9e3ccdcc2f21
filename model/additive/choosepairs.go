package additive

import (
	"fmt"
	"sync"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Pairing says how many pairs to fit and how far.
type Pairing struct {
	// Count is the number of pairs.
	Count int `json:"count"`
	// Rounds of boosting; each takes a tenth of the way that is left.
	Rounds int `json:"rounds"`
}

// DefaultPairings returns what [ChoosePairs] tries by default: few and
// cautiously, then as far as data go.
func DefaultPairings() []Pairing { return []Pairing{{5, 5}, {5, 25}, {15, 25}} }

func (p Pairing) check() error {
	if p.Count < 0 || p.Rounds < 0 || (p.Count > 0 && p.Rounds == 0) {
		return fmt.Errorf("%d pairs in %d rounds: %w", p.Count, p.Rounds, ErrInput)
	}
	return nil
}

// PairTrial is the held-out record of a pairing.
type PairTrial struct {
	Pairing Pairing `json:"pairing"`
	// Loss is the mean log loss over all held-out rows, in nats.
	Loss float64 `json:"loss"`
	// StandardError is that of the loss minus the one without pairs, clustered.
	StandardError float64 `json:"standard_error"`
}

// PairChoice is what [ChoosePairs] found.
type PairChoice struct {
	Pairing Pairing     `json:"pairing"`
	Trials  []PairTrial `json:"trials"`
	// HeldOut are the log-odds under the choice, as in [Choice].
	HeldOut [][]float64 `json:"-"`
}

// trialBags is the number of bags in a trial: fewer than a fit's, as the
// question is only whether pairs pay.
const trialBags = 3

// ChoosePairs returns how many pairs pay: the pairing of the grid with the
// least mean held-out log loss over the folds, or none where no pairing's loss
// is below that without pairs by two standard errors of the difference.
// The grid is tried in its order for as long as each entry does better than
// all before. Pairs are found, and their cells cut, on each fold's Train rows
// alone. An empty grid means [DefaultPairings].
//
// chosen is what [Choose] found on the same rows and folds.
func ChoosePairs(d *Design, y []float64, folds []Fold, chosen *Choice, grid []Pairing, opts ChooseOptions) (*PairChoice, error) {
	if len(grid) == 0 {
		grid = DefaultPairings()
	}
	opts.Penalty = chosen.Penalty
	options, err := opts.complete()
	if err != nil {
		return nil, fmt.Errorf("choose pairs: %w", err)
	}
	if err := checkFolds(d, y, folds); err != nil {
		return nil, fmt.Errorf("choose pairs: %w", err)
	}
	if len(chosen.folds) != len(folds) {
		return nil, fmt.Errorf("choose pairs: a penalty chosen on %d folds, want %d: %w", len(chosen.folds), len(folds), ErrInput)
	}
	for _, p := range grid {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("choose pairs: %w", err)
		}
	}
	held := make([][][]float64, len(folds))
	for f := range folds {
		held[f] = [][]float64{chosen.HeldOut[f]}
	}
	c := &PairChoice{Trials: []PairTrial{{Loss: meanLoss(d, y, folds, held, 0)}}}
	if len(d.Columns) > 1 {
		if err := c.try(d, y, folds, chosen.folds, held, grid, options, max(opts.Workers, 1)); err != nil {
			return nil, fmt.Errorf("choose pairs: %w", err)
		}
	}
	best := c.best()
	c.Pairing = c.Trials[best].Pairing
	for f := range folds {
		c.HeldOut = append(c.HeldOut, held[f][best])
	}
	return c, nil
}

// try appends trials along the grid for as long as they get better.
func (c *PairChoice) try(d *Design, y []float64, folds []Fold, fits []*foldFit, held [][][]float64, grid []Pairing, opts Options, workers int) error {
	starts := make([]*pairTrial, len(folds))
	for f := range fits {
		starts[f] = &pairTrial{foldFit: fits[f]}
	}
	for n, pairing := range grid {
		if err := pairTrials(starts, held, pairing, opts, workers); err != nil {
			return err
		}
		loss := meanLoss(d, y, folds, held, n+1)
		better := true
		for _, t := range c.Trials {
			better = better && loss < t.Loss-sameLoss
		}
		c.Trials = append(c.Trials, PairTrial{
			Pairing: pairing, Loss: loss, StandardError: differenceError(d, y, folds, held, n+1, 0),
		})
		if !better {
			return nil
		}
	}
	return nil
}

// certain is how many standard errors a pairing must be better by.
const certain = 2

// best returns the trial of the least loss, and the first of all where none is
// certain to do better than that.
func (c *PairChoice) best() int {
	best, pays := 0, false
	for k, t := range c.Trials {
		pays = pays || t.Loss+certain*t.StandardError < c.Trials[0].Loss
		if t.Loss < c.Trials[best].Loss-sameLoss {
			best = k
		}
	}
	if !pays {
		return 0
	}
	return best
}

// pairTrials appends the held-out log-odds with a pairing to each fold's.
func pairTrials(starts []*pairTrial, held [][][]float64, pairing Pairing, opts Options, workers int) error {
	faults := make([]error, len(starts))
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for f, start := range starts {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var eta []float64
			eta, faults[f] = start.judge(pairing, opts)
			held[f] = append(held[f], eta)
		})
	}
	wg.Wait()
	for f, err := range faults {
		if err != nil {
			return fmt.Errorf("fold %d: %w", f, err)
		}
	}
	return nil
}

// pairTrial is one fold as fitted without pairs, and its couples in order.
type pairTrial struct {
	*foldFit
	logOdds []float64
	grid    *grid // nil until it is asked for
	ranked  []couple
}

// rank cuts the cells and ranks the couples of the fold.
func (t *pairTrial) rank(opts Options) {
	t.logOdds = t.encoded.fitted(t.drafts[0])
	t.grid = newGrid(t.train, t.encoded.layout, opts.Cells)
	t.ranked = t.grid.rankCouples(working(t.train, t.labels, t.logOdds))
}

// judge returns the held-out log-odds with a pairing.
func (t *pairTrial) judge(pairing Pairing, opts Options) ([]float64, error) {
	if t.grid == nil {
		t.rank(opts)
	}
	couples := t.ranked[:min(pairing.Count, len(t.ranked))]
	b, err := t.grid.bag(t.train, t.labels, t.logOdds, couples, pairing.Rounds, trialBags, opts.Stop)
	if err != nil {
		return nil, err
	}
	f, err := t.encoded.draft(t.train, t.labels, b.offset(t.grid.cells), t.drafts[0], opts)
	if err != nil {
		return nil, err
	}
	eta := make([]float64, t.test.Rows())
	t.encoded.score(f, t.judged, eta)
	for i, v := range b.offset(t.grid.cellsOf(t.test)) {
		eta[i] += v
	}
	return eta, nil
}

// draft fits the terms beside an offset, from where another draft ended.
func (e *encoded) draft(d *Design, y, offset []float64, from *logistic.Draft, opts Options) (*logistic.Draft, error) {
	o := logistic.Options{Weights: d.Weight, Offset: offset, Stop: opts.Stop, Tolerance: trialTolerance}
	if from != nil {
		o.Start = append([]float64{from.Intercept}, from.Coefficients...)
	}
	path, err := logistic.NewPath(e, y, o)
	if err != nil {
		return nil, err
	}
	return next(path, e.layout, opts.Penalty)
}

// fitted returns the log-odds of the rows under a draft, without offsets.
func (e *encoded) fitted(f *logistic.Draft) []float64 {
	eta := make([]float64, e.rows)
	e.Linear(f.Coefficients, eta)
	for i := range eta {
		eta[i] += f.Intercept
	}
	return eta
}
