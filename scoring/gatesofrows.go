package scoring

import (
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// rows judges what stands in the rows.
func (g *gatekeeper) rows() {
	for _, c := range g.facts.References {
		if c.Name == "buyer" {
			g.links(c)
		} else {
			g.reference(c)
		}
	}
	for _, c := range g.facts.Duplicates {
		g.repeats(c)
	}
	for _, c := range g.facts.Values {
		g.values(c)
	}
	g.amountScale()
	for _, r := range g.refusals {
		g.quarantine(r)
	}
}

func share(c model.OddCount) float64 { return float64(c.Odd) / float64(max(c.Total, 1)) }

// leastJudged is the least number of rows whose share means something.
const leastJudged = 20

// judged is a gate on the share of odd rows, green where the rows are few.
func (g *gatekeeper) judged(name string, c model.OddCount, warn, refuse float64) model.Gate {
	gate := measured(name, c.Kind, c.Subject, "share", share(c), warn, refuse)
	if c.Total < leastJudged {
		gate.Status = model.NotApplicable
	}
	return gate
}

// reference judges references that lead nowhere.
func (g *gatekeeper) reference(c model.OddCount) {
	gate := g.judged("references", c, g.limits.BrokenWarn, g.limits.BrokenRefuse)
	if c.Name == "trigger" { // Nothing is fitted to it.
		gate = g.judged("references", c, g.limits.BrokenWarn, never())
		gate.Holds = []string{}
	}
	gate.Subject = c.Name
	switch c.Name {
	case "trigger":
		gate.Message = percents(share(c)) + " of the outreach that names a trigger names one that is not there, so that it closes none"
	case "customer_row":
		gate.Message = percents(share(c)) + " of the customers with an order or a contract have no row among the customers loaded"
	default:
		gate.Message = fmt.Sprintf("%s of the %s that name an %s name one that is not there", percents(share(c)), spoken(c.Kind), c.Name)
		if c.Kind == model.OrderItems {
			gate.Message = percents(share(c)) + " of the orders that items name are not there"
		}
		if c.Name == "ticket" {
			gate.Message = percents(share(c)) + " of the answers that name a ticket name one that is not there"
		}
	}
	if gate.Status != model.Green && gate.Status != model.NotApplicable {
		todo := ": check that both files use the same ids, and import what is missing"
		if c.Name == "trigger" {
			todo = ": give back the trigger_id as it came"
		}
		gate.Message += todo
	}
	g.add(gate)
}

// links judges how many facts are about somebody who can be predicted.
func (g *gatekeeper) links(c model.OddCount) {
	linked := 1 - share(c)
	warn, refuse := g.limits.LinkedWarn, g.limits.LinkedRefuse
	gate := model.Gate{Name: "link_rate", Kind: c.Kind, Unit: "share", Status: model.Green, Value: &linked, Threshold: &warn}
	switch {
	case c.Total < leastJudged:
		gate.Status = model.NotApplicable
	case linked < refuse:
		gate.Status, gate.Threshold = model.Red, &refuse
	case linked < warn:
		gate.Status = model.Yellow
	}
	gate.Message = fmt.Sprintf("%s of the %s are about a customer with an order or a contract", percents(linked), spoken(c.Kind))
	if gate.Status == model.Red || gate.Status == model.Yellow {
		gate.Message += ": check that customer_id means the same in both files"
	}
	g.add(gate)
}

// repeats judges facts that say the same under another id.
func (g *gatekeeper) repeats(c model.OddCount) {
	gate := g.judged("duplicates", c, g.limits.RepeatedWarn, g.limits.RepeatedRefuse)
	gate.Message = fmt.Sprintf("%s of the %s repeat another with the same customer, instant and content under a different id", percents(share(c)), spoken(c.Kind))
	if c.Kind == model.Customers {
		gate.Message = percents(share(c)) + " of the customers' ids differ from another one in upper case or blanks alone"
	}
	if gate.Status != model.Green && gate.Status != model.NotApplicable {
		gate.Message += ": remove them at the source and load again"
	}
	g.add(gate)
}

// values judges what the columns hold.
func (g *gatekeeper) values(c model.OddCount) {
	gate := g.judged("outliers", c, g.limits.OddWarn, g.limits.OddRefuse)
	gate.Subject = c.Name
	odd := percents(share(c))
	switch c.Name {
	case "far_amount":
		gate.Holds = []string{} // Money alone: features are cut at their outer knots.
		gate.Message = odd + " of the orders have an amount beyond 8 robust standard deviations of the usual"
	case "zero_amount":
		gate = g.judged("outliers", c, 0.2, never())
		gate.Subject = c.Name
		gate.Message = odd + " of the orders have an amount of 0"
	case "mixed_currency":
		g.currencies(c)
		return
	case "delivered_before_ordered", "promised_before_ordered":
		gate.Holds = []string{partPainPoints}
		what := map[string]string{"delivered_before_ordered": "were delivered", "promised_before_ordered": "were promised for a time"}[c.Name]
		gate.Message = fmt.Sprintf("%s of the orders with that date %s before they were placed", odd, what)
	case "dated_after_arrival":
		gate.Holds = []string{}
		gate.Message = odd + " of the orders are dated more than two days after they were loaded"
	case "known_before_it_happened":
		gate.Holds = []string{}
		gate.Message = fmt.Sprintf("%s of the %s have a known_at more than a day before they happened", odd, spoken(c.Kind))
	case "piled_score":
		gate = g.judged("outliers", c, g.limits.PiledWarn, g.limits.PiledRefuse)
		gate.Message = fmt.Sprintf("%s of the answers of kind %s hold one and the same score", odd, c.Subject)
		gate.Subject = c.Name + " " + c.Subject
		if c.Total < 5*leastJudged {
			gate.Status = model.NotApplicable
		}
	}
	if gate.Status != model.Green && gate.Status != model.NotApplicable {
		gate.Message += ": check how the column is filled and mapped"
	}
	g.add(gate)
}

// currencies judges whether the orders are in one currency, since amounts are added
// up: however few others there are, they are no accident of numbers.
func (g *gatekeeper) currencies(c model.OddCount) {
	gate := measured("outliers", c.Kind, c.Name, "share", share(c), g.limits.OddWarn, g.limits.OddRefuse)
	gate.Holds = []string{partRisk}
	gate.Message = percents(share(c)) + " of the orders that say their currency are in another one than most"
	if c.Odd > 0 {
		gate.Status = model.WorstOf(gate.Status, model.Yellow)
		gate.Message += ", and amounts are added up: load these again with their amounts converted (import --restate)"
	}
	g.add(gate)
}

// The change of the median order that only another unit or currency explains,
// and the least orders that it is seen in.
const (
	anotherUnit   = 5
	leastForScale = 30
)

// amountScale judges whether amounts still mean the same.
func (g *gatekeeper) amountScale() {
	s := g.facts.Scale
	if s.Recent < leastForScale || s.Earlier < leastForScale {
		return
	}
	times := max(s.RecentAmount/s.EarlierAmount, s.EarlierAmount/s.RecentAmount)
	gate := measured("outliers", model.Orders, "amount_scale", "times", times, anotherUnit/2.0, anotherUnit)
	gate.Holds = []string{partRisk}
	gate.Message = fmt.Sprintf("the median order of the last 28 days is %.2f, of the year before %.2f", s.RecentAmount, s.EarlierAmount)
	if gate.Status != model.Green {
		gate.Message += ": check the unit and the currency of the newest loads"
	}
	g.add(gate)
}

// quarantine judges how many rows were refused, by all loads and the newest. One
// row that was sent alone says nothing: newest are as many as are judged at least.
func (g *gatekeeper) quarantine(r model.RefusedShare) {
	all := float64(r.Refused) / float64(max(r.Read, 1))
	newest := float64(r.NewestRefused) / float64(max(r.NewestRead, 1))
	gate := measured("quarantine", r.Kind, "", "share", max(all, newest), g.limits.QuarantineWarn, g.limits.QuarantineRefuse)
	if r.Read < leastJudged {
		gate.Status = model.NotApplicable
	}
	gate.Message = fmt.Sprintf("%s of the %s read were refused", percents(all), spoken(r.Kind))
	if newest > all {
		loads := fmt.Sprintf("newest load (%s)", r.Newest)
		if r.NewestLoads > 1 {
			loads = fmt.Sprintf("%d newest loads (the last: %s)", r.NewestLoads, r.Newest)
		}
		gate.Message = fmt.Sprintf("%s of the %s in the %s were refused", percents(newest), spoken(r.Kind), loads)
	}
	if gate.Status == model.Yellow || gate.Status == model.Red {
		if r.FrequentReason != "" {
			gate.Message += ", mostly for " + r.FrequentReason
		}
		gate.Message += ": see churnwatch quarantine list"
	}
	g.add(gate)
}
