package demo

import "math"

const (
	expressShare    = 0.20
	expressDays     = 2
	standardDays    = 4 // and up to two more
	discountShare   = 0.12
	discountPercent = 10
	lateShare       = 0.075
	lateShareHot    = 0.26
	meanDaysMore    = 2.6 // days late beyond the first
	mostDaysLate    = 15
	cancelShare     = 0.018
	misfitShare     = 0.035
	misfitShareHot  = 0.16
	otherShare      = 0.022 // returns that are nobody's fault
	exchangeShare   = 0.30  // misfits without a refund
	anotherItem     = 0.42
	mostItems       = 5
	twoOfAKind      = 0.15
)

// purchase is an order with all that will happen to it.
type purchase struct {
	number       int
	orderedAt    int64
	promisedDay  int
	deliveredAt  int64
	daysLate     int // 0 in time, else the calendar days from promise to arrival
	cancelledAt  int64
	returnedAt   int64
	reason       string
	misfit       bool
	refunded     int64 // cents
	amount       int64 // cents
	discount     int64 // cents
	express      bool
	hot          bool // an item of the supplier that delivers late
	oddFit       bool // the product that does not fit
	ticketOpened int64
}

// lateAt is the end of the promised day.
func (p *purchase) lateAt() int64 { return int64(p.promisedDay+1) * day }

var misfitReasons = [...]string{"misfit", "wrong_size", "not_as_expected"}

var otherReasons = [...]string{"changed_mind", "duplicate_order"}

// order makes up an order on a day with all its consequences.
func (g *generator) order(today int) {
	c, rng := &g.customer, g.rng
	p := purchase{
		number: c.orders, orderedAt: int64(today)*day + rng.seconds(7*hour, 23*hour),
		deliveredAt: none, cancelledAt: none, returnedAt: none, ticketOpened: none,
	}
	c.orders++
	g.fillBasket(&p)
	g.promise(&p, today)
	if rng.chance(cancelShare) {
		p.cancelledAt = p.orderedAt + rng.seconds(4*hour, 40*hour)
		c.suffer(cancelledByShop, p.cancelledAt)
	} else {
		g.deliver(&p)
		g.sendBack(&p)
	}
	c.placed = append(c.placed, placement{p.orderedAt, p.cancelledAt})
	g.writeOrder(&p)
	g.facts.addOrder(&p, g.cal.end)
	g.sessionEvents(&p)
	g.orderTicket(&p)
	g.orderSurvey(&p)
}

// fillBasket draws the items and writes their rows.
func (g *generator) fillBasket(p *purchase) {
	rng, t := g.rng, g.tables.items
	for line := 1; ; line++ {
		i := rng.pick(g.catalogue.demand)
		item := &g.catalogue.products[i]
		quantity := 1
		if rng.chance(twoOfAKind) {
			quantity = 2
		}
		p.amount += int64(quantity) * item.price
		p.hot = p.hot || item.supplier == hotSupplier
		p.oddFit = p.oddFit || i == hotProduct
		t.childID('O', g.customer.index, p.number)
		t.integer(line)
		t.text(item.sku)
		t.text(item.category)
		t.text(item.supplier)
		t.integer(quantity)
		t.cents(item.price)
		t.end()
		if line == mostItems || !rng.chance(anotherItem) {
			return
		}
	}
}

// promise fixes the discount, the shipping method and the promised day.
func (g *generator) promise(p *purchase, today int) {
	rng := g.rng
	if rng.chance(discountShare) {
		p.discount = p.amount * discountPercent / 100
		p.amount -= p.discount
	}
	p.express = rng.chance(expressShare)
	p.promisedDay = today + standardDays + rng.IntN(3)
	if p.express {
		p.promisedDay = today + expressDays
	}
}

// deliver draws the arrival, in time or late.
func (g *generator) deliver(p *purchase) {
	rng := g.rng
	share := lateShare
	if p.hot {
		share = lateShareHot
	}
	arrival := dayOf(p.orderedAt) + 1 + rng.IntN(p.promisedDay-dayOf(p.orderedAt))
	if rng.chance(share) {
		p.daysLate = min(1+int(rng.ExpFloat64()*meanDaysMore), mostDaysLate)
		arrival = p.promisedDay + p.daysLate
	}
	p.deliveredAt = int64(arrival)*day + rng.seconds(8*hour, 20*hour)
	if p.daysLate > 0 {
		g.customer.suffer(lateDelivery, p.lateAt())
		g.customer.feel(p.deliveredAt, effects[lateDelivery].hazardPerSeverity*float64(p.daysLate))
	}
}

// sendBack draws a return and its refund.
func (g *generator) sendBack(p *purchase) {
	rng := g.rng
	misfit := misfitShare
	if p.oddFit {
		misfit = misfitShareHot
	}
	u := rng.Float64()
	if u >= misfit+otherShare {
		return
	}
	p.returnedAt = p.deliveredAt + rng.seconds(2*day, 10*day)
	p.refunded = p.amount
	if u >= misfit {
		p.reason = otherReasons[rng.IntN(len(otherReasons))]
		return
	}
	p.misfit = true
	p.reason = misfitReasons[rng.IntN(len(misfitReasons))]
	if rng.chance(exchangeShare) {
		p.refunded = 0
	}
	g.customer.suffer(returnedMisfit, p.returnedAt)
}

// status is the order's state when the export was taken.
func (p *purchase) status(end int64) string {
	switch {
	case p.cancelledAt != none && p.cancelledAt < end:
		return "cancelled"
	case p.returnedAt != none && p.returnedAt < end:
		return "returned"
	case p.deliveredAt != none && p.deliveredAt < end:
		return "delivered"
	default:
		return "open"
	}
}

func (g *generator) writeOrder(p *purchase) {
	c, t := &g.customer, g.tables.orders
	t.childID('O', c.index, p.number)
	t.customer(c.index)
	t.moment(p.orderedAt)
	t.cents(p.amount)
	t.text(Currency)
	t.text(p.status(g.cal.end))
	t.text(c.channel)
	if p.express {
		t.text("express")
	} else {
		t.text("standard")
	}
	t.cents(p.discount)
	t.date(p.promisedDay)
	t.moment(p.deliveredAt)
	t.moment(p.cancelledAt)
	t.moment(p.returnedAt)
	if p.returnedAt == none || p.returnedAt >= g.cal.end {
		t.empty()
		t.empty()
	} else {
		t.text(p.reason)
		t.cents(p.refunded)
	}
	t.end()
}

// severityAt is the calendar days by which the order is late as known at a
// time, 0 when it is not late then.
func (p *purchase) severityAt(at int64) int {
	if p.daysLate == 0 || at <= p.lateAt() {
		return 0
	}
	return int(math.Min(float64(p.daysLate), float64(dayOf(at)-p.promisedDay)))
}
