package drift

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Trend is where a customer's orders go.
type Trend string

// The trends. TooFew is who has too few orders in either window, or was not a
// customer for both.
const (
	Declining Trend = "declining"
	Steady    Trend = "steady"
	Growing   Trend = "growing"
	TooFew    Trend = "too_few"
)

// Trend tells a decline and a growth from neither. A decline is what
// [DeclineRule.Judge] flags. A growth is a decline seen backwards in time: as much more relative to
// the shop as the share is less (two thirds more for the default of 40 % less),
// with enough orders in the last window, and with more than the probability of a
// real growth, that the level before is below 1 - Real of the last one,
//
//	P = I_x(a1, a2),   x = r (1 + k) / (r (1 + k) + m + k)
//
// with the symbols of Judge. Steady is who has enough orders in one of the
// windows and shows neither; it does not say that nothing changed, but that no
// change of that size was seen. What declines by one of orders and spend and
// grows by the other declines.
func (r DeclineRule) Trend(t Trade, c Windows) Trend {
	r = r.WithDefaults()
	switch {
	case r.Judge(t, c).Flagged:
		return Declining
	case !c.Throughout || max(c.Orders[0], c.Orders[1]) < r.LeastOrders:
		return TooFew
	case r.grows(t, c):
		return Growing
	}
	return Steady
}

// grows reports a growth by orders or by spend.
func (r DeclineRule) grows(t Trade, c Windows) bool {
	if c.Orders[1] < r.LeastOrders {
		return false
	}
	seen, value, valued := c.inOrders()
	if r.rises(t, seen, t.OrderMovement, t.Dispersion) {
		return true
	}
	return valued && r.rises(t, value, t.SpendMovement, t.Dispersion+t.ValueSpread)
}

// rises reports whether amounts rose by the share, and by a real change.
func (r DeclineRule) rises(t Trade, seen [2]float64, movement, dispersion float64) bool {
	if seen[0]*movement > (1-r.Share)*seen[1] {
		return false
	}
	before, last := (seen[0]+t.Prior*t.Level)/dispersion, (seen[1]+t.Prior*t.Level)/dispersion
	if !(last > 0) {
		return false
	}
	if !(before > 0) {
		return true
	}
	scaled := (1 - r.Real) * (1 + t.Prior)
	return mathext.RegIncBeta(before, last, scaled/(scaled+math.Max(movement, 0)+t.Prior)) > r.Probability
}
