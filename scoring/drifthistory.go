package scoring

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/drift"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// mostInstants bounds the past instants at which drift is judged.
const mostInstants = 24

// judgement is what was said of one customer at one instant.
type judgement struct {
	customer  string
	state     drift.State
	declined  bool         // one of the two cycles is a decline
	orders    drift.Signal // by the calendar, else by the own rhythm
	answers   drift.Signal
	by        string  // the signal that decides
	statistic float64 // in units of the thresholds: from -1 on it alarms
	usable    bool
	churned   bool
	treatment model.Treatment
	// expectsOrders says that enough orders are expected for the calendar.
	expectsOrders bool
}

// The signals by which a customer is judged.
const (
	byOrders       = "orders"
	byRhythm       = "rhythm"
	bySatisfaction = "satisfaction"
)

// driftHistory returns the instants a cycle apart up to asOf, oldest first,
// that have three cycles of history before them.
func (s *Service) driftHistory(ctx context.Context, line *timeline, start, asOf time.Time) ([]*instant, error) {
	cycle := time.Duration(s.settings.CycleDays) * model.Day
	var out []*instant
	for at := asOf; len(out) < mostInstants && !at.Add(-3*cycle).Before(start); at = at.Add(-cycle) {
		i, err := line.at(ctx, at, asOf)
		if err != nil {
			return nil, err
		}
		if len(i.cycles) > 0 {
			out = append(out, i)
		}
	}
	slices.Reverse(out)
	return out, nil
}

// judge judges every customer of the instant.
func (i *instant) judge(rule drift.Rule) []judgement {
	shop, shift := i.shop(), drift.Shift{Points: i.drift.Shift}
	before := oneCycleBefore(shop)
	rhythm, calendar := i.ownRhythm()
	oneCycle := drift.Rule{Threshold: math.Inf(-1), Depth: rule.Depth}
	histories, surveys := asHistories(i.cycles), asSurveys(i.cycles, i.satisfaction.Parameters, i.drift)
	out := make([]judgement, len(i.cycles))
	for k, c := range i.cycles {
		orders, points := shop.Orders(histories[k]), shift.Judge(surveys[k])
		j := judgement{customer: c.Customer, churned: c.Churned, treatment: c.Treatment, answers: points, by: byOrders, expectsOrders: orders.Usable}
		if j.orders = orders; !orders.Usable {
			j.by, j.orders = byRhythm, rhythm.Orders(calendar, drift.Days(c.Days[0]), 0)
		}
		ofOrders, _ := rule.Statistic(j.orders)
		if ofPoints, ok := rule.Statistic(points); ok && (!j.orders.Usable || ofPoints < ofOrders) {
			j.by = bySatisfaction
		}
		was := drift.First(before.Orders(shifted(histories[k])), rhythm.Orders(calendar, drift.Days(c.Days[1]), calendar.CycleDays))
		j.state = rule.State(rule.State(false, was) == drift.Drifting, j.orders, points)
		j.declined = oneCycle.Declines(j.orders, points) > 0
		j.statistic, j.usable = rule.Statistic(j.orders, points)
		out[k] = j
	}
	return out
}

func (i *instant) shop() drift.Shop {
	p := i.drift
	return drift.Shop{Level: p.Level, Prior: p.Prior, Dispersion: p.Dispersion, Movement: p.Movement}
}

func (i *instant) ownRhythm() (drift.Rhythm, drift.Calendar) {
	p := i.drift
	return drift.Rhythm{Gap: p.Gap, Prior: p.GapPrior, Dispersion: p.GapDispersion},
		drift.Calendar{CycleDays: float64(p.CycleDays), Movement: p.Movement}
}

// oneCycleBefore and shifted move the eight cycles by one, so that the cycle
// before the last is judged as the last: who drifted then, by orders alone.
func oneCycleBefore(shop drift.Shop) drift.Shop {
	copy(shop.Movement[1:], shop.Movement[:len(shop.Movement)-1])
	return shop
}

func shifted(h drift.History) drift.History {
	copy(h.Orders[1:], h.Orders[:len(h.Orders)-1])
	h.Orders[0] = 0
	h.Present = max(min(h.Present-1, drift.Cycles-1), 0)
	return h
}

// ruleOf returns the rule of drift parameters.
func ruleOf(p model.DriftParameters) drift.Rule {
	return drift.Rule{Threshold: p.Threshold, Rhythm: p.RhythmThreshold, Satisfaction: p.SatisfactionThreshold, Depth: p.Depth}
}

// keepThresholds takes the rule from a model and all else from the shop now.
func keepThresholds(now, trained model.DriftParameters) model.DriftParameters {
	now.Threshold, now.RhythmThreshold, now.SatisfactionThreshold = trained.Threshold, trained.RhythmThreshold, trained.SatisfactionThreshold
	now.PooledThreshold, now.Depth = trained.PooledThreshold, trained.Depth
	return now
}

// judgeAll judges at each instant.
func judgeAll(history []*instant, rule drift.Rule) [][]judgement {
	out := make([][]judgement, len(history))
	for i, at := range history {
		out[i] = at.judge(rule)
	}
	return out
}

// historyCodes numbers the customers of all instants in the order of their ids.
func historyCodes(history []*instant) map[string]int {
	var ids []string
	for _, i := range history {
		for _, c := range i.cycles {
			ids = append(ids, c.Customer)
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	code := make(map[string]int, len(ids))
	for i, id := range ids {
		code[id] = i
	}
	return code
}

// precision is the share of alarms that were followed by churn within the
// horizon, over instants whose labels are complete; nil without any.
func precision(history []*instant, judged [][]judgement) *float64 {
	alarms, right := 0, 0
	for i, at := range history {
		for _, j := range judged[i] {
			if at.complete && j.state == drift.Drifting {
				alarms++
				if j.churned {
					right++
				}
			}
		}
	}
	if alarms == 0 {
		return nil
	}
	share := float64(right) / float64(alarms)
	return &share
}

// driftLead measures how early alarms came before customers left.
func (s *Service) driftLead(history []*instant, judged [][]judgement, left moments, report *model.DriftReport) error {
	alarms := left.alarms(history, func(k, i int) bool { return judged[k][i].state == drift.Drifting })
	lead, err := evaluate.LeadTimes(alarms, float64(s.settings.Definition.HorizonDays()), 0.95)
	if err != nil {
		return model.Wrap(model.KindInternal, "drift: lead time", err)
	}
	report.Lead = asLeadTime(lead)
	report.Lead.Precision = precision(history, judged)
	report.LeadTime = model.DriftLeadTime{Median: report.Lead.MedianDays, P25: report.Lead.P25Days, P75: report.Lead.P75Days}
	return nil
}

func asLeadTime(l evaluate.LeadTime) model.LeadTime {
	out := model.LeadTime{Churned: l.Churned}
	if l.Flagged > 0 {
		out.MedianDays, out.P25Days, out.P75Days = &l.Median.Value, &l.P25, &l.P75
	}
	if l.Churned > 0 {
		out.FlaggedShare = &l.FlaggedShare.Value
	}
	return out
}
