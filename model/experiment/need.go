package experiment

import "math"

// Plan says what is to be proven.
type Plan struct {
	// Least is the least effect worth knowing, > 0, in the unit of the outcome.
	Least float64
	// Power is the probability to prove it at the announced number, looks before
	// included, in [0.5, 1).
	Power float64
	// ControlShare is the control's share of the customers of both arms, in (0, 1).
	ControlShare float64
}

// early is what looks before the last add to the power: some experiments are
// proven on the way that would not be at the end. By simulation of 50 to 100
// looks it is 4 to 7 points around a power of 0.8.
const early = 0.05

// quantile is the standard normal quantile for the power at the last look.
func (p Plan) quantile() float64 { return upper(math.Max(p.Power-early, 0.5)) }

// Expect returns the arms that a plan expects of a proportion, by the share
// that all customers together have so far: the treated have the least effect
// more than the control.
func (p Plan) Expect(rate float64) (control, treated Arm) {
	q := math.Min(math.Max(rate-(1-p.ControlShare)*p.Least, 0), math.Max(1-p.Least, 0))
	r := math.Min(q+p.Least, 1)
	return Arm{Mean: q, Variance: q * (1 - q)}, Arm{Mean: r, Variance: r * (1 - r)}
}

// Need returns how many customers of both arms prove a plan's least effect with
// its power, where the arms turn out as expected: the least n with
//
//	least >= radius(n) + z se(n)
//
// se being the standard error that the difference really has, and the radius by
// the one that it is counted with, that is very likely [Ready]. It is -1 beyond
// two billion.
func (b Boundary) Need(p Plan, control, treated Arm) int {
	own := math.Sqrt(treated.Variance/(1-p.ControlShare) + control.Variance/p.ControlShare)
	counted := p.counted(control, treated)
	z := p.quantile()
	return first(0, func(n float64) bool {
		root := math.Sqrt(n)
		return p.ready(n, control, treated) && p.Least-b.Ratio(counted/root)*counted/root >= z*own/root
	})
}

// counted is the standard error at one customer that the difference is counted
// with.
func (p Plan) counted(control, treated Arm) float64 {
	mean := p.ControlShare*control.Mean + (1-p.ControlShare)*treated.Mean
	all := Arm{Variance: p.ControlShare*(control.Variance+control.Mean*control.Mean) +
		(1-p.ControlShare)*(treated.Variance+treated.Mean*treated.Mean) - mean*mean}
	return math.Sqrt(spread(treated, all)/(1-p.ControlShare) + spread(control, all)/p.ControlShare)
}

// ready reports whether n customers are enough for a comparison in nine of ten
// experiments.
func (p Plan) ready(n float64, control, treated Arm) bool {
	small := math.Min(p.ControlShare, 1-p.ControlShare)
	least := n*small - 1.3*math.Sqrt(n*small*(1-small))
	return least >= LeastCustomers && least*p.rare(control, treated) >= LeastRare
}

// rare is the expected share of the rarer kind, 1 where the arms do not tell.
func (p Plan) rare(control, treated Arm) float64 {
	rare := func(a Arm) float64 {
		if a.N > 0 {
			return float64(a.Rare) / float64(a.N)
		}
		return math.Min(a.Mean, 1-a.Mean)
	}
	share := p.ControlShare*rare(control) + (1-p.ControlShare)*rare(treated)
	if !(share > 0) {
		return 1
	}
	return share
}

// NeedAfter returns how many customers prove the plan's least effect where n
// gave a difference with a standard error, and did not prove it: the least m
// above n with
//
//	(n difference + (m - n) least) / m >= radius(m) + z sqrt((m - n) / m) se(m)
//
// so the power is that given what was seen. It is -1 beyond two billion.
func (b Boundary) NeedAfter(p Plan, n int, difference, se float64) int {
	unit, z := se*math.Sqrt(float64(n)), p.quantile()
	return first(n, func(m float64) bool {
		fresh := m - float64(n)
		at := unit / math.Sqrt(m)
		return (float64(n)*difference+fresh*p.Least)/m-b.Ratio(at)*at >= z*at*math.Sqrt(fresh/m)
	})
}

// first returns the least whole number above n from which on a condition holds
// that holds from some number on, -1 where that is beyond two billion.
func first(n int, holds func(float64) bool) int {
	low, high := float64(n), float64(n)+1
	for !holds(high) {
		if low, high = high, 2*high; high > math.MaxInt32 {
			return -1
		}
	}
	for high-low > 1 {
		if middle := math.Floor((low + high) / 2); holds(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return int(high)
}
