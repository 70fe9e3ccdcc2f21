package demo

const (
	ratingShare     = 0.48 // orders followed by a rating on delivery
	postShare       = 0.22 // orders followed by a recommendation question
	ticketAsked     = 0.90
	quarter         = 91 // days between two waves of one customer
	quarterlyAsked  = 0.35
	ratingDelay     = 10 * hour // after the end of the promised day
	postDelay       = 12*day + 10*hour
	supportDelay    = 12 * hour
	openSurvey      = 5 * day // a ticket still open is asked about then
	ratingWait      = 2.5     // mean days until an answer
	ratingPatience  = 14.0
	postWait        = 3.0
	postPatience    = 20.0
	supportWait     = 1.5
	supportPatience = 10.0
	commentShare    = 0.25
)

// question is a kind of survey.
type question struct {
	kind, touchpoint, survey string
	steps, lowest            int // the scale is lowest .. lowest+steps
}

// The shop's surveys, as indices of questions.
const (
	askRating = iota
	askPost
	askSupport
	askQuarterly
)

var questions = [...]question{
	askRating:    {"rating", "delivery", "delivery-rating", 4, 1},
	askPost:      {"nps", "post_purchase", "post-purchase-nps", 10, 0},
	askSupport:   {"csat", "support", "support-csat", 4, 1},
	askQuarterly: {"nps", "quarterly", "quarterly-nps", 10, 0},
}

// reply is one answer about to be given; order and ticket are -1 when it is
// about none, points what the answer loses to incidents.
type reply struct {
	question      question
	at            int64
	order, ticket int
	points        float64
	complaint     string
}

// orderSurvey asks about an order by its promise, whether or not the parcel
// has come, and not at all once a ticket about it was opened.
func (g *generator) orderSurvey(p *purchase) {
	rng := g.rng
	var r reply
	switch u := rng.Float64(); {
	case u < ratingShare:
		if p.cancelledAt != none {
			return
		}
		r.question = questions[askRating]
		r.at = p.lateAt() + ratingDelay + rng.wait(ratingWait*float64(day), ratingPatience*float64(day))
	case u < ratingShare+postShare:
		r.question = questions[askPost]
		r.at = p.lateAt() + postDelay + rng.wait(postWait*float64(day), postPatience*float64(day))
	default:
		return
	}
	if p.ticketOpened != none && p.ticketOpened <= r.at {
		return
	}
	r.order, r.ticket = p.number, -1
	late := p.severityAt(r.at)
	if late > 0 {
		r.points += effects[lateDelivery].points + effects[lateDelivery].perSeverity*float64(late)
		r.complaint = "Arrived too late"
		if p.deliveredAt >= r.at {
			r.complaint = "Still waiting for my parcel"
		}
	}
	if p.misfit && p.returnedAt < r.at {
		r.points += effects[returnedMisfit].points
		r.complaint = "It did not fit"
	}
	if p.cancelledAt != none && p.cancelledAt < r.at {
		r.points += effects[cancelledByShop].points
		r.complaint = "They cancelled my order"
	}
	if g.answer(&r) && late > 0 {
		g.facts.LateAnswers++
		g.facts.LateDaysAtAnswers += late
		g.facts.LateAnswersBeforeArrival += one(p.deliveredAt >= r.at)
	}
}

// ticketSurvey asks about the care that a ticket got.
func (g *generator) ticketSurvey(k *ticket) {
	rng := g.rng
	if !rng.chance(ticketAsked) {
		return
	}
	asked := k.openedAt + openSurvey
	if k.resolvedAt != none {
		asked = min(asked, k.resolvedAt+supportDelay)
	}
	r := reply{question: questions[askSupport], order: -1, ticket: k.number}
	r.at = asked + rng.wait(supportWait*float64(day), supportPatience*float64(day))
	if k.slow && k.openedAt+slowAfter < r.at {
		r.points += effects[slowFirstReply].points
		r.complaint = "Nobody answered for days"
	}
	if k.unresolved && k.openedAt+unresolvedAfter < r.at {
		r.points += effects[unresolvedTicket].points
		r.complaint = "My problem took far too long"
	}
	g.answer(&r)
}

// quarterlySurveys asks a sample of the customers who are still there how
// they see the shop as a whole.
func (g *generator) quarterlySurveys() {
	c, rng := &g.customer, g.rng
	for today := max(c.signupDay, 0) + 30 + rng.IntN(quarter); today < c.leaveDay; today += quarter {
		if !rng.chance(quarterlyAsked) {
			continue
		}
		r := reply{question: questions[askQuarterly], order: -1, ticket: -1}
		r.at = int64(today)*day + rng.seconds(8*hour, 22*hour)
		for _, i := range c.incidents {
			if i.at < r.at && i.at >= r.at-exposureWindow {
				r.points += effects[i.cause].atMean()
			}
		}
		g.answer(&r)
	}
}

// answer gives the reply if the customer is willing and the export still
// sees it, and says whether it did.
func (g *generator) answer(r *reply) bool {
	c, rng, t := &g.customer, g.rng, g.tables.responses
	if !rng.chance(c.willingness) || r.at >= g.cal.end {
		return false
	}
	_, dip := c.mood(dayOf(r.at))
	mean := min(max(baseScore+c.level+dip+r.points, 0), 100)
	score := rng.binomial(r.question.steps, mean/100)
	t.childID('R', c.index, c.answers)
	t.customer(c.index)
	t.moment(r.at)
	t.text(r.question.kind)
	t.integer(r.question.lowest + score)
	t.text(r.question.touchpoint)
	t.childID('O', c.index, r.order)
	t.childID('T', c.index, r.ticket)
	t.text(r.question.survey)
	t.text(g.comment(r, score))
	t.text(c.language)
	t.end()
	c.answers++
	g.facts.Answers++
	return true
}

// comment is what some add in words, matching what happened to them.
func (g *generator) comment(r *reply, score int) string {
	switch {
	case !g.rng.chance(commentShare):
		return ""
	case r.complaint != "":
		return r.complaint
	case score == r.question.steps:
		return "\"Great shop, thank you\""
	default:
		return ""
	}
}
