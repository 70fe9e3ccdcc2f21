package hotspot

import (
	"fmt"
	"math"
)

// The kinds of cluster whose exposures are alike. Batch and Day lie within a
// stratum, Customer may cross them.
const (
	Batch    = iota // a supplier's week
	Day             // a day
	inner           // the kinds within a stratum
	Customer = inner
	// Kinds is how many there are.
	Kinds = inner + 1
)

// Links says how exposures of a part lie in the clusters of one kind: with n_j
// of the part and N_j of the whole in cluster j, Members = sum n_j,
// Square = sum n_j^2, Cross = sum n_j N_j. Of the whole Cross is Square.
type Links struct{ Members, Square, Cross int64 }

// Part is what a cell has in one stratum, or what the whole has there: N
// exposures whose outcomes add up to Sum (the incidents, where they are 0 or 1).
type Part struct {
	Stratum int
	N       int64
	Sum     float64
	Links   [inner]Links
}

// Cell is the exposures that share a value, one part for each stratum that has
// any, and how they repeat customers.
type Cell struct {
	Parts    []Part
	Customer Links
}

// Group is all cells that are compared with one whole.
type Group struct {
	Outcome Outcome
	// Strata of the whole; Strata[i].Stratum is not read.
	Strata []Part
	// Customer is of the whole.
	Customer Links
	Cells    []Cell
}

// Outcome is what an exposure may come to.
type Outcome struct {
	// Binary outcomes are 0 or 1; of others Variance and Skewness are those of
	// one outcome within a stratum.
	Binary             bool
	Variance, Skewness float64
	// Correlation of two outcomes in one cluster, by kind, in [0, 1).
	Correlation [Kinds]float64
}

// Comparison is a cell against the rest of its whole, in the symbols of the
// package comment.
type Comparison struct {
	N             int64
	Sum           float64
	Rate          float64
	Expected      float64
	Excess        float64 // in outcomes: N (Rate - Expected)
	Design        float64 // D
	StandardError float64 // of Rate - Expected
	// LogP is the log of the two-sided p-value, Above the side it is on.
	LogP  float64
	Above bool
	// Comparable is false where the cell is all of its strata, or nothing
	// varies: then Expected is the rate, and LogP is 0.
	Comparable bool

	tested       Part    // what lies in strata that say anything
	info, within float64 // info; excess within the whole
	population   float64
	outcome      Outcome
}

// P is the two-sided p-value.
func (c Comparison) P() float64 { return math.Exp(c.LogP) }

// Compare compares each cell with the rest of the whole, in the order of
// Cells. A group without cells gives none.
//
// It returns ErrShape for a part of a stratum that is not there, and ErrValue
// for counts that do not fit in the whole or a correlation outside [0, 1).
func (g Group) Compare() ([]Comparison, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	var whole float64
	for _, s := range g.Strata {
		whole += float64(s.N)
	}
	out := make([]Comparison, len(g.Cells))
	for i, c := range g.Cells {
		out[i] = g.compare(c, whole)
	}
	return out, nil
}

func (g Group) check() error {
	for kind, r := range g.Outcome.Correlation {
		if !(r >= 0 && r < 1) {
			return fmt.Errorf("correlation of kind %d is %v: %w", kind, r, ErrValue)
		}
	}
	for i, c := range g.Cells {
		for _, p := range c.Parts {
			if p.Stratum < 0 || p.Stratum >= len(g.Strata) {
				return fmt.Errorf("cell %d: stratum %d of %d: %w", i, p.Stratum, len(g.Strata), ErrShape)
			}
			if p.N < 0 || p.N > g.Strata[p.Stratum].N || math.IsNaN(p.Sum) || math.IsInf(p.Sum, 0) {
				return fmt.Errorf("cell %d: %d exposures among %d, sum %v: %w", i, p.N, g.Strata[p.Stratum].N, p.Sum, ErrValue)
			}
		}
	}
	return nil
}

func (g Group) compare(c Cell, whole float64) Comparison {
	out := Comparison{outcome: g.Outcome, population: whole}
	var pairs float64
	for _, p := range c.Parts {
		s := g.Strata[p.Stratum]
		if s.N == 0 {
			continue
		}
		n, f := float64(p.N), float64(p.N)/float64(s.N)
		out.N += p.N
		out.Sum += p.Sum
		if g.Outcome.Binary && (s.Sum <= 0 || s.Sum >= float64(s.N)) {
			continue // All alike: as in a Mantel-Haenszel test it has no say.
		}
		out.tested.N += p.N
		out.tested.Sum += p.Sum
		out.within += p.Sum - f*s.Sum
		out.info += n * (1 - f)
		for kind := range inner {
			pairs += g.Outcome.Correlation[kind] * p.Links[kind].pairs(s.Links[kind], f)
		}
	}
	n := float64(out.N)
	if out.N == 0 {
		return out
	}
	pairs += g.Outcome.Correlation[Customer] * c.Customer.pairs(g.Customer, n/whole)
	out.Rate = out.Sum / n
	out.Expected = out.Rate
	if out.info < 1 {
		return out
	}
	out.Design = (out.info + math.Max(pairs, 0)) * float64(out.tested.N) / (out.info * out.info)
	return out.at(out.within)
}

// pairs returns sum_j (n_j - f N_j)^2 without the pairs of an exposure with
// itself.
func (l Links) pairs(whole Links, f float64) float64 {
	members, all := float64(l.Members), float64(whole.Members)
	own := (1-f)*(1-f)*members + f*f*(all-members)
	return float64(l.Square) - 2*f*float64(l.Cross) + f*f*float64(whole.Square) - own
}

// at judges the cell for an excess within the whole: its own, or what is left
// of it when others are allowed for.
func (c Comparison) at(within float64) Comparison {
	n, share := float64(c.tested.N), float64(c.tested.N)/float64(c.N)
	departure := within / c.info
	c.Excess = n * departure
	c.Expected = c.Rate - share*departure
	c.Above = within > 0
	expected, variance := c.tested.Sum/n-departure, c.outcome.Variance
	if c.outcome.Binary {
		least := 0.5 / (c.population + 1)
		expected = math.Min(math.Max(expected, least), 1-least)
		c.Expected = math.Min(math.Max(c.Expected, least), 1-least)
		variance = expected * (1 - expected)
	}
	if !(variance > 0) {
		return c
	}
	c.Comparable = true
	c.StandardError = share * math.Sqrt(variance*c.Design/n)
	lower, upper := c.tails(expected, departure/math.Sqrt(variance*c.Design/n))
	c.LogP = math.Min(0, math.Ln2+math.Min(lower, upper))
	return c
}

// tails are those of what was tested, given its expected rate and its departure
// in standard errors.
func (c Comparison) tails(expected, z float64) (lower, upper float64) {
	n := float64(c.tested.N)
	if !c.outcome.Binary {
		share := 1 - c.info/n
		return logMeanTails(z, c.outcome.Skewness*(1-2*share)/math.Sqrt(c.info/c.Design))
	}
	correlation := 0.0
	if c.tested.N > 1 {
		correlation = math.Min(math.Max((c.Design-1)/(n-1), 0), 0.999)
	}
	d := BetaBinomial{N: c.tested.N, Mean: expected, Correlation: correlation}
	return d.LogTails(int64(math.Round(c.tested.Sum)))
}
