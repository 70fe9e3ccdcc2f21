package demo

const (
	ticketAfterLate   = 0.30
	ticketAfterMisfit = 0.30
	ticketAfterCancel = 0.30
	ticketAfterOrder  = 0.075
	generalShare      = 0.20 // tickets that name no order
	slowShare         = 0.25
	slowAfter         = 24 * hour
	unresolvedShare   = 0.12
	unresolvedAfter   = 72 * hour
	neverShare        = 0.25 // unresolved tickets that stay open
	reopenedShare     = 0.05
)

// ticket is one support case with all that will happen to it.
type ticket struct {
	number         int
	order          int // -1 when it names none
	openedAt       int64
	firstRepliedAt int64
	resolvedAt     int64
	slow           bool
	unresolved     bool
}

// orderTicket opens a ticket after an order, more often after trouble.
func (g *generator) orderTicket(p *purchase) {
	rng := g.rng
	var at int64
	var topic string
	switch {
	case p.cancelledAt != none && rng.chance(ticketAfterCancel):
		at, topic = p.cancelledAt+rng.seconds(hour, day), "cancellation"
	case p.daysLate > 0 && rng.chance(ticketAfterLate):
		at, topic = p.lateAt()+rng.seconds(8*hour, 2*day), "delivery"
	case p.misfit && rng.chance(ticketAfterMisfit):
		at, topic = p.returnedAt+rng.seconds(hour, 2*day), "return"
	case rng.chance(ticketAfterOrder):
		at, topic = p.orderedAt+rng.seconds(hour, 8*day), "product"
	default:
		return
	}
	k := ticket{number: g.customer.tickets, order: p.number, openedAt: at}
	if rng.chance(generalShare) {
		k.order, topic = -1, "account"
	} else {
		p.ticketOpened = at
	}
	if at >= g.cal.end {
		return
	}
	g.customer.tickets++
	g.handle(&k)
	g.writeTicket(&k, topic)
	g.ticketSurvey(&k)
}

// handle draws the replies. A slow reply still leaves room for a solution
// within 72 hours, so that slow and unresolved are independent.
func (g *generator) handle(k *ticket) {
	c, rng := &g.customer, g.rng
	k.slow, k.unresolved = rng.chance(slowShare), rng.chance(unresolvedShare)
	delay := rng.seconds(hour/2, 20*hour)
	if k.slow {
		delay = slowAfter + rng.seconds(hour, 36*hour)
		c.suffer(slowFirstReply, k.openedAt+slowAfter)
	}
	k.firstRepliedAt = k.openedAt + delay
	if !k.unresolved {
		k.resolvedAt = k.firstRepliedAt + rng.seconds(hour/4, min(20*hour, unresolvedAfter-hour-delay))
		return
	}
	c.suffer(unresolvedTicket, k.openedAt+unresolvedAfter)
	k.resolvedAt = k.openedAt + unresolvedAfter + hour + rng.wait(float64(5*day), float64(30*day))
	if rng.chance(neverShare) {
		k.resolvedAt = none
	}
}

func (g *generator) writeTicket(k *ticket, topic string) {
	c, rng, t := &g.customer, g.rng, g.tables.tickets
	sentiment := 20 + 2*c.level + rng.triangular(50)
	if k.slow {
		sentiment -= 25
	}
	if k.unresolved {
		sentiment -= 40
	}
	reopened := 0
	if rng.chance(reopenedShare) {
		reopened = 1
	}
	t.childID('T', c.index, k.number)
	t.customer(c.index)
	t.moment(k.openedAt)
	t.moment(k.firstRepliedAt)
	t.moment(k.resolvedAt)
	t.integer(reopened)
	t.text(topic)
	t.hundredths(int(min(max(sentiment, -100), 100)))
	t.childID('O', c.index, k.order)
	t.text(c.language)
	t.end()
	g.facts.Tickets++
	g.facts.SlowFirstReplies += one(k.slow)
	g.facts.UnresolvedTickets += one(k.unresolved)
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
