package scoring

import (
	"fmt"
	"math"
	"slices"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/hotspot"
)

// hotspotPart is the scan of one pain point.
type hotspotPart struct {
	counts *model.HotspotCounts
	// scale is what an outcome of 1 counts: thousandths of points for answers.
	scale   float64
	outcome hotspot.Outcome
	cells   []*hotspotCell
	priors  map[string]hotspot.Prior // by dimension
	weeks   map[stratumKey]int       // places in counts.Weeks
}

type stratumKey struct{ week, class string }

// hotspotCell is one cell of the family.
type hotspotCell struct {
	painpoint  string
	name       model.HotspotCell
	counts     model.HotspotCellCounts
	comparison hotspot.Comparison
	base       float64 // the mean of the kinds of its answers, in points
}

func (c *hotspotCell) key() cellKey { return cellKey{c.painpoint, c.name} }

// newHotspotPart compares the cells of a pain point with the rest of the shop.
func newHotspotPart(counts *model.HotspotCounts) (*hotspotPart, error) {
	p := &hotspotPart{counts: counts, scale: 1, priors: map[string]hotspot.Prior{}, weeks: map[stratumKey]int{}}
	for i, w := range counts.Weeks {
		p.weeks[stratumKey{w.Week, w.Class}] = i
	}
	if counts.PainPoint == model.LowSatisfaction {
		p.scale = 1000
	}
	p.outcome = p.outcomes()
	for _, group := range []func() (hotspot.Group, []model.HotspotCellCounts){p.byValue, p.byWeek} {
		g, cells := group()
		comparisons, err := g.Compare()
		if err != nil {
			return nil, fmt.Errorf("hotspots of %s: %w", counts.PainPoint, err)
		}
		for i, c := range comparisons {
			if c.Comparable {
				p.cells = append(p.cells, &hotspotCell{
					painpoint: counts.PainPoint, name: cells[i].HotspotCell, counts: cells[i], comparison: c, base: p.base(cells[i]),
				})
			}
		}
	}
	for _, d := range model.HotspotDimensions() {
		var of []hotspot.Comparison
		for _, c := range p.cells {
			if c.name.Dimension == d {
				of = append(of, c.comparison)
			}
		}
		p.priors[d] = hotspot.FitPrior(of)
	}
	return p, nil
}

// outcomes estimates how outcomes vary, and how alike they are within a
// supplier's week, a day and a customer.
func (p *hotspotPart) outcomes() hotspot.Outcome {
	o := hotspot.Outcome{Binary: p.scale == 1}
	o.Correlation[hotspot.Batch] = hotspot.Correlation(p.clusters(p.counts.Batches, true))
	o.Correlation[hotspot.Day] = hotspot.Correlation(p.clusters(p.counts.Days, false))
	sizes := make([]hotspot.Sizes, len(p.counts.Repeats))
	for i, r := range p.counts.Repeats {
		sizes[i] = hotspot.Sizes{
			N: r.Exposures, Count: r.Customers, Sum: float64(r.Sum), Squares: float64(r.Squares), SumSquares: float64(r.SumSquares),
		}
	}
	o.Correlation[hotspot.Customer] = hotspot.CorrelationBySize(sizes)
	if o.Binary {
		return o
	}
	var n, sum, squares, cubes, within float64
	for _, w := range p.counts.Weeks {
		n += float64(w.Exposures)
		sum += float64(w.Sum) / p.scale
		squares += float64(w.Squares) / (p.scale * p.scale)
		cubes += w.Cubes / (p.scale * p.scale * p.scale)
		within += float64(w.Sum) / p.scale * float64(w.Sum) / p.scale / float64(w.Exposures)
	}
	if free := n - float64(len(p.counts.Weeks)); free > 0 {
		o.Variance = (squares - within) / free
	}
	mean := sum / n
	if second := squares/n - mean*mean; second > 0 {
		o.Skewness = (cubes/n - 3*mean*squares/n + 2*mean*mean*mean) / math.Pow(second, 1.5)
	}
	return o
}

// clusters restates clusters: suppliers' weeks lie in their supplier, after the
// mean of the week is taken out, days in their week. Weeks without variation
// are left out.
func (p *hotspotPart) clusters(list []model.HotspotCluster, suppliers bool) []hotspot.Cluster {
	var out []hotspot.Cluster
	parents := map[stratumKey]int{}
	for _, c := range list {
		stratum := p.weeks[stratumKey{c.Week, c.Class}]
		if w := p.counts.Weeks[stratum]; p.scale == 1 && (w.Sum == 0 || w.Sum == w.Exposures) {
			continue
		}
		cluster := hotspot.Cluster{Parent: stratum, N: c.Exposures, Sum: float64(c.Sum), Squares: float64(c.Squares)}
		if suppliers {
			key := stratumKey{c.Name, c.Class}
			if _, ok := parents[key]; !ok {
				parents[key] = len(parents)
			}
			cluster.Parent, cluster.Stratum = parents[key], stratum
		}
		out = append(out, cluster)
	}
	return out
}

// byValue is the group of all cells but weeks, compared within each week.
func (p *hotspotPart) byValue() (hotspot.Group, []model.HotspotCellCounts) {
	g := hotspot.Group{Outcome: p.outcome, Customer: customerLinks(p.counts.Whole)}
	for _, w := range p.counts.Weeks {
		g.Strata = append(g.Strata, p.part(w))
	}
	var cells []model.HotspotCellCounts
	for _, c := range p.counts.Cells {
		if c.Dimension == model.WeekDimension {
			continue
		}
		cell := hotspot.Cell{Customer: customerLinks(c.Reach)}
		for _, w := range c.Weeks {
			part := p.part(w)
			part.Stratum = p.weeks[stratumKey{w.Week, w.Class}]
			cell.Parts = append(cell.Parts, part)
		}
		g.Cells = append(g.Cells, cell)
		cells = append(cells, c)
	}
	return g, cells
}

// byWeek is the group of weeks, compared within each class.
func (p *hotspotPart) byWeek() (hotspot.Group, []model.HotspotCellCounts) {
	g := hotspot.Group{Outcome: p.outcome, Customer: customerLinks(p.counts.Whole)}
	classes := map[string]int{}
	for _, w := range p.counts.Weeks {
		i, ok := classes[w.Class]
		if !ok {
			i = len(g.Strata)
			classes[w.Class] = i
			g.Strata = append(g.Strata, hotspot.Part{})
		}
		g.Strata[i] = sumOfParts(g.Strata[i], p.part(w))
	}
	var cells []model.HotspotCellCounts
	for _, c := range p.counts.Cells {
		if c.Dimension != model.WeekDimension {
			continue
		}
		cell := hotspot.Cell{Customer: customerLinks(c.Reach)}
		for _, w := range p.weeksOf(c) {
			part := p.part(w)
			part.Stratum = classes[w.Class]
			cell.Parts = append(cell.Parts, part)
		}
		g.Cells = append(g.Cells, cell)
		cells = append(cells, c)
	}
	return g, cells
}

// weeksOf returns what a cell has by week and class; of a week that is all.
func (p *hotspotPart) weeksOf(c model.HotspotCellCounts) []model.HotspotWeek {
	if c.Dimension != model.WeekDimension {
		return c.Weeks
	}
	var out []model.HotspotWeek
	for _, w := range p.counts.Weeks {
		if w.Week == c.Cohort {
			out = append(out, w)
		}
	}
	return out
}

func (p *hotspotPart) part(w model.HotspotWeek) hotspot.Part {
	out := hotspot.Part{N: w.Exposures, Sum: float64(w.Sum) / p.scale}
	out.Links[hotspot.Batch] = hotspot.Links{Members: w.BatchMembers, Square: w.BatchSquare, Cross: w.BatchCross}
	out.Links[hotspot.Day] = hotspot.Links{Members: w.Exposures, Square: w.DaySquare, Cross: w.DayCross}
	return out
}

// sumOfParts adds parts of one whole that share no cluster.
func sumOfParts(a, b hotspot.Part) hotspot.Part {
	a.N += b.N
	a.Sum += b.Sum
	for i := range a.Links {
		a.Links[i].Members += b.Links[i].Members
		a.Links[i].Square += b.Links[i].Square
		a.Links[i].Cross += b.Links[i].Cross
	}
	return a
}

func customerLinks(r model.HotspotReach) hotspot.Links {
	return hotspot.Links{Members: r.Exposures, Square: r.Square, Cross: r.Cross}
}

// base is the mean of the kinds of a cell's answers, in points; 0 for incidents.
func (p *hotspotPart) base(c model.HotspotCellCounts) float64 {
	var base, n int64
	for _, w := range p.weeksOf(c) {
		base += w.Base
		n += w.Exposures
	}
	return float64(base) / p.scale / float64(max(n, 1))
}

// weighted reports whether exposures have different sampling weights.
func (p *hotspotPart) weighted() bool {
	if p.scale != 1 || len(p.counts.Weeks) == 0 {
		return false
	}
	first := p.counts.Weeks[0].Class
	return slices.ContainsFunc(p.counts.Weeks, func(w model.HotspotWeek) bool { return w.Class != first })
}

// describe says what is found in a cell, as it was judged beside the others.
func (p *hotspotPart) describe(c *hotspotCell, judged hotspot.Comparison) model.Hotspot {
	shrunk := p.priors[c.name.Dimension].Shrink(judged, hotspotConfidence)
	reach := c.counts.Reach
	h := model.Hotspot{
		PainPoint: c.painpoint, Dimension: c.name.Dimension, Cohort: c.name.Cohort, Direction: p.direction(judged),
		Exposures: judged.N, Unit: exposureUnit(c.painpoint), Incidents: reach.Bad,
		Rate: c.base + judged.Rate, ExpectedRate: c.base + judged.Expected, ShrunkRate: moved(shrunk, c.base),
		Excess: judged.Excess, DesignEffect: judged.Design, PValue: c.comparison.P(),
		FirstSeen: p.firstSeen(c, judged.Above), Customers: reach.CustomersTouched, Revenue: inUnits(reach.CentsTouched),
		Score: score(shrunk, judged, p.scale == 1), AlsoSeenAs: []model.HotspotCell{}, Warnings: append([]string{}, shrunk.Warnings...),
	}
	if h.Direction == model.Excel {
		h.Customers, h.Revenue = reach.Customers, inUnits(reach.Cents)
	}
	return h
}

// inUnits restates cents in units of the currency.
func inUnits(cents *int64) *float64 {
	if cents == nil {
		return nil
	}
	return new(float64(*cents) / 100)
}

// direction is worse for more incidents, and for fewer points.
func (p *hotspotPart) direction(c hotspot.Comparison) model.Direction {
	if c.Above == (p.scale == 1) {
		return model.Worse
	}
	return model.Excel
}

// score is the excess at the cautious end of the shrunk rate's interval.
func score(shrunk estimate.Estimate, c hotspot.Comparison, binary bool) float64 {
	cautious := max(shrunk.Low-c.Expected, 0)
	if !c.Above {
		cautious = max(c.Expected-shrunk.High, 0)
	}
	if !binary {
		cautious /= 100
	}
	return cautious * float64(c.N)
}

func moved(e estimate.Estimate, by float64) estimate.Estimate {
	e.Value += by
	e.Low += by
	e.High += by
	return e
}

// firstSeen is the week from which on the excess, less half the window's mean
// excess for each exposure, adds up to most: a cumulative sum (Page 1954) read
// from its end, whose allowance keeps chance from moving it back.
func (p *hotspotPart) firstSeen(c *hotspotCell, above bool) string {
	if c.name.Dimension == model.WeekDimension {
		return c.name.Cohort
	}
	var best, sum float64
	allowance := math.Abs(c.comparison.Excess) * p.scale / float64(c.comparison.N) / 2
	first := ""
	for i, w := range slices.Backward(c.counts.Weeks) {
		whole := p.counts.Weeks[p.weeks[stratumKey{w.Week, w.Class}]]
		excess := float64(w.Sum) - float64(w.Exposures)/float64(whole.Exposures)*float64(whole.Sum)
		if !above {
			excess = -excess
		}
		sum += excess - allowance*float64(w.Exposures)
		weekBegins := i == 0 || c.counts.Weeks[i-1].Week != w.Week
		if weekBegins && (first == "" || sum > best) {
			best, first = sum, w.Week
		}
	}
	return first
}

// ownExposureUnit is what is counted as an exposure to a user's pain point.
func ownExposureUnit(p model.PainPoint) string {
	if p.Rule.Of == model.Responses {
		return "answers"
	}
	return string(p.Rule.Of)
}

// exposureUnit is what is counted as an exposure to a pain point.
func exposureUnit(painpoint string) string {
	switch painpoint {
	case model.LowSatisfaction:
		return "answers"
	case "slow_first_reply", "unresolved_ticket", "reopened_ticket", "negative_sentiment":
		return "tickets"
	case "cart_abandon", "payment_failed":
		return "customer days"
	case "late_delivery", "not_delivered":
		return "orders due"
	}
	return "orders"
}
