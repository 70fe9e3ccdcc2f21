package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Metric is a measure of a ranking under weights, such as
// (*[Ranking]).AUC or [LiftAt](0.1). It returns NaN where it is not defined.
type Metric func(r *Ranking, weight []float64) float64

// LiftAt returns the metric [Ranking.Lift] at fraction, in (0, 1].
func LiftAt(fraction float64) Metric {
	return func(r *Ranking, weight []float64) float64 { return r.Lift(weight, fraction) }
}

// GainAt returns the metric [Ranking.Gain] at fraction, in (0, 1].
func GainAt(fraction float64) Metric {
	return func(r *Ranking, weight []float64) float64 { return r.Gain(weight, fraction) }
}

// Cutoff is the scored rows of one cutoff.
type Cutoff struct {
	// Customer is a code of the row's customer, the same at every cutoff.
	Customer []int
	Churned  []bool
	// Score is higher for more likely churn; a probability for the measures
	// that need one.
	Score []float64
	// Tie orders rows of equal score, a hash of the customer's id; nil: position.
	Tie []uint64
	// Weight of a row, at least 0; nil: one each.
	Weight []float64
}

// Options of the bootstrap. The zero value is usable.
type Options struct {
	// Resamples is the number of bootstrap samples; 0 means 1,000.
	Resamples int
	// Seed decides the samples.
	Seed uint64
	// Confidence of the intervals; 0 means 0.95.
	Confidence float64
	// Threads bounds the goroutines; 0 means 1. It changes no result.
	Threads int
}

// Intervals holds one metric per cutoff and its mean over the cutoffs.
type Intervals struct {
	Cutoffs []estimate.Estimate `json:"cutoffs"`
	Mean    estimate.Estimate   `json:"mean"`
}

// Bootstrap returns each metric at each cutoff, and its mean over the
// cutoffs, with percentile intervals.
//
// A resample draws as many customers as there are, with replacement, and takes
// every row of a drawn customer at every cutoff, so rows of one customer stay
// together. All metrics and cutoffs see the same resamples. The standard error
// is the standard deviation over resamples, the interval their quantiles. A
// resample in which a metric is not defined is left out, with a warning when
// any was. Resample b draws from PCG(seed, b), whatever the thread.
//
// N counts distinct customers. Errors: [ErrShape] for no cutoff or lengths
// that differ, [ErrValue] for scores or weights that are not finite (or
// negative weights), [ErrOneClass] where a metric is not defined on the sample
// itself. A cutoff of n rows costs O(n) a resample. Field and Welsh (2007).
func Bootstrap(cutoffs []Cutoff, metrics []Metric, o Options) ([]Intervals, error) {
	s, err := newSample(cutoffs)
	if err != nil {
		return nil, fmt.Errorf("bootstrap: %w", err)
	}
	out := make([]Intervals, len(metrics))
	draws := s.draw(o, len(metrics), func(cutoff, metric int, weight []float64) float64 {
		return metrics[metric](s.ranking[cutoff], weight)
	})
	for m, metric := range metrics {
		point := make([]float64, len(cutoffs))
		for c := range cutoffs {
			point[c] = metric(s.ranking[c], cutoffs[c].Weight)
		}
		if out[m], err = s.intervals(point, draws[m], o); err != nil {
			return nil, fmt.Errorf("bootstrap: metric %d: %w", m, err)
		}
	}
	return out, nil
}

// PairedDifference returns metric(score) - metric(other) at each cutoff and on
// average, with intervals from resampling customers as in [Bootstrap]; both
// scores see the same resamples, so what they share cancels.
//
// Other holds one score per row for each cutoff, such as recency. Errors as
// [Bootstrap].
func PairedDifference(cutoffs []Cutoff, other [][]float64, metric Metric, o Options) (Intervals, error) {
	if len(other) != len(cutoffs) {
		return Intervals{}, fmt.Errorf("paired difference: %d cutoffs, %d other scores: %w", len(cutoffs), len(other), ErrShape)
	}
	s, err := newSample(cutoffs)
	if err != nil {
		return Intervals{}, fmt.Errorf("paired difference: %w", err)
	}
	rivals := make([]*Ranking, len(cutoffs))
	for c, cutoff := range cutoffs {
		if rivals[c], err = NewRanking(other[c], cutoff.Churned, cutoff.Tie); err != nil {
			return Intervals{}, fmt.Errorf("paired difference: cutoff %d: other score: %w", c, err)
		}
	}
	difference := func(c int, weight []float64) float64 {
		return metric(s.ranking[c], weight) - metric(rivals[c], weight)
	}
	draws := s.draw(o, 1, func(c, _ int, weight []float64) float64 { return difference(c, weight) })
	point := make([]float64, len(cutoffs))
	for c, cutoff := range cutoffs {
		point[c] = difference(c, cutoff.Weight)
	}
	out, err := s.intervals(point, draws[0], o)
	if err != nil {
		return Intervals{}, fmt.Errorf("paired difference: %w", err)
	}
	return out, nil
}

// sample is checked cutoffs with customers numbered from 0.
type sample struct {
	cutoffs   []Cutoff
	ranking   []*Ranking
	customer  [][]int
	customers int
}

// newSample checks and ranks cutoffs.
func newSample(cutoffs []Cutoff) (*sample, error) {
	if len(cutoffs) == 0 {
		return nil, fmt.Errorf("no cutoff: %w", ErrShape)
	}
	s := &sample{cutoffs: cutoffs}
	var codes []int
	for c, cutoff := range cutoffs {
		if len(cutoff.Customer) != len(cutoff.Score) || cutoff.Weight != nil && len(cutoff.Weight) != len(cutoff.Score) {
			return nil, fmt.Errorf("cutoff %d: %d scores, %d customers, %d weights: %w",
				c, len(cutoff.Score), len(cutoff.Customer), len(cutoff.Weight), ErrShape)
		}
		for i, w := range cutoff.Weight {
			if !(w >= 0) || math.IsInf(w, 0) {
				return nil, fmt.Errorf("cutoff %d: weight of row %d is %v: %w", c, i, w, ErrValue)
			}
		}
		r, err := NewRanking(cutoff.Score, cutoff.Churned, cutoff.Tie)
		if err != nil {
			return nil, fmt.Errorf("cutoff %d: %w", c, err)
		}
		s.ranking = append(s.ranking, r)
		codes = append(codes, cutoff.Customer...)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	s.customers = len(codes)
	for _, cutoff := range cutoffs {
		dense := make([]int, len(cutoff.Customer))
		for i, code := range cutoff.Customer {
			dense[i], _ = slices.BinarySearch(codes, code)
		}
		s.customer = append(s.customer, dense)
	}
	return s, nil
}

// draw returns values[metric][resample][cutoff] of measure under resampled
// weights.
func (s *sample) draw(o Options, metrics int, measure func(cutoff, metric int, weight []float64) float64) [][][]float64 {
	resamples := o.resamples()
	values := make([][][]float64, metrics)
	for m := range values {
		values[m] = make([][]float64, resamples)
		for b := range values[m] {
			values[m][b] = make([]float64, len(s.cutoffs))
		}
	}
	threads := min(max(o.Threads, 1), resamples)
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() {
			count := make([]float64, s.customers)
			for b := t; b < resamples; b += threads {
				s.resample(count, o.Seed, uint64(b))
				for c := range s.cutoffs {
					weight := s.weigh(c, count)
					for m := range metrics {
						values[m][b][c] = measure(c, m, weight)
					}
				}
			}
		})
	}
	wait.Wait()
	return values
}

// resample fills count with how often each customer is drawn.
func (s *sample) resample(count []float64, seed, b uint64) {
	clear(count)
	random := rand.New(rand.NewPCG(seed, b)) //nolint:gosec // resampling needs reproducible draws, not secret ones
	for range s.customers {
		count[random.IntN(s.customers)]++
	}
}

// weigh returns the row weights of cutoff c under the drawn counts.
func (s *sample) weigh(c int, count []float64) []float64 {
	weight := make([]float64, len(s.customer[c]))
	for i, customer := range s.customer[c] {
		weight[i] = count[customer]
	}
	for i, w := range s.cutoffs[c].Weight {
		weight[i] *= w
	}
	return weight
}

// intervals turns draws[resample][cutoff] into estimates around point.
func (s *sample) intervals(point []float64, draws [][]float64, o Options) (Intervals, error) {
	var out Intervals
	means := make([]float64, 0, len(draws))
	var mean float64
	for _, row := range draws {
		var sum float64
		for _, v := range row {
			sum += v
		}
		means = append(means, sum/float64(len(row)))
	}
	for c, value := range point {
		if math.IsNaN(value) {
			return out, fmt.Errorf("cutoff %d: %w", c, ErrOneClass)
		}
		mean += value / float64(len(point))
		column := make([]float64, len(draws))
		for b := range draws {
			column[b] = draws[b][c]
		}
		out.Cutoffs = append(out.Cutoffs, percentile(value, column, o, distinct(s.customer[c])))
	}
	out.Mean = percentile(mean, means, o, s.customers)
	return out, nil
}

// distinct counts different values.
func distinct(values []int) int {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return len(slices.Compact(sorted))
}

// percentile returns value with the quantiles and the deviation of its draws.
func percentile(value float64, draws []float64, o Options, n int) estimate.Estimate {
	confidence := orDefault(o.Confidence)
	defined := slices.DeleteFunc(draws, math.IsNaN)
	e := estimate.Estimate{Value: value, Low: value, High: value, Confidence: confidence, N: n}
	if lost := o.resamples() - len(defined); lost > 0 {
		e = e.Warn(fmt.Sprintf("not defined in %d of %d resamples", lost, o.resamples()))
	}
	if len(defined) < 2 {
		return e
	}
	slices.Sort(defined)
	_, variance := moments(defined)
	e.StandardError = math.Sqrt(variance)
	e.Low, e.High = quantile(defined, (1-confidence)/2), quantile(defined, (1+confidence)/2)
	return e
}

// resamples returns the number of bootstrap samples asked for.
func (o Options) resamples() int {
	if o.Resamples <= 0 {
		return 1000
	}
	return o.Resamples
}

// quantile interpolates linearly between ascending values: that of rank
// p (n-1), type 7 of Hyndman and Fan (1996).
func quantile(sorted []float64, p float64) float64 {
	rank := p * float64(len(sorted)-1)
	i := int(math.Floor(rank))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (rank-float64(i))*(sorted[i+1]-sorted[i])
}
