package drift

import (
	"fmt"
	"math"
)

const (
	// LongestPause is the number of own cycles without an order after which a
	// customer has left, and no longer drifts.
	LongestPause = 6
	// mostGapDispersion bounds the relative variance of gaps.
	mostGapDispersion = 100
)

// Gaps are the spans between one customer's days with an order, in days.
type Gaps struct {
	Count    int
	Mean     float64
	Variance float64 // of the sample; read from two gaps on
}

// Rhythm is what customers' gaps between days with an order have in common.
type Rhythm struct {
	// Gap is the mean over customers of their mean gap, in days; 0 where
	// nothing is known, and nobody is judged by his own rhythm then.
	Gap float64 `json:"gap_days"`
	// Prior is the weight of Gap in a customer's own gap, in gaps.
	Prior float64 `json:"prior_gaps"`
	// Dispersion is the variance of one customer's gaps over their squared mean.
	Dispersion float64 `json:"dispersion"`
	// Customers is the number of customers behind the fit.
	Customers int      `json:"customers"`
	Warnings  []string `json:"warnings,omitempty"`
}

// FitRhythm estimates what gaps have in common from customers with a gap. With
// n gaps of mean g and variance s2 for each, gamma with relative variance c2:
//
//	sum (n-1) s2/g^2 = sum (n-1) n c2/(n + c2)        solved for c2 (Dispersion)
//	Gap     = mean of g
//	E2      = mean of g^2 n/(n + c2)                  the mean squared own gap
//	Prior   = c2 E2 / (E2 - Gap^2 + var(g)/N), at most 1e6
//
// The first holds exactly, because s2/g^2 and g are independent for gamma
// variables (Lukacs 1955); the last is Buehlmann's (1967). Errors: [ErrValue]
// for a gap that is not positive and finite, [ErrNoHistory] where nobody has
// two gaps. Sums run in the order given.
func FitRhythm(customers []Gaps) (Rhythm, error) {
	var left, mean, n float64
	for i, c := range customers {
		if c.Count < 1 {
			continue
		}
		if !(c.Mean > 0) || math.IsInf(c.Mean, 0) || c.Count > 1 && !(c.Variance >= 0) {
			return Rhythm{}, fmt.Errorf("fit rhythm: customer %d: %+v: %w", i, c, ErrValue)
		}
		mean += c.Mean
		n++
		if c.Count > 1 {
			left += float64(c.Count-1) * c.Variance / (c.Mean * c.Mean)
		}
	}
	out := Rhythm{Customers: int(n), Gap: mean / math.Max(n, 1)}
	if out.Dispersion = gapDispersion(customers, left); out.Dispersion == 0 {
		return Rhythm{}, fmt.Errorf("fit rhythm: %d customers with a gap, none with two that differ: %w", out.Customers, ErrNoHistory)
	}
	var squares, spread float64
	for _, c := range customers {
		if c.Count > 0 {
			squares += c.Mean * c.Mean * float64(c.Count) / (float64(c.Count) + out.Dispersion)
			spread += (c.Mean - out.Gap) * (c.Mean - out.Gap)
		}
	}
	squares /= n
	spread /= math.Max(n-1, 1)
	out.Prior = mostPrior
	if between := squares - out.Gap*out.Gap + spread/n; between > 0 {
		out.Prior = math.Min(mostPrior, out.Dispersion*squares/between)
	}
	if out.Customers < thin {
		out.Warnings = append(out.Warnings, fmt.Sprintf("%d customers with a gap between orders, %d are needed for a sure rhythm", out.Customers, thin))
	}
	return out, nil
}

// gapDispersion solves the first equation of FitRhythm; 0 where nobody has two
// gaps, or all of everybody's are equal.
func gapDispersion(customers []Gaps, left float64) float64 {
	if !(left > 0) {
		return 0
	}
	right := func(c2 float64) (sum float64) {
		for _, c := range customers {
			if n := float64(c.Count); n > 1 {
				sum += (n - 1) * n * c2 / (n + c2)
			}
		}
		return sum
	}
	low, high := 0.0, float64(mostGapDispersion)
	if right(high) <= left {
		return high
	}
	for range 80 {
		if middle := (low + high) / 2; right(middle) < left {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

// Days is when one customer ordered: the days with an order of the lookback,
// as ages in days before T.
type Days struct {
	// Count is how many there are.
	Count int
	// First is the oldest; Third, Second and Last are the newest three. Those
	// beyond Count are not read.
	First, Third, Second, Last float64
}

// Calendar is the shop's time: one day of a cycle counts as many days as its
// movement says, so that a pause in a quiet season is short.
type Calendar struct {
	// CycleDays is the length of a cycle; Movement that of [Shop].
	CycleDays float64
	Movement  [Cycles]float64
}

// Age returns the shop's time from so many days before T to T:
//
//	A(age) = sum_c m_c min(max(age - (8-c) L, 0), L) + max(age - 8L, 0)
func (c Calendar) Age(days float64) float64 {
	length := c.CycleDays
	sum := math.Max(days-Cycles*length, 0)
	for i, m := range c.Movement {
		sum += m * math.Min(math.Max(days-float64(Cycles-1-i)*length, 0), length)
	}
	return sum
}

// Orders returns the decline of a customer who is judged by his own rhythm,
// as of so many days before T. An own cycle is a gap between two days with an
// order; the running pause is one from when on it is longer than the own gap
// g, and until then the customer is [Signal.Back]. With the two cycles' spans
// s7 and s8 and the own gap, all in the shop's time ([Calendar.Age]), from n
// gaps before the two that took S together:
//
//	g        = (S + k Gap) / (n + k)               k is Prior
//	z7       = tail(s7, g, c2 (1 + 1/(n + k)))     c2 is Dispersion
//	z8       = tail(s8, g, c2 (1 + 1/(n + k)))
//	combined = tail(s7 + s8, 2 g, c2 (1/2 + 1/(n + k)))
//
// where tail is the gamma's (Wilson and Hilferty 1931), negative for a long
// span. It is usable from three days with an order on, while the pause is at
// most [LongestPause] own gaps. Expected and Observed are for people: the own
// gap and the two spans in days of the calendar.
func (r Rhythm) Orders(c Calendar, d Days, daysBefore float64) Signal {
	if d.Count < 3 || !(r.Gap > 0 && r.Dispersion > 0) {
		return Signal{}
	}
	pause := c.Age(d.Last) - c.Age(daysBefore)
	own := r.own(c.Age(d.First)-c.Age(d.Second), d.Count-2)
	if pause > LongestPause*own.gap {
		return Signal{}
	}
	back := pause <= own.gap
	gaps, third, second, first := d.Count-2, d.Second, d.Last, daysBefore
	if back && d.Count > 3 {
		gaps, third, second, first = d.Count-3, d.Third, d.Second, d.Last
	}
	own = r.own(c.Age(d.First)-c.Age(third), gaps)
	s := own.signal(c.Age(third)-c.Age(second), c.Age(second)-c.Age(first))
	usual := r.own(d.First-third, gaps).gap
	s.Back, s.Expected, s.Observed = back, [2]float64{usual, usual}, [2]float64{third - second, second - first}
	return s
}

// ownRhythm is a customer's own gap with the weight behind it.
type ownRhythm struct{ gap, weight, dispersion float64 }

func (r Rhythm) own(span float64, gaps int) ownRhythm {
	weight := float64(gaps) + r.Prior
	return ownRhythm{(span + r.Prior*r.Gap) / weight, weight, r.Dispersion}
}

// tail judges so many gaps that took a span together.
func (o ownRhythm) tail(span, gaps float64) float64 {
	return spanTail(span, gaps*o.gap, o.dispersion*(1/gaps+1/o.weight))
}

func (o ownRhythm) signal(older, newer float64) Signal {
	both := o.tail(older+newer, 2)
	return Signal{
		Usable: true, Kind: ByRhythm, First: o.tail(older, 1), Second: o.tail(newer, 1), Combined: both, Tail: both,
	}
}
