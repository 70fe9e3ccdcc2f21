package additive

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/churnwatch/churnwatch/model/logistic"
)

// Fit fits the log-odds of y as a base plus one shape function a column:
//
//	minimise -2 log-likelihood + penalty (see [Penalty]) over the values at
//	the knots, by [logistic.New]; then centre every term
//
// Its uncertainty is the sandwich clustered by d.Cluster, the penalty's part
// and the square of the estimated shrinkage bias b,
//
//	V (sum_g s_g s_g') V G/(G-1) + V P V + b b'
//
// carried through the centring (the shares of the training rows in it count as
// known). In simulations of 400 customers with six overlapping rows each, 90 %
// intervals covered 0.92 under a fitting penalty and 0.86 under one ten times
// too strong; without clusters 0.80 and 0.76.
//
// Labels are 0 or 1; one class gives [ErrOneClass], a faulty design
// [ErrInput]. The result depends neither on the order of rows (beyond the
// last digits) nor on the machine's threads.
func Fit(d *Design, y []float64, opts Options) (*Predictor, error) {
	opts, err := opts.complete()
	if err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	if err := d.check(y); err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	l, e := newLayout(d, opts)
	surfaces, err := e.surfaces(d, y, opts)
	if err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	f, err := solve(e, d, y, surfaces, opts)
	if err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	p := l.predictor(f.Intercept, f.Coefficients)
	p.Training = Training{
		Rows: d.Rows(), Clusters: d.clusters(), Positives: d.positives(y), Penalty: opts.Penalty,
		EffectiveParameters: f.EffectiveParameters(), Deviance: f.Deviance, Iterations: f.Iterations, ShrinkageBias: SquareAdded, Warnings: slices.Clone(f.Warnings),
	}
	l.spread(p, e, d)
	if len(l.free) == 0 {
		p.Training.Warnings = append(p.Training.Warnings, "no column varies: the base rate is all there is")
	}
	if p.Training.Clusters < fewClusters {
		p.Training.Warnings = append(p.Training.Warnings,
			fmt.Sprintf("%d customers: intervals from clusters need 30", p.Training.Clusters))
	}
	covariance, _, err := f.Clustered(e, d.Cluster)
	if err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	covariance.AddSym(covariance, f.PenaltyCovariance())
	e.addBias(covariance, f, opts.Penalty)
	if p.Uncertainty, err = l.uncertainty(covariance, e, d, opts.MaxRank); err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	if p.Information, p.Training.DataShare, err = l.information(f, e, d, opts.Penalty); err != nil {
		return nil, fmt.Errorf("fit additive: %w", err)
	}
	if surfaces != nil {
		p.Pairs = surfaces.pairs()
		p.Uncertainty.Factor = append(p.Uncertainty.Factor, surfaces.factor(l.size)...)
		p.Uncertainty.Factor = append(p.Uncertainty.Factor, surfaces.left(l.size, d, y, f.LogOdds))
	}
	return p, nil
}

// surfaces finds and boosts the pairs on what the terms alone leave; nil where
// none are wanted.
func (e *encoded) surfaces(d *Design, y []float64, opts Options) (*bagged, error) {
	if opts.Pairing.Count == 0 {
		return nil, nil //nolint:nilnil // No pairs are no surfaces.
	}
	f, err := e.draft(d, y, nil, nil, opts)
	if err != nil {
		return nil, err
	}
	g, logOdds := newGrid(d, e.layout, opts.Cells), e.fitted(f)
	ranked := g.rankCouples(working(d, y, logOdds))
	if len(ranked) == 0 {
		return nil, nil //nolint:nilnil // One column makes no pair.
	}
	return g.bag(d, y, logOdds, ranked[:min(opts.Pairing.Count, len(ranked))], opts.Pairing.Rounds, opts.Bags, opts.Stop)
}

// twicings is how often the fitted parameters' own bias is added back before
// their shrinkage is measured: more is less biased and noisier.
const twicings = 4

// fewClusters is where a sandwich stops being honest.
const fewClusters = 30

// addBias adds b b' to the covariance of [intercept, parameters], b the
// estimated shrinkage bias: V P (v - center), with v the fitted parameters plus
// their own first-order bias, found the same way (twicing, Stuetzle and Mittal
// 1979), as the fitted ones alone are shrunk already.
func (l *layout) addBias(covariance *mat.SymDense, f *logistic.Fit, strength Penalty) {
	p := len(l.free)
	if p == 0 {
		return
	}
	penalty, center := l.penalty(strength)
	bread := f.Covariance()
	shift := mat.NewVecDense(p, nil)
	for k, v := range f.Coefficients {
		shift.SetVec(k, v-center[k])
	}
	pull, bias := mat.NewVecDense(p+1, nil), mat.NewVecDense(p+1, nil)
	for range twicings {
		pull.SliceVec(1, p+1).(*mat.VecDense).MulVec(penalty, shift)
		bias.MulVec(bread, pull)
		for k, v := range f.Coefficients {
			shift.SetVec(k, v-center[k]+bias.AtVec(k+1))
		}
	}
	covariance.SymRankOne(covariance, 1, bias)
}

// solve runs the penalised logistic regression over an encoded design: to the
// minimum by drafts, which are cheap, and from there by the solver.
// Surfaces, where there are any, stand as they are beside the terms.
func solve(e *encoded, d *Design, y []float64, surfaces *bagged, opts Options) (*logistic.Fit, error) {
	o := logistic.Options{Weights: d.Weight, Stop: opts.Stop}
	if surfaces != nil {
		o.Offset = surfaces.offset(surfaces.cells)
	}
	path, err := logistic.NewPath(e, y, o)
	if err != nil {
		return nil, err
	}
	if len(e.free) > 0 {
		o.Penalty, o.Center = e.penalty(opts.Penalty)
	}
	near, err := path.Next(o.Penalty, o.Center)
	if err != nil {
		return nil, orStopped(err)
	}
	o.Start = append([]float64{near.Intercept}, near.Coefficients...)
	f, err := logistic.New(e, y, o)
	if err != nil {
		return nil, orStopped(err)
	}
	f.Iterations += near.Iterations
	return f, nil
}

// orStopped turns the stop of a fit below into this package's.
func orStopped(err error) error {
	if errors.Is(err, logistic.ErrStopped) {
		return ErrStopped
	}
	return err
}

// predictor centres the fitted values: every term loses its mean over the
// training rows, which goes to the base.
func (l *layout) predictor(intercept float64, coefficients []float64) *Predictor {
	p := &Predictor{Base: intercept, Calibration: NoCalibration()}
	for j, b := range l.bases {
		t := b.term
		values := make([]float64, t.Slots())
		var mean float64
		for s := range values {
			if k := l.parameter[l.first[j]+s]; k >= 0 {
				values[s] = coefficients[k]
			}
			mean += b.share[s] * values[s]
		}
		p.Base += mean
		for s, v := range values {
			if b.seen(s) {
				t.setCoefficient(s, v-mean)
			}
		}
		p.Terms = append(p.Terms, t)
	}
	return p
}

func (d *Design) positives(y []float64) float64 {
	var sum float64
	for i, v := range y {
		sum += d.weight(i) * v
	}
	return sum
}

func (d *Design) clusters() int {
	seen := make(map[int]bool)
	for i := range d.Rows() {
		seen[d.cluster(i)] = true
	}
	return len(seen)
}

// spread sets the terms' spreads over the training rows and, from them, the
// variance of the slots that training did not have.
func (l *layout) spread(p *Predictor, e *encoded, d *Design) {
	var total float64
	squares := make([]float64, e.terms)
	for i := range e.rows {
		w := d.weight(i)
		total += w
		for j := range squares {
			at := i*e.terms + j
			slot := int(e.slot[at]) - l.first[j]
			c := p.Terms[j].coefficient(slot)
			if e.share[at] > 0 {
				c += e.share[at] * (p.Terms[j].coefficient(slot+1) - c)
			}
			squares[j] += w * c * c
		}
	}
	for j, b := range l.bases {
		t := &p.Terms[j]
		t.Spread = math.Sqrt(squares[j] / total)
		if !b.seen(t.missingSlot()) {
			t.MissingVariance = t.Spread * t.Spread
		}
		if t.Kind == Category && !b.seen(t.otherSlot()) {
			t.OtherVariance = t.Spread * t.Spread
		}
	}
}
