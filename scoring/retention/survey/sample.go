package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strings"
)

// uniform is a number in [0, 1) that follows from the parts alone.
func uniform(parts ...string) float64 {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x1f")))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11) / (1 << 53)
}

// spread shares a total out in proportion to sizes, nobody getting more than
// room leaves, and returns each one's part. Who would get more gets his room, and
// what he leaves goes to the others in proportion. Where all sizes are 0 they
// count as equal. The total must not exceed the sum of room; sizes are finite
// and not negative.
func spread(total float64, sizes, room []float64) []float64 {
	out := make([]float64, len(sizes))
	open := make([]int, len(sizes))
	for i := range open {
		open[i] = i
	}
	for total > 0 && len(open) > 0 {
		var sum float64
		for _, i := range open {
			sum += sizes[i]
		}
		share := func(i int) float64 {
			if sum == 0 {
				return total / float64(len(open))
			}
			return total * (sizes[i] / sum)
		}
		rest, full := open[:0:0], 0.0
		for _, i := range open {
			if share(i) >= room[i] {
				out[i] = room[i]
				full += room[i]
				continue
			}
			rest = append(rest, i)
		}
		if len(rest) == len(open) {
			for _, i := range open {
				out[i] = share(i)
			}
			return out
		}
		open, total = rest, total-full
	}
	return out
}

// systematic draws a sample without replacement in which each one's probability
// is his p in [0, 1] (Madow 1949): those are chosen in whose part
// [P, P+p) of the running sum P a point start, start+1, ... lies. With start
// uniform in [0, 1) the probabilities are exact, the sample has the sum of p
// rounded up or down, and so has every run of neighbours.
func systematic(p []float64, start float64) []bool {
	out := make([]bool, len(p))
	var sum, lost float64 // compensated (Kahan 1965): a million parts add up to their sum
	points := 0.0         // below the sum so far
	for i := range p {
		term := p[i] - lost
		next := sum + term
		lost = (next - sum) - term
		sum = next
		if below := math.Ceil(sum - start); below > points {
			out[i], points = true, below
		}
	}
	return out
}
