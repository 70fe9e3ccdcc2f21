package hotspot

import "math"

// Cluster is the outcomes of one cluster: N of them with their Sum and the sum
// of their Squares (of outcomes that are 0 or 1 the same as Sum).
type Cluster struct {
	// Parent and Stratum number what the cluster lies in: a supplier's week in
	// the supplier and the week. Without a parent give all the same.
	Parent, Stratum int
	N               int64
	Sum, Squares    float64
}

// Correlation returns the intra-class correlation of outcomes that share a
// cluster, by the moments of one-way analysis of variance (Donner 1986) within
// parents, after the mean of each stratum is taken out:
//
//	e_j = S_j - n_j (mean of the stratum)
//	B   = sum_j e_j^2/n_j - sum_parents (sum e_j)^2/n
//	W   = sum_j (Q_j - S_j^2/n_j),  w = W / sum (n_j - 1)
//	A   = n - J - sum_parents (sum n_j^2)/n_parent + G,  F = J - G - (strata - 1)
//	r   = (B/w - F) / (A + B/w), within [0, 0.99]
//
// with J clusters in G parents. What a parent or a stratum has as a whole (a
// supplier that is always late, a bad week) does not raise it, so it can't hide
// itself. Without clusters of more than one outcome, or variation in them, it
// is 0. Clusters without outcomes are left out.
func Correlation(clusters []Cluster) float64 {
	parents, strata := map[int]*moments{}, map[int]*moments{}
	for _, c := range clusters {
		if c.N > 0 {
			momentsOf(strata, c.Stratum).add(float64(c.N), c.Sum)
		}
	}
	var between, within, pairs, outcomes, count float64
	var order []*moments
	for _, c := range clusters {
		if c.N <= 0 {
			continue
		}
		n := float64(c.N)
		s := strata[c.Stratum]
		e := c.Sum - n*s.sum/s.n
		if _, ok := parents[c.Parent]; !ok {
			order = append(order, momentsOf(parents, c.Parent))
		}
		parents[c.Parent].add(n, e)
		between += e * e / n
		within += c.Squares - c.Sum*c.Sum/n
		outcomes += n
		count++
	}
	for _, p := range order {
		between -= p.sum * p.sum / p.n
		pairs += p.squares / p.n
	}
	free := count - float64(len(order)) - float64(len(strata)-1)
	if outcomes <= count || within <= 0 || free < 1 {
		return 0
	}
	a := outcomes - count - pairs + float64(len(order))
	b := between * (outcomes - count) / within
	if a+b <= 0 {
		return 0
	}
	return math.Min(math.Max((b-free)/(a+b), 0), mostCorrelation)
}

// mostCorrelation keeps a design effect finite where clusters are all alike.
const mostCorrelation = 0.99

// moments are those of what lies in one parent or stratum.
type moments struct{ n, sum, squares float64 }

func momentsOf(of map[int]*moments, key int) *moments {
	m, ok := of[key]
	if !ok {
		m = &moments{}
		of[key] = m
	}
	return m
}

func (m *moments) add(n, sum float64) {
	m.n += n
	m.sum += sum
	m.squares += n * n
}

// Sizes is all clusters of one size: Count clusters of N outcomes each, the
// total Sum and Squares of their outcomes, and SumSquares, the sum over
// clusters of the square of their sum.
type Sizes struct {
	N, Count                 int64
	Sum, Squares, SumSquares float64
}

// CorrelationBySize is [Correlation] for clusters without parents or strata,
// so many that they are given by size.
func CorrelationBySize(sizes []Sizes) float64 {
	var n, count, squares, sum, q, between float64
	for _, s := range sizes {
		if s.N <= 0 {
			continue
		}
		n += float64(s.N * s.Count)
		count += float64(s.Count)
		squares += float64(s.N) * float64(s.N) * float64(s.Count)
		sum += s.Sum
		q += s.Squares
		between += s.SumSquares / float64(s.N)
	}
	within := q - between
	if n <= count || within <= 0 || count < 2 {
		return 0
	}
	b := (between - sum*sum/n) * (n - count) / within
	a := n - count - squares/n + 1
	if a+b <= 0 {
		return 0
	}
	return math.Min(math.Max((b-count+1)/(a+b), 0), mostCorrelation)
}
