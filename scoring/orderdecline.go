package scoring

import (
	"context"
	"math"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// declineDays is the window of the order decline; the warehouse counts it.
const declineDays = 60

// declines is what the rule of the order decline says at one instant.
type declines struct {
	trade     drift.Trade
	customers []drift.Windows
	said      []drift.Decline
}

// orderDeclines judges every customer of the instant by the rule.
func (i *instant) orderDeclines() (declines, error) {
	since := i.at.Add(-2 * declineDays * model.Day)
	out := declines{customers: make([]drift.Windows, len(i.cycles)), said: make([]drift.Decline, len(i.cycles))}
	for k, c := range i.cycles {
		out.customers[k] = drift.Windows{Orders: c.Orders60d, Spend: c.Spend60d, Throughout: !c.FirstOrder.IsZero() && c.FirstOrder.Before(since)}
		for w := range out.customers[k].Spend { // a refund is no spend
			out.customers[k].Spend[w] = math.Max(0, out.customers[k].Spend[w])
		}
	}
	var err error
	if out.trade, err = drift.FitTrade(i.shop(), float64(i.drift.CycleDays), declineDays, out.customers); err != nil {
		return out, model.Wrap(model.KindInternal, "order decline", err)
	}
	for k, c := range out.customers {
		out.said[k] = drift.DeclineRule{}.Judge(out.trade, c)
	}
	return out, nil
}

// of describes one customer, nil without an order in the window before.
func (d declines) of(i int) *model.OrderDecline {
	said := d.said[i]
	if !said.Judged {
		return nil
	}
	out := &model.OrderDecline{
		Flagged: said.Flagged, Bare: said.Bare, Orders: d.customers[i].Orders, Spend: d.customers[i].Spend, OrderChange: &said.OrderChange,
	}
	if !math.IsNaN(said.SpendChange) {
		out.SpendChange = &said.SpendChange
	}
	if d.customers[i].Orders[0] >= (drift.DeclineRule{}).WithDefaults().LeastOrders {
		surest := math.Max(said.OrderProbability, said.SpendProbability)
		out.Probability = &surest
	}
	return out
}

// now counts who is flagged, beside what the rule did on history.
func (d declines) now(report *model.OrderDeclineReport) *model.OrderDeclineReport {
	rule := drift.DeclineRule{}.WithDefaults()
	out := model.OrderDeclineReport{}
	if report != nil {
		out = *report
	}
	out.Threshold, out.WindowDays, out.LeastOrders, out.Probability = rule.Share, declineDays, rule.LeastOrders, rule.Probability
	out.OrderMovement, out.SpendMovement = d.trade.OrderMovement, d.trade.SpendMovement
	out.Warnings = append([]string{}, d.trade.Warnings...)
	out.Judged, out.Flagged, out.BareFlagged = 0, 0, 0
	for _, said := range d.said {
		out.Judged += ones(said.Judged)
		out.Flagged += ones(said.Flagged)
		out.BareFlagged += ones(said.Bare)
	}
	return &out
}

func ones(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fitOrderDecline measures the rule on history, bare and guarded.
func (s *Service) fitOrderDecline(ctx context.Context, history []*instant, left moments) (*model.OrderDeclineReport, error) {
	said := make([]declines, len(history))
	for k, at := range history {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var err error
		if said[k], err = at.orderDeclines(); err != nil {
			return nil, err
		}
	}
	out := said[len(said)-1].now(nil)
	for _, bare := range []bool{false, true} {
		flagged := func(k, i int) bool { return said[k].said[i].Flagged }
		if bare {
			flagged = func(k, i int) bool { return said[k].said[i].Bare }
		}
		m, err := s.measureAlarms(history, left, func(k, i int) bool { return said[k].said[i].Judged }, flagged)
		if err != nil {
			return nil, err
		}
		if bare {
			out.BareFalseAlarms, out.BareSteadyShare, out.BareLeadTime, out.BareChurned, out.BarePrecision = m.falseAlarms, m.steadyShare, m.leadTime, m.churnedShare, m.precision
		} else {
			out.FalseAlarms, out.SteadyShare, out.LeadTime, out.ChurnedShare, out.Precision = m.falseAlarms, m.steadyShare, m.leadTime, m.churnedShare, m.precision
		}
	}
	return out, nil
}

// alarmFigures is how a rule did on history; nil where nothing can be said.
type alarmFigures struct {
	falseAlarms, steadyShare, churnedShare, precision *float64
	leadTime                                          model.DriftLeadTime
}

// measureAlarms counts a rule's false alarms at the instants with complete
// labels, and measures its lead time over all of them.
func (s *Service) measureAlarms(history []*instant, left moments, judged, flagged func(k, i int) bool) (alarmFigures, error) {
	var past []drift.Past
	code := historyCodes(history)
	before := map[int]float64{}
	steady, fired := 0, 0
	for k, at := range history {
		if !at.complete {
			break
		}
		now := make(map[int]float64, len(at.cycles))
		for i, c := range at.cycles {
			if !judged(k, i) {
				continue
			}
			id, alarm := code[c.Customer], -float64(ones(flagged(k, i)))
			now[id] = alarm
			past = append(past, drift.Past{Customer: id, Statistic: alarm, Before: before[id], Churned: c.Churned})
			if !c.Churned {
				steady++
				fired += ones(alarm < 0)
			}
		}
		before = now
	}
	var out alarmFigures
	if len(past) >= leastPast && steady > 0 {
		rate, share := drift.FalseAlarms(past, -1, 0.95).Value, float64(fired)/float64(steady)
		out.falseAlarms, out.steadyShare = &rate, &share
	}
	lead, err := evaluate.LeadTimes(left.alarms(history, flagged), float64(s.settings.Definition.HorizonDays()), 0.95)
	if err != nil {
		return out, model.Wrap(model.KindInternal, "order decline: lead time", err)
	}
	told := asLeadTime(lead)
	out.leadTime = model.DriftLeadTime{Median: told.MedianDays, P25: told.P25Days, P75: told.P75Days}
	out.churnedShare = told.FlaggedShare
	if lead.Runs > 0 {
		out.precision = &lead.Precision.Value
	}
	return out, nil
}
