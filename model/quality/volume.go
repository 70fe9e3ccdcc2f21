package quality

import (
	"fmt"
	"math"
	"slices"
)

// volumeBase is the number of weeks that a block is compared with, and
// volumePast the least number of earlier comparisons that say what is normal.
const (
	volumeBase = 8
	volumePast = 4
)

// year is the number of weeks after which a season comes again.
const year = 52

// Movement is a block of weeks against the weeks before it.
type Movement struct {
	// Weeks is the length of the block, which ends the series.
	Weeks int `json:"weeks"`
	// Observed and Expected are its sums.
	Observed float64 `json:"observed"`
	Expected float64 `json:"expected"`
	// Z is the movement in standard deviations of what such movements have
	// been: below 0 for a drop.
	Z float64 `json:"z"`
}

// Ratio returns Observed / Expected; 1 where nothing was expected.
func (m Movement) Ratio() float64 {
	if m.Expected <= 0 {
		return 1
	}
	return m.Observed / m.Expected
}

// Volume judges the last block of weekly counts against their own history.
//
// With S the sum of the block of w weeks and B the sum of the 8 weeks before
// it, the movement is the log ratio
//
//	x = log((S + 1/2) / (w B / 8 + 1/2))
//
// and every earlier block of w weeks has one too. Their median m is the usual
// trend, their spread s the median absolute deviation from it, times 1.4826.
// Counts add their own noise, v = 1/(S' + 1/2) + 1/(B + 1/2) with S' the
// expected count, so that few rows prove nothing:
//
//	z = (x - m) / sqrt(s^2 + v),  expected = exp(m) w B / 8
//
// Where the same block of the year before is known, within a week, the
// movement that lies nearest to x there is taken for m when that makes |z|
// smaller: what comes every year is no fault. Weeks are ascending, counts at
// least 0. Errors: [ErrShort] below w + 8 + 4 weeks, [ErrValue].
//
// The median absolute deviation as a scale: Rousseeuw and Croux (1993).
func Volume(weeks []float64, block int) (Movement, error) {
	if block < 1 {
		return Movement{}, fmt.Errorf("volume: block of %d weeks: %w", block, ErrValue)
	}
	for _, n := range weeks {
		if !(n >= 0) || math.IsInf(n, 1) {
			return Movement{}, fmt.Errorf("volume: count %v: %w", n, ErrValue)
		}
	}
	if need := block + volumeBase + volumePast; len(weeks) < need {
		return Movement{}, fmt.Errorf("volume: %d weeks, need %d: %w", len(weeks), need, ErrShort)
	}
	last := len(weeks) - block
	var past []float64
	for from := volumeBase; from+block <= last; from++ {
		past = append(past, movement(weeks, from, block))
	}
	if len(past) < volumePast {
		past = append(past, make([]float64, volumePast-len(past))...)
	}
	usual := median(past)
	spread := 1.4826 * medianDistance(past, usual)
	base := sum(weeks[last-volumeBase:last]) * float64(block) / volumeBase
	out := judge(weeks, block, base, usual, spread)
	for back := year - 1; back <= year+1; back++ {
		from := last - back
		if from < volumeBase {
			continue
		}
		if m := judge(weeks, block, base, movement(weeks, from, block), spread); math.Abs(m.Z) < math.Abs(out.Z) {
			out = m
		}
	}
	return out, nil
}

// judge measures the last block where a movement of usual was to be expected.
func judge(weeks []float64, block int, base, usual, spread float64) Movement {
	m := Movement{Weeks: block, Observed: sum(weeks[len(weeks)-block:]), Expected: math.Exp(usual) * base}
	noise := 1/(m.Expected+0.5) + 1/(base*volumeBase/float64(block)+0.5)
	m.Z = (math.Log((m.Observed+0.5)/(base+0.5)) - usual) / math.Sqrt(spread*spread+noise)
	return m
}

// movement is the log ratio of the block at from to the weeks before it.
func movement(weeks []float64, from, block int) float64 {
	base := sum(weeks[from-volumeBase:from]) * float64(block) / volumeBase
	return math.Log((sum(weeks[from:from+block]) + 0.5) / (base + 0.5))
}

func sum(x []float64) (s float64) {
	for _, v := range x {
		s += v
	}
	return s
}

// median returns the middle of at least one value, the mean of the two middle
// ones of an even number.
func median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func medianDistance(x []float64, from float64) float64 {
	distance := make([]float64, len(x))
	for i, v := range x {
		distance[i] = math.Abs(v - from)
	}
	return median(distance)
}
