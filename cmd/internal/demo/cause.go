package demo

import "math"

// cause is a kind of incident.
type cause int

const (
	lateDelivery cause = iota
	returnedMisfit
	slowFirstReply
	unresolvedTicket
	cancelledByShop
	causes // how many there are
)

// effect is what one incident does.
//
// Points are satisfaction points on the scale 0-100, perSeverity points per
// unit of severity on top. Hazard is what one incident adds to the log of the
// daily hazard of leaving at first, hazardPerSeverity on top of it.
type effect struct {
	name              string
	points            float64
	perSeverity       float64
	hazard            float64
	hazardPerSeverity float64
}

// effects are the planted causes.
var effects = [causes]effect{
	lateDelivery:     {"late_delivery", -7, -1, 1.2, 0.06},
	returnedMisfit:   {"misfit", -12, 0, 1.7, 0},
	slowFirstReply:   {"slow_first_reply", -9, 0, 1.5, 0},
	unresolvedTicket: {"unresolved_ticket", -15, 0, 2.2, 0},
	cancelledByShop:  {"cancelled_by_shop", -10, 0, 2.4, 0},
}

// severityUnit is the unit of the only severity that the shop plants.
const severityUnit = "day late"

// meanLateDays is the mean severity of the late deliveries on which an
// answer was given, as known at the answer: a property of the generator, held
// by a test.
const meanLateDays = 2.3

// atMean is the effect of one incident of mean severity, in points.
func (e effect) atMean() float64 { return e.points + e.perSeverity*meanLateDays }

const (
	// baseScore is the expected score of a customer to whom nothing happened.
	baseScore = 80.0
	// customerSpread is the half width of the customers' own levels, in points.
	customerSpread = 19.0
	// exposureWindow is how long an answer about nothing in particular looks back.
	exposureWindow = 90 * day

	// leaveHazard is the daily hazard of leaving at once without any cause.
	leaveHazard = 1.6e-4
	// satisfactionHazard is the change of the log hazard per point of level.
	satisfactionHazard = -0.045
	hazardHalfLife     = 60.0 // days
	hazardCap          = 4.0
)

// Declines that depend on nothing else.
const (
	cycleDays        = 30
	declineMeanDays  = 1000.0
	declineSecond    = 0.60 // share of declines that go on for a second cycle
	declineLeaves    = 0.75 // share of these that end in leaving
	firstCycleRate   = 0.60 // factor on the order rate
	secondCycleRate  = 0.40
	firstCyclePoints = -10.0
	lastCyclePoints  = -18.0
)

// hazardDecay is what is left of an impulse after one day.
func hazardDecay() float64 { return math.Exp2(-1 / hazardHalfLife) }
