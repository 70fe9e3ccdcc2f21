package demo

import "math"

const (
	rateShape      = 4
	meanRate       = 1.0 / 29 // orders per day, before the cut below
	lowestRate     = 1.0 / 60
	highestRate    = 1.0 / 10
	oldShare       = 0.35 // customers who signed up before the start
	promptShare    = 0.90 // newcomers who order on the day they sign up
	lastSignup     = 20   // nobody signs up in the last days
	leastAnswers   = 0.20 // willingness to answer a survey
	mostAnswers    = 0.60
	strategicShare = 0.02
	consentShare   = 0.75
)

// incident is something that happened to a customer; at is when it was known.
type incident struct {
	at    int64
	cause cause
}

// decline is a time in which a customer orders less and answers worse.
type decline struct {
	start  int // day
	cycles int // 1 or 2
}

// customer is the one that is being made up; its slices are reused.
type customer struct {
	index       int
	signupDay   int // the first whole day as a customer; may be negative
	signedUpAt  int64
	rate        float64 // orders per day
	level       float64 // own satisfaction, points beside the base
	willingness float64
	channel     string
	language    string

	declines  []decline
	driftEnd  int       // the day on which drift makes him leave
	leaveDay  int       // no more orders from this day on
	impulses  []float64 // per day, added to the log hazard
	incidents []incident
	placed    []placement

	orders, answers, tickets, events int // counters of identifiers
}

// placement is what labels need to know of an order.
type placement struct{ orderedAt, cancelledAt int64 }

// draw makes up who the customer is and when he would drift away.
func (c *customer) draw(index int, rng source, days int) {
	*c = customer{
		index: index, declines: c.declines[:0], incidents: c.incidents[:0], placed: c.placed[:0],
		impulses: c.impulses[:days+1],
	}
	clear(c.impulses)
	sum := 0.0
	for range rateShape {
		sum += rng.ExpFloat64()
	}
	c.rate = min(max(meanRate*sum/rateShape, lowestRate), highestRate)
	c.level = rng.triangular(customerSpread)
	c.willingness = leastAnswers + (mostAnswers-leastAnswers)*rng.Float64()
	if rng.chance(oldShare) {
		c.signupDay = -1 - rng.IntN(oldest-1)
	} else {
		c.signupDay = rng.IntN(days - lastSignup)
	}
	c.signedUpAt = int64(c.signupDay)*day - rng.seconds(60, 6*hour)
	c.drawDeclines(rng, days)
}

// drawDeclines lays out the declines up to the end of the history or of the
// customer's time with the shop.
func (c *customer) drawDeclines(rng source, days int) {
	c.driftEnd = math.MaxInt
	at := max(c.signupDay, 0)
	for {
		at += 1 + int(rng.ExpFloat64()*declineMeanDays)
		if at >= days {
			return
		}
		d := decline{start: at, cycles: 1}
		if rng.chance(declineSecond) {
			d.cycles = 2
		}
		c.declines = append(c.declines, d)
		at += d.cycles * cycleDays
		if d.cycles == 2 && rng.chance(declineLeaves) {
			c.driftEnd = at
			return
		}
	}
}

// mood is the factor on the order rate and the change in satisfaction of a
// day. Whoever left drifting stays as dissatisfied as in his last cycle.
func (c *customer) mood(today int) (rate, points float64) {
	if today >= c.driftEnd {
		return secondCycleRate, lastCyclePoints
	}
	for i := range c.declines {
		d := &c.declines[i]
		switch since := today - d.start; {
		case since < 0:
			return 1, 0
		case since < cycleDays:
			return firstCycleRate, firstCyclePoints
		case since < d.cycles*cycleDays:
			return secondCycleRate, lastCyclePoints
		}
	}
	return 1, 0
}

// suffer notes an incident, which is felt from the next midnight on.
func (c *customer) suffer(what cause, at int64) {
	c.incidents = append(c.incidents, incident{at: at, cause: what})
	c.feel(at, effects[what].hazard)
}

// feel adds an impulse to the log hazard from the next midnight on.
func (c *customer) feel(at int64, impulse float64) {
	if d := dayOf(at + day - 1); d >= 0 && d < len(c.impulses) {
		c.impulses[d] += impulse
	}
}

// live runs the customer's days. It calls order for each day with an order
// and returns when he has left or the history ends.
func (g *generator) live() {
	c, rng := &g.customer, g.rng
	first := max(c.signupDay, 0)
	untilLeaving, untilOrder := rng.ExpFloat64(), rng.ExpFloat64()
	if c.signupDay >= 0 && rng.chance(promptShare) {
		untilOrder = 0
	}
	base := leaveHazard * math.Exp(satisfactionHazard*c.level)
	burden := 0.0
	c.leaveDay = g.cal.days
	for today := first; today < g.cal.days; today++ {
		burden = burden*g.decay + c.impulses[today]
		untilLeaving -= base * math.Exp(min(burden, hazardCap))
		if untilLeaving < 0 || today >= c.driftEnd {
			c.leaveDay = today
			return
		}
		factor, _ := c.mood(today)
		untilOrder -= c.rate * g.cal.factor[today] * factor
		if untilOrder < 0 {
			g.order(today)
			untilOrder = rng.ExpFloat64()
		}
	}
}

// profile writes the customer's own row.
func (g *generator) profile() {
	c, rng, t := &g.customer, g.rng, g.tables.customers
	home := regions[rng.pick(regionShares)]
	c.channel, c.language = channels[rng.pick(channelShares)], home.language
	t.customer(c.index)
	t.moment(c.signedUpAt)
	t.text(c.channel)
	t.text(home.name)
	t.text(tiers[rng.pick(tierShares)])
	t.text(industries[rng.pick(industryShares)])
	t.text(firstNames[rng.IntN(len(firstNames))])
	t.text(home.language)
	t.text(home.zone)
	t.boolean(rng.chance(strategicShare))
	t.boolean(rng.chance(consentShare))
	t.end()
}
