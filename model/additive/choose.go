package additive

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Fold is one held-out trial: row indices to fit on and to judge on.
type Fold struct{ Train, Test []int }

// Trial is one penalty's held-out record.
type Trial struct {
	Penalty Penalty `json:"penalty"`
	// Loss is the mean log loss over all held-out rows, in nats.
	Loss float64 `json:"loss"`
	// StandardError is that of the loss minus the best trial's, clustered.
	StandardError float64 `json:"standard_error"`
}

// Choice is what [Choose] found.
type Choice struct {
	Penalty Penalty `json:"penalty"`
	// Trials has one entry a grid point, the strongest first.
	Trials []Trial `json:"trials"`
	// HeldOut are, per fold and aligned with its Test, the log-odds under
	// Penalty without calibration: what [Calibrate] wants.
	HeldOut [][]float64 `json:"-"`

	// folds are what was fitted on the way, for [ChoosePairs] to go on from.
	folds []*foldFit
}

// foldFit is one fold laid out, with the drafts of its trials by grid point.
type foldFit struct {
	train, test *Design
	labels      []float64
	encoded     *encoded // of train
	judged      *encoded // of test
	drafts      []*logistic.Draft
}

// ChooseOptions say how to choose.
type ChooseOptions struct {
	// Options of each fit; Penalty is not read.
	Options
	// OneStandardError takes the strongest penalty whose loss is within one
	// standard error of the best one's (Breiman et al. 1984) in place of the
	// best. Scores of a later time rank a little better so; intervals, being
	// more shrunk, cover less (0.82 in place of 0.87 in simulations, at 0.90).
	OneStandardError bool
	// Workers is the most folds worked on at once; 0 means 1. It never
	// changes a result.
	Workers int
}

// sameLoss is the difference, in nats a row, that counts as a tie.
const sameLoss = 1e-7

// trialTolerance is the relative change of the deviance at which a trial is
// done: its held-out log-odds are then exact to about 1e-5, its loss far
// beyond sameLoss.
const trialTolerance = 1e-11

// Choose returns the penalty of the grid with the least mean held-out log
// loss over the folds, ties going to the stronger one (by Slope, then by
// Curvature). Knots and levels are chosen on each fold's Train rows alone.
// An empty grid means [DefaultGrid].
func Choose(d *Design, y []float64, folds []Fold, grid []Penalty, opts ChooseOptions) (*Choice, error) {
	options, err := opts.complete()
	if err != nil {
		return nil, fmt.Errorf("choose: %w", err)
	}
	if grid, err = ordered(grid); err != nil {
		return nil, fmt.Errorf("choose: %w", err)
	}
	if err := checkFolds(d, y, folds); err != nil {
		return nil, fmt.Errorf("choose: %w", err)
	}
	held, fits, err := trials(d, y, folds, grid, options, max(opts.Workers, 1))
	if err != nil {
		return nil, fmt.Errorf("choose: %w", err)
	}
	c, at := judge(d, y, folds, grid, held, opts.OneStandardError)
	for _, f := range fits {
		f.drafts = f.drafts[at : at+1 : at+1]
	}
	c.folds = fits
	return c, nil
}

// ordered returns the grid with the strongest penalty first, without repeats.
func ordered(grid []Penalty) ([]Penalty, error) {
	if len(grid) == 0 {
		grid = DefaultGrid()
	}
	grid = slices.Clone(grid)
	slices.SortFunc(grid, func(a, b Penalty) int {
		return cmp.Or(cmp.Compare(b.Slope, a.Slope), cmp.Compare(b.Curvature, a.Curvature))
	})
	for _, p := range grid {
		if err := p.check(); err != nil {
			return nil, err
		}
	}
	return slices.Compact(grid), nil
}

func checkFolds(d *Design, y []float64, folds []Fold) error {
	if err := d.check(y); err != nil {
		return err
	}
	if len(folds) == 0 {
		return fmt.Errorf("no folds: %w", ErrInput)
	}
	for f, fold := range folds {
		if len(fold.Train) == 0 || len(fold.Test) == 0 {
			return fmt.Errorf("fold %d: %d rows to fit, %d to judge: %w", f, len(fold.Train), len(fold.Test), ErrInput)
		}
		for _, i := range slices.Concat(fold.Train, fold.Test) {
			if i < 0 || i >= len(y) {
				return fmt.Errorf("fold %d: row %d of %d: %w", f, i, len(y), ErrInput)
			}
		}
	}
	return nil
}

// trials returns the held-out log-odds by fold and grid point, and the fits. Folds are
// worked on in parallel, each in one goroutine that writes its own place.
func trials(d *Design, y []float64, folds []Fold, grid []Penalty, opts Options, workers int) ([][][]float64, []*foldFit, error) {
	held, fits, faults := make([][][]float64, len(folds)), make([]*foldFit, len(folds)), make([]error, len(folds))
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for f, fold := range folds {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			held[f], fits[f], faults[f] = trial(d, y, fold, grid, opts)
		})
	}
	wg.Wait()
	for f, err := range faults {
		if err != nil {
			return nil, nil, fmt.Errorf("fold %d: %w", f, err)
		}
	}
	return held, fits, nil
}

// trial fits one fold along the grid, each penalty starting where the
// stronger one before it ended.
func trial(d *Design, y []float64, fold Fold, grid []Penalty, opts Options) ([][]float64, *foldFit, error) {
	fit := &foldFit{train: d.Subset(fold.Train), test: d.Subset(fold.Test), labels: take(y, fold.Train)}
	if err := fit.train.check(fit.labels); err != nil {
		return nil, nil, err
	}
	var l *layout
	l, fit.encoded = newLayout(fit.train, opts)
	fit.judged = l.encode(fit.test)
	path, err := logistic.NewPath(fit.encoded, fit.labels, logistic.Options{Weights: fit.train.Weight, Stop: opts.Stop, Tolerance: trialTolerance})
	if err != nil {
		return nil, nil, err
	}
	out := make([][]float64, len(grid))
	for g, strength := range grid {
		f, err := next(path, l, strength)
		if err != nil {
			return nil, nil, err
		}
		out[g] = make([]float64, len(fold.Test))
		l.score(f, fit.judged, out[g])
		fit.drafts = append(fit.drafts, f)
	}
	return out, fit, nil
}

func next(path *logistic.Path, l *layout, strength Penalty) (*logistic.Draft, error) {
	var penalty mat.Symmetric
	var center []float64
	if len(l.free) > 0 {
		penalty, center = l.penalty(strength)
	}
	f, err := path.Next(penalty, center)
	if err != nil {
		return nil, orStopped(err)
	}
	return f, nil
}

// score sets eta to the log-odds of rows that were not fitted: a slot that
// training did not have counts as the term's mean, as in a predictor.
func (l *layout) score(f *logistic.Draft, rows *encoded, eta []float64) {
	p := l.predictor(f.Intercept, f.Coefficients)
	for i := range eta {
		eta[i] = p.Base
		for j := range p.Terms {
			at := i*rows.terms + j
			slot := int(rows.slot[at]) - l.first[j]
			c := p.Terms[j].coefficient(slot)
			if share := rows.share[at]; share > 0 {
				c += share * (p.Terms[j].coefficient(slot+1) - c)
			}
			eta[i] += c
		}
	}
}

// judge compares the grid points over all held-out rows and returns the place
// of the chosen one too.
func judge(d *Design, y []float64, folds []Fold, grid []Penalty, held [][][]float64, oneError bool) (*Choice, int) {
	c := &Choice{Trials: make([]Trial, len(grid))}
	best := 0
	for g, penalty := range grid {
		c.Trials[g] = Trial{Penalty: penalty, Loss: meanLoss(d, y, folds, held, g)}
		if c.Trials[g].Loss < c.Trials[best].Loss-sameLoss {
			best = g
		}
	}
	for g := range grid {
		c.Trials[g].StandardError = differenceError(d, y, folds, held, g, best)
	}
	chosen := best
	for g := 0; oneError && g < best; g++ {
		if c.Trials[g].Loss <= c.Trials[best].Loss+c.Trials[g].StandardError {
			chosen = g
			break
		}
	}
	c.Penalty = grid[chosen]
	for f := range folds {
		c.HeldOut = append(c.HeldOut, held[f][chosen])
	}
	return c, chosen
}

func meanLoss(d *Design, y []float64, folds []Fold, held [][][]float64, g int) float64 {
	var sum, total float64
	for f, fold := range folds {
		for k, i := range fold.Test {
			w := d.weight(i)
			sum += w * logistic.Loss(held[f][g][k], y[i])
			total += w
		}
	}
	return sum / total
}

// differenceError is the standard error of the mean loss of g minus that of
// best: sqrt(sum over clusters of (sum w (difference - mean))^2) / W.
func differenceError(d *Design, y []float64, folds []Fold, held [][][]float64, g, best int) float64 {
	mean := meanLoss(d, y, folds, held, g) - meanLoss(d, y, folds, held, best)
	sums := make(map[int]float64)
	var total float64
	for f, fold := range folds {
		for k, i := range fold.Test {
			w := d.weight(i)
			difference := logistic.Loss(held[f][g][k], y[i]) - logistic.Loss(held[f][best][k], y[i])
			sums[d.cluster(i)] += w * (difference - mean)
			total += w
		}
	}
	ids := make([]int, 0, len(sums))
	for id := range sums {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var square float64
	for _, id := range ids {
		square += sums[id] * sums[id]
	}
	return math.Sqrt(square) / total
}
