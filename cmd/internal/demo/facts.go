package demo

import "time"

// Facts are counts over the shop that was written, as of its end: what the
// generator knows, not what can be read from the files.
type Facts struct {
	Orders                   int         `json:"orders"`
	CancelledOrders          int         `json:"cancelled_orders"`
	LateDeliveries           int         `json:"late_deliveries"`
	Returns                  int         `json:"returns"`
	Misfits                  int         `json:"misfits"`
	Answers                  int         `json:"answers"`
	LateAnswers              int         `json:"late_answers"`
	LateAnswersBeforeArrival int         `json:"late_answers_before_arrival"`
	LateDaysAtAnswers        int         `json:"late_days_at_answers"`
	Tickets                  int         `json:"tickets"`
	SlowFirstReplies         int         `json:"slow_first_replies"`
	UnresolvedTickets        int         `json:"unresolved_tickets"`
	Events                   int         `json:"events"`
	PaymentsFailed           int         `json:"payments_failed"`
	Left                     int         `json:"left"`               // customers who left before the end
	LeftDrifting             int         `json:"left_drifting"`      // of them, after two cycles of decline
	OneCycleDeclines         int         `json:"one_cycle_declines"` // finished before the end
	TwoCycleDeclines         int         `json:"two_cycle_declines"`
	Inactivity               []Inactives `json:"inactivity"`
}

// Inactives is the base rate of the 90-day inactivity definition at a cutoff.
type Inactives struct {
	AsOf     time.Time `json:"as_of"`
	Eligible int       `json:"eligible"`
	Churned  int       `json:"churned"`
	Rate     float64   `json:"rate"`
}

const (
	horizonDays  = 90
	lookbackDays = 365
	mostCutoffs  = 4
)

// newFacts sets up the cutoffs: End-90 days and up to three more, each a
// horizon earlier and with a horizon of history before it.
func newFacts(start time.Time, days int) Facts {
	f := Facts{Inactivity: []Inactives{}}
	for at := days - horizonDays; at >= horizonDays && len(f.Inactivity) < mostCutoffs; at -= horizonDays {
		f.Inactivity = append(f.Inactivity, Inactives{AsOf: start.AddDate(0, 0, at)})
	}
	return f
}

func (f *Facts) addOrder(p *purchase, end int64) {
	f.Orders++
	f.CancelledOrders += one(p.cancelledAt != none && p.cancelledAt < end)
	f.LateDeliveries += one(p.daysLate > 0 && p.lateAt() < end)
	f.Returns += one(p.returnedAt != none && p.returnedAt < end)
	f.Misfits += one(p.misfit && p.returnedAt < end)
}

// addCustomer counts what became of a customer.
func (f *Facts) addCustomer(c *customer, days int) {
	f.Left += one(c.leaveDay < days)
	f.LeftDrifting += one(c.leaveDay < days && c.leaveDay == c.driftEnd)
	for _, d := range c.declines {
		switch end := d.start + d.cycles*cycleDays; {
		case end > c.leaveDay || end >= days:
		case d.cycles == 1:
			f.OneCycleDeclines++
		default:
			f.TwoCycleDeclines++
		}
	}
	for i := range f.Inactivity {
		f.Inactivity[i].add(c.placed, int64(days-(i+1)*horizonDays)*day)
	}
}

// add counts a customer at a cutoff: an order is valid at a time when it was
// not cancelled before it.
func (n *Inactives) add(placed []placement, at int64) {
	eligible, kept := false, false
	for _, p := range placed {
		switch {
		case p.orderedAt >= at-lookbackDays*day && p.orderedAt < at:
			eligible = eligible || p.cancelledAt == none || p.cancelledAt >= at
		case p.orderedAt >= at && p.orderedAt < at+horizonDays*day:
			kept = kept || p.cancelledAt == none || p.cancelledAt >= at+horizonDays*day
		}
	}
	n.Eligible += one(eligible)
	n.Churned += one(eligible && !kept)
	if n.Eligible > 0 {
		n.Rate = float64(n.Churned) / float64(n.Eligible)
	}
}
