package demo

import "math/rand/v2"

// source is the random stream of one customer.
type source struct {
	*rand.Rand
	pcg *rand.PCG
}

func newSource() source {
	pcg := rand.NewPCG(0, 0)
	return source{Rand: rand.New(pcg), pcg: pcg} //nolint:gosec // a made-up shop needs reproducible numbers, not secret ones
}

// restart begins the stream of customer index. Both halves of the state are
// mixed, since neighbouring states of one generator are correlated.
func (s source) restart(seed uint64, index int) {
	i := uint64(index)
	s.pcg.Seed(mix(seed^mix(i)), mix(i+mix(seed+1)))
}

// mix is the finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func (s source) chance(p float64) bool { return s.Float64() < p }

// seconds is uniform in [low, high).
func (s source) seconds(low, high int64) int64 { return low + s.Int64N(high-low) }

// wait is exponential with the given mean, cut at limit; all in seconds.
func (s source) wait(mean, limit float64) int64 {
	return int64(min(s.ExpFloat64()*mean, limit))
}

// triangular is symmetric on [-half, half] with mean 0 and standard deviation
// half/sqrt(6).
func (s source) triangular(half float64) float64 {
	return half * (s.Float64() + s.Float64() - 1)
}

// binomial counts the successes of n trials of probability p in [0, 1].
func (s source) binomial(n int, p float64) int {
	k := 0
	for range n {
		if s.Float64() < p {
			k++
		}
	}
	return k
}

// pick returns the index of the first cumulative share above a uniform draw.
func (s source) pick(cumulative []float64) int {
	u := s.Float64()
	low, high := 0, len(cumulative)-1
	for low < high {
		mid := (low + high) / 2
		if u < cumulative[mid] {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return low
}
