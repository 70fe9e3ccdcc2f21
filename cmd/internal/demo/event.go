package demo

const (
	searchShare  = 0.35
	abandonShare = 0.20
	failedShare  = 0.02
	visitGap     = 22.0 // mean days between visits without an order
	viewShare    = 0.50
)

// sessionEvents writes what precedes an order within the day of the order:
// none of it says more about the customer's future than the order does.
func (g *generator) sessionEvents(p *purchase) {
	rng := g.rng
	if rng.chance(searchShare) {
		g.event("search", p.orderedAt-rng.seconds(60, hour), -1, 0)
	}
	if rng.chance(abandonShare) {
		sku := rng.pick(g.catalogue.demand)
		g.event("cart_abandon", p.orderedAt-rng.seconds(hour, 6*hour), sku, g.catalogue.products[sku].price)
	}
	if rng.chance(failedShare) {
		g.event("payment_failed", p.orderedAt-rng.seconds(30, 600), -1, p.amount)
		g.facts.PaymentsFailed++
	}
}

// visits writes browsing between orders, as long as the customer is there;
// who declines also visits less.
func (g *generator) visits() {
	c, rng := &g.customer, g.rng
	at := int64(max(c.signupDay, 0)) * day
	for {
		at += int64(rng.ExpFloat64() * visitGap * float64(day))
		today := dayOf(at)
		if today >= c.leaveDay {
			return
		}
		if factor, _ := c.mood(today); !rng.chance(factor) {
			continue
		}
		g.event("visit", at, -1, 0)
		if rng.chance(viewShare) && at+300 < g.cal.end {
			g.event("product_view", at+rng.seconds(10, 300), rng.pick(g.catalogue.demand), 0)
		}
	}
}

// event writes one event; a negative product and a value of 0 stay empty.
func (g *generator) event(name string, at int64, product int, value int64) {
	c, t := &g.customer, g.tables.events
	t.childID('E', c.index, c.events)
	t.customer(c.index)
	t.moment(at)
	t.text(name)
	if value > 0 {
		t.cents(value)
	} else {
		t.empty()
	}
	if product >= 0 {
		t.text(g.catalogue.products[product].sku)
	} else {
		t.empty()
	}
	t.end()
	c.events++
	g.facts.Events++
}
