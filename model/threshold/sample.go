package threshold

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// Options of the resampling. The zero value is usable.
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

func (o Options) resamples() int {
	if o.Resamples <= 0 {
		return 1000
	}
	return o.Resamples
}

func (o Options) confidence() float64 {
	if o.Confidence == 0 {
		return 0.95
	}
	return o.Confidence
}

// sample is checked cutoffs with customers numbered from 0.
type sample struct {
	cutoffs   []Cutoff
	economics Economics
	customer  [][]int
	customers int
}

func newSample(cutoffs []Cutoff, e Economics) (*sample, error) {
	if len(cutoffs) == 0 {
		return nil, fmt.Errorf("no cutoff: %w", ErrShape)
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	s := &sample{cutoffs: cutoffs, economics: e}
	var codes []int
	for c := range cutoffs {
		if err := cutoffs[c].check(); err != nil {
			return nil, fmt.Errorf("cutoff %d: %w", c, err)
		}
		codes = append(codes, cutoffs[c].Customer...)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	s.customers = len(codes)
	for c := range cutoffs {
		dense := make([]int, len(cutoffs[c].Customer))
		for i, code := range cutoffs[c].Customer {
			dense[i], _ = slices.BinarySearch(codes, code)
		}
		s.customer = append(s.customer, dense)
	}
	return s, nil
}

// resampled calls measure with the row weights of every cutoff in resample b,
// b from 0, and with the weights as given for b = -1. A resample draws as many
// customers as there are, with replacement, from PCG(seed, b).
func (s *sample) resampled(o Options, measure func(b int, weights [][]float64)) {
	given := make([][]float64, len(s.cutoffs))
	for c := range s.cutoffs {
		given[c] = s.cutoffs[c].Weight
	}
	measure(-1, given)
	threads := min(max(o.Threads, 1), o.resamples())
	var wait sync.WaitGroup
	for t := range threads {
		wait.Go(func() {
			count, weights := make([]float64, s.customers), make([][]float64, len(s.cutoffs))
			for c := range weights {
				weights[c] = make([]float64, len(s.customer[c]))
			}
			for b := t; b < o.resamples(); b += threads {
				clear(count)
				random := rand.New(rand.NewPCG(o.Seed, uint64(b))) //nolint:gosec // resampling needs reproducible draws, not secret ones
				for range s.customers {
					count[random.IntN(s.customers)]++
				}
				for c := range weights {
					for i, customer := range s.customer[c] {
						weights[c][i] = count[customer]
						if s.cutoffs[c].Weight != nil {
							weights[c][i] *= s.cutoffs[c].Weight[i]
						}
					}
				}
				measure(b, weights)
			}
		})
	}
	wait.Wait()
}

// spread returns value with the quantiles and the deviation of its draws.
func (s *sample) spread(value float64, draws []float64, o Options) estimate.Estimate {
	sorted := slices.Clone(draws)
	slices.Sort(sorted)
	tail := (1 - o.confidence()) / 2
	return estimate.Estimate{
		Value: value, Low: quantile(sorted, tail), High: quantile(sorted, 1-tail),
		StandardError: deviation(sorted), Confidence: o.confidence(), N: s.customers,
	}
}

// quantile interpolates linearly between ascending values (Hyndman and Fan
// 1996, type 7).
func quantile(sorted []float64, p float64) float64 {
	rank := p * float64(len(sorted)-1)
	i := int(math.Floor(rank))
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (rank-float64(i))*(sorted[i+1]-sorted[i])
}

// deviation is the sample standard deviation, 0 below two values.
func deviation(x []float64) float64 {
	if len(x) < 2 {
		return 0
	}
	var mean, squares float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares / float64(len(x)-1))
}
