package drift

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// DeclineRule is the rule of the order decline: orders or spend of the last
// window at least Share below those of the window before. The zero value takes
// the defaults.
type DeclineRule struct {
	// Share is the least decline, 0.4 by default.
	Share float64
	// LeastOrders are required in the window before, 4 by default.
	LeastOrders int
	// Real is the decline of the level from which on it is a real one, half of
	// Share by default, and Probability what that of a real one must exceed, 0.8
	// by default.
	Real        float64
	Probability float64
}

// WithDefaults fills what is 0.
func (r DeclineRule) WithDefaults() DeclineRule {
	if r.Share == 0 {
		r.Share = 0.4
	}
	if r.LeastOrders == 0 {
		r.LeastOrders = 4
	}
	if r.Real == 0 {
		r.Real = r.Share / 2
	}
	if r.Probability == 0 {
		r.Probability = 0.8
	}
	return r
}

// Windows are one customer's orders and spend in the window before and in the
// last one. Throughout says that he was a customer for both.
type Windows struct {
	Orders     [2]int
	Spend      [2]float64
	Throughout bool
}

// Trade is what customers' windows have in common.
type Trade struct {
	// OrderMovement and SpendMovement are the shop's last window over the one
	// before, of customers who were there for both; 1 where nobody was.
	OrderMovement float64 `json:"order_movement"`
	SpendMovement float64 `json:"spend_movement"`
	// Level is the mean of orders in a window, Prior its weight in a customer's
	// own level, in windows, and Dispersion the variance of a count over its
	// mean, at least 1.
	Level      float64 `json:"level"`
	Prior      float64 `json:"prior_windows"`
	Dispersion float64 `json:"dispersion"`
	// ValueSpread is the relative variance of the values of one customer's
	// orders.
	ValueSpread float64  `json:"value_spread"`
	Customers   int      `json:"customers"`
	Warnings    []string `json:"warnings,omitempty"`
}

// FitTrade estimates the movement and the spread of values from the customers
// who were there throughout, and takes level, prior and dispersion from the
// shop, whose cycles last so many days. With o and s a customer's orders and
// spend, before (1) and last (2), and v = (s1 + s2)/(o1 + o2):
//
//	OrderMovement = sum o2 / sum o1,   SpendMovement = sum s2 / sum s1
//	ValueSpread   = sum (s2/v - o2)^2 / sum o1 o2/(o1 + o2)
//
// The last is a moment estimator: given how many orders fell in which window,
// s2/v - o2 has the mean 0 and that variance. Errors: [ErrValue] for negative
// orders, or for spend that is negative, NaN or infinite.
func FitTrade(shop Shop, cycleDays, windowDays float64, customers []Windows) (Trade, error) {
	t := Trade{
		OrderMovement: 1, SpendMovement: 1, Level: shop.Level * windowDays / cycleDays,
		Prior: shop.Prior * cycleDays / windowDays, Dispersion: math.Max(1, shop.Dispersion),
	}
	var orders, spend [2]float64
	var squares, expected float64
	for i, c := range customers {
		for k := range 2 {
			if c.Orders[k] < 0 || !(c.Spend[k] >= 0) || math.IsInf(c.Spend[k], 0) {
				return Trade{}, fmt.Errorf("fit trade: customer %d: %+v: %w", i, c, ErrValue)
			}
		}
		if !c.Throughout {
			continue
		}
		t.Customers++
		for k := range 2 {
			orders[k] += float64(c.Orders[k])
			spend[k] += c.Spend[k]
		}
		if seen, value, ok := c.inOrders(); ok && c.Orders[0] > 0 && c.Orders[1] > 0 {
			d := value[1] - seen[1]
			squares += d * d
			expected += seen[0] * seen[1] / (seen[0] + seen[1])
		}
	}
	if orders[0] > 0 && orders[1] > 0 {
		t.OrderMovement = orders[1] / orders[0]
	}
	if spend[0] > 0 && spend[1] > 0 {
		t.SpendMovement = spend[1] / spend[0]
	}
	if expected > 0 {
		t.ValueSpread = squares / expected
	}
	if t.Customers < thin {
		t.Warnings = append(t.Warnings, fmt.Sprintf("%d customers were there for both windows, %d are needed for a sure movement", t.Customers, thin))
	}
	return t, nil
}

// inOrders restates spend in orders of the customer's own mean value.
func (c Windows) inOrders() (seen, value [2]float64, ok bool) {
	seen = [2]float64{float64(c.Orders[0]), float64(c.Orders[1])}
	mean := (c.Spend[0] + c.Spend[1]) / (seen[0] + seen[1])
	if !(mean > 0) || math.IsInf(mean, 0) {
		return seen, value, false
	}
	return seen, [2]float64{c.Spend[0] / mean, c.Spend[1] / mean}, true
}

// Decline is what the rule says of a customer.
type Decline struct {
	// Judged says that there was an order in the window before; all else is
	// zero if not.
	Judged bool
	// Bare is the bare rule, Flagged the guarded one.
	Bare    bool
	Flagged bool
	// OrderChange and SpendChange are last over before, over the shop's
	// movement, less 1; SpendChange is NaN without spend before.
	OrderChange float64
	SpendChange float64
	// OrderProbability and SpendProbability are those of a real decline against
	// the shop's movement.
	OrderProbability float64
	SpendProbability float64
}

// Judge applies the rule to a customer. The bare rule fires where o2 or s2 is
// at most 1 - Share of o1 or s1. The guarded one divides by the shop's movement
// m first, requires LeastOrders before, and a real decline to be more probable
// than Probability: with gamma levels and counts of variance phi times their
// mean, so that levels have the posteriors
//
//	before: gamma(shape (o1 + k mu)/phi, rate (1 + k)/phi)
//	last:   gamma(shape (o2 + k mu)/phi, rate (m + k)/phi)
//
// independently, the probability that the last level is below r = 1 - Real of
// the one before is the regularised incomplete beta function
//
//	P = I_x(a2, a1),   a = shape,   x = r (m + k) / (r (m + k) + 1 + k)
//
// (Lee and Wang 2003). For spend, orders are replaced by s/v (see [FitTrade])
// and phi by phi + ValueSpread, as for a compound count.
func (r DeclineRule) Judge(t Trade, c Windows) Decline {
	r = r.WithDefaults()
	if c.Orders[0] < 1 {
		return Decline{}
	}
	left := 1 - r.Share
	seen, value, valued := c.inOrders()
	d := Decline{Judged: true, SpendChange: math.NaN()}
	d.OrderChange = seen[1]/(seen[0]*t.OrderMovement) - 1
	d.OrderProbability = t.probability(seen, t.OrderMovement, t.Dispersion, 1-r.Real)
	d.Bare = seen[1] <= left*seen[0]
	enough := c.Orders[0] >= r.LeastOrders
	d.Flagged = enough && d.OrderChange <= -r.Share && d.OrderProbability > r.Probability
	if valued && c.Spend[0] > 0 {
		d.SpendChange = value[1]/(value[0]*t.SpendMovement) - 1
		d.SpendProbability = t.probability(value, t.SpendMovement, t.Dispersion+t.ValueSpread, 1-r.Real)
		d.Bare = d.Bare || value[1] <= left*value[0]
		d.Flagged = d.Flagged || enough && d.SpendChange <= -r.Share && d.SpendProbability > r.Probability
	}
	return d
}

// probability is that of the last level being below a part of the one before.
func (t Trade) probability(seen [2]float64, movement, dispersion, part float64) float64 {
	before, last := (seen[0]+t.Prior*t.Level)/dispersion, (seen[1]+t.Prior*t.Level)/dispersion
	switch {
	case !(before > 0):
		return 0
	case !(last > 0):
		return 1
	}
	scaled := part * (movement + t.Prior)
	return mathext.RegIncBeta(last, before, scaled/(scaled+1+t.Prior))
}
