package quality

import (
	"math"
	"slices"
	"sort"
)

// Sample is one feature's values: Numbers with NaN for what is missing, or
// Levels with "" for it.
type Sample struct {
	Numbers []float64
	Levels  []string
}

// Len returns the number of values, missing ones included.
func (s Sample) Len() int { return max(len(s.Numbers), len(s.Levels)) }

// Missing returns the share of missing values, 0 of none.
func (s Sample) Missing() float64 {
	n := 0
	for _, v := range s.Numbers {
		if math.IsNaN(v) {
			n++
		}
	}
	for _, v := range s.Levels {
		if v == "" {
			n++
		}
	}
	if s.Len() == 0 {
		return 0
	}
	return float64(n) / float64(s.Len())
}

// bins cut a feature into few groups: those of what is missing, of each level
// (the largest ones), or between edges.
type bins struct {
	edges  []float64
	levels map[string]int
	count  int
}

// newBins places at most most edges at the quantiles of numbers, or gives each
// of the most frequent levels a bin of its own. Bin 0 is what is missing, the
// last bin of levels every other level.
func newBins(s Sample, most int) bins {
	if s.Levels != nil {
		return levelBins(s.Levels, most)
	}
	present := make([]float64, 0, len(s.Numbers))
	for _, v := range s.Numbers {
		if !math.IsNaN(v) {
			present = append(present, v)
		}
	}
	slices.Sort(present)
	var edges []float64
	for k := 1; k < most && len(present) > 0; k++ {
		edge := present[k*len(present)/most]
		// A value that fills several quantiles is a bin of its own: it ends where the
		// next value begins.
		if n := len(edges); n > 0 && edges[n-1] >= edge {
			next := sort.Search(len(present), func(i int) bool { return present[i] > edge })
			if next == len(present) {
				break
			}
			edge = present[next]
			if edges[n-1] >= edge {
				continue
			}
		}
		edges = append(edges, edge)
	}
	return bins{edges: edges, count: len(edges) + 2}
}

func levelBins(values []string, most int) bins {
	count := map[string]int{}
	for _, v := range values {
		if v != "" {
			count[v]++
		}
	}
	names := make([]string, 0, len(count))
	for name := range count {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := count[b] - count[a]; d != 0 {
			return d
		}
		if a < b {
			return -1
		}
		return 1
	})
	b := bins{levels: map[string]int{}}
	for i, name := range names[:min(most, len(names))] {
		b.levels[name] = i + 1
	}
	b.count = len(b.levels) + 2
	return b
}

// of returns the bin of the value at a position.
func (b bins) of(s Sample, i int) int {
	if b.levels != nil {
		if s.Levels[i] == "" {
			return 0
		}
		if bin, ok := b.levels[s.Levels[i]]; ok {
			return bin
		}
		return b.count - 1
	}
	v := s.Numbers[i]
	if math.IsNaN(v) {
		return 0
	}
	return 1 + sort.Search(len(b.edges), func(k int) bool { return b.edges[k] > v })
}

// counts returns how many values fall into each bin.
func (b bins) counts(s Sample) []float64 {
	out := make([]float64, b.count)
	for i := range s.Len() {
		out[b.of(s, i)]++
	}
	return out
}
