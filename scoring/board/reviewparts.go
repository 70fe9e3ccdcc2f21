package board

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/model/movement"
)

// periods counts the quarters up to this one, from the first whole one on.
func (r *review) periods(ctx context.Context) error {
	start, err := r.service.insight.HistoryStart(ctx, r.out.AsOf)
	if err != nil {
		return r.lacks("quarters", err)
	}
	this := QuarterOf(r.out.From)
	bounds := []time.Time{r.out.From, r.out.AsOf}
	for n := 1; n < reviewQuarters && !this.Add(-n).Begin().Before(model.StartOfDay(start)); n++ {
		bounds = slices.Insert(bounds, 0, this.Add(-n).Begin())
	}
	counts, err := r.service.store.Periods(ctx, model.PeriodsQuery{AsOf: r.out.AsOf, Bounds: bounds, Definition: r.service.settings.Definition})
	if err != nil {
		return err
	}
	for i, c := range counts {
		p := periodOf(c, r.service.settings.MinimumCell)
		p.Complete = r.out.Complete || i < len(counts)-1
		p.FullLookback = r.looksBack(c.From, start)
		if !p.FullLookback {
			p.Left = nil
		}
		r.out.Periods = append(r.out.Periods, p)
	}
	if n := len(counts); n > 0 {
		r.buyers[1] = counts[n-1].Buyers
		if n > 1 {
			r.buyers[0] = counts[n-2].Buyers
		}
	}
	r.leaves(start)
	if len(counts) < 2 {
		r.gap("the quarter before: the history begins on " + start.Format(time.DateOnly) + ", so that there is no whole one to compare with")
	}
	return nil
}

// looksBack reports whether data from a day on hold the lookback before an
// instant. Contracts that run are known without one.
func (r *review) looksBack(at, start time.Time) bool {
	definition := r.service.settings.Definition
	return definition.Kind == model.Cancellation || !at.Add(-definition.Lookback).Before(model.StartOfDay(start))
}

// leaves finds the share that left in the last whole quarter of which it is known.
func (r *review) leaves(start time.Time) {
	for _, p := range slices.Backward(r.out.Periods) {
		if p.Complete && p.Left != nil {
			r.left, r.out.LeftBy = &p.Left.Value, &p.Name
			break
		}
	}
	if slices.ContainsFunc(r.out.Periods, func(p model.ReviewPeriod) bool { return !p.FullLookback }) {
		r.gap(fmt.Sprintf("the share that left in quarters with less than %d days of orders before them: the history begins on %s",
			days(r.service.settings.Definition.Lookback), start.Format(time.DateOnly)))
	}
	if r.left == nil {
		r.gap("how many more of the touched left: no whole quarter tells the share that leaves")
	}
}

func periodOf(c model.PeriodCount, least int) model.ReviewPeriod {
	out := model.ReviewPeriod{
		Name: QuarterOf(c.From).String(), From: c.From, To: c.To, Customers: c.Customers,
		Newcomers: c.Newcomers, Buyers: c.Buyers, Orders: c.Orders, Revenue: c.Revenue, Answers: c.Answers,
	}
	if c.Customers >= least {
		out.Left = estimated(evaluate.Proportion(c.Left, c.Customers, confidence), nil)
	}
	if c.Respondents >= least {
		out.NPS = estimated(netPromoter(c))
	}
	return out
}

// netPromoter returns the score of a period with the customer as the unit: that
// of a ratio of sums (see model/movement), from the sums of squares.
func netPromoter(c model.PeriodCount) (estimate.Estimate, error) {
	if c.Respondents < 2 || c.Answers == 0 {
		return estimate.Estimate{}, movement.ErrNothing
	}
	n, g := float64(c.Answers), float64(c.Respondents)
	score := c.Net / n
	squares := math.Max(0, c.NetSquares-2*score*c.NetAnswers+score*score*c.AnswerSquares)
	e := estimate.Normal(100*score, 100*math.Sqrt(squares*g/(g-1))/n, confidence, c.Respondents)
	e.Low, e.High = math.Max(-100, e.Low), math.Min(100, e.High)
	return e, nil
}

// drivers are the pain points of the quarter, beside those of the one before.
func (r *review) drivers(ctx context.Context) error {
	weights, drift, by, err := r.sources.Weights(ctx, r.out.AsOf)
	if err := r.lacks("what incidents cost", err); err != nil {
		return err
	}
	r.out.WeightsFrom = by
	if drift != nil {
		shown := *drift
		shown.Customers = []model.DriftCustomer{}
		r.out.Drift = &shown
	}
	own := r.service.settings.PainPoints
	now, err := r.service.store.IncidentCounts(ctx, model.IncidentsQuery{From: r.out.From, AsOf: r.out.AsOf, Own: own})
	if err != nil {
		return err
	}
	before, err := r.service.store.IncidentCounts(ctx, model.IncidentsQuery{From: QuarterOf(r.out.From).Add(-1).Begin(), AsOf: r.out.From, Own: own})
	if err != nil {
		return err
	}
	for _, c := range now {
		r.out.Drivers = append(r.out.Drivers, r.driver(c, before, weights))
	}
	slices.SortStableFunc(r.out.Drivers, func(a, b model.ReviewDriver) int {
		return cmp.Or(-cmp.Compare(drives(a), drives(b)), -cmp.Compare(a.Touched, b.Touched), cmp.Compare(a.Name, b.Name))
	})
	if len(now) == 0 {
		r.gap("what drove churn: no incident of any pain point is known in the quarter")
	}
	return nil
}

// drives ranks drivers; those of whom nothing is known come last.
func drives(d model.ReviewDriver) float64 {
	if d.AssociatedChurn == nil {
		return math.Inf(-1)
	}
	return d.AssociatedChurn.Value
}

func (r *review) driver(c model.IncidentCount, before []model.IncidentCount, weights []model.PainPointWeight) model.ReviewDriver {
	out := model.ReviewDriver{
		Name: c.PainPoint, Label: strings.ReplaceAll(c.PainPoint, "_", " "), Incidents: c.Incidents, Touched: c.Touched, Revenue: c.Revenue,
	}
	var was model.IncidentCount
	if i := slices.IndexFunc(before, func(b model.IncidentCount) bool { return b.PainPoint == c.PainPoint }); i >= 0 {
		was = before[i]
		out.IncidentsBefore, out.TouchedBefore = was.Incidents, was.Touched
	}
	if r.comparable() {
		out.Change = estimated(rateChange(c, r.buyers[1], was, r.buyers[0]))
	}
	if i := slices.IndexFunc(weights, func(w model.PainPointWeight) bool { return w.Name == c.PainPoint }); i >= 0 {
		w := weights[i]
		out.Label, out.SatisfactionWeight, out.ChurnLogOdds = w.Label, w.SatisfactionWeight, w.ChurnLogOdds
		if w.ChurnLogOdds != nil && r.left != nil {
			out.AssociatedChurn = moreLeft(c.Touched, *r.left, *w.ChurnLogOdds)
		}
	}
	return out
}

// comparable reports whether so much of the quarter has passed that what came to
// a buyer in it can be held against the one before.
func (r *review) comparable() bool {
	return float64(r.out.AsOf.Sub(r.out.From)) >= comparableShare*float64(r.out.To.Sub(r.out.From))
}

// comparableShare of a quarter must have passed.
const comparableShare = 0.8

// rateChange returns (n/of)/(n0/of0) - 1 for numbers of customers, each of whom
// counts once. Parcels are late by the day's shipment, so that customers are not
// touched one by one: the variance of a number is that of its weeks,
//
//	var n = w/(w-1) sum (n_week - n/w)^2
//
// but no less than a Poisson's, and the standard error of the ratio's logarithm
// sqrt(var n/n^2 + var n0/n0^2). Errors: nothing to compare, or fewer than four
// weeks in either.
func rateChange(now model.IncidentCount, of int, before model.IncidentCount, of0 int) (estimate.Estimate, error) {
	if now.Touched == 0 || of == 0 || before.Touched == 0 || of0 == 0 {
		return estimate.Estimate{}, errors.New("nothing to compare")
	}
	if min(now.Weeks, before.Weeks) < leastWeeks {
		return estimate.Estimate{}, errors.New("too few weeks to tell how they vary")
	}
	n, n0 := float64(now.Touched), float64(before.Touched)
	ratio := estimate.Normal(math.Log(n/float64(of)*float64(of0)/n0), math.Sqrt(spread(now)+spread(before)), confidence, now.Touched+before.Touched).Exp()
	ratio.Value, ratio.Low, ratio.High = ratio.Value-1, ratio.Low-1, ratio.High-1
	return ratio, nil
}

// leastWeeks is the least number of weeks whose spread is estimated.
const leastWeeks = 4

// spread is the relative variance of a number of customers.
func spread(c model.IncidentCount) float64 {
	n, w := float64(c.Touched), float64(c.Weeks)
	return math.Max(n, w/(w-1)*(c.WeekSquares-n*n/w)) / (n * n)
}

// moreLeft is by how many more of n customers left than of others alike, of whom
// the share p leaves, at log-odds that are higher by b:
//
//	n (1/(1 + exp(-(logit p + b))) - p)
//
// with the interval of b.
func moreLeft(n int, p float64, b estimate.Estimate) *estimate.Estimate {
	p = min(max(p, 1e-6), 1-1e-6)
	at := func(b float64) float64 { return float64(n) * (1/(1+math.Exp(-math.Log(p/(1-p))-b)) - p) }
	return &estimate.Estimate{
		Value: at(b.Value), Low: at(b.Low), High: at(b.High), StandardError: float64(n) * p * (1 - p) * b.StandardError,
		Confidence: b.Confidence, N: n, Warnings: b.Warnings,
	}
}

// themes sums the complaints of the quarter, beside those of as long a time
// before, each as known at its end.
func (r *review) themes(ctx context.Context) error {
	now, err := r.service.store.Complaints(ctx, r.out.From, r.out.AsOf)
	if err != nil {
		return err
	}
	before, err := r.service.store.Complaints(ctx, r.out.From.Add(r.out.From.Sub(r.out.AsOf)), r.out.From)
	if err != nil {
		return err
	}
	for _, c := range now.Themes {
		was := 0
		if i := slices.IndexFunc(before.Themes, func(b model.ThemeCount) bool { return b.Theme == c.Theme }); i >= 0 {
			was = before.Themes[i].Complaints
		}
		if c.Complaints > now.Comments || was > before.Comments {
			return model.Errorf(model.KindInternal, "complaints about %s: %d of %d remarks, before it %d of %d", c.Theme, c.Complaints, now.Comments, was, before.Comments)
		}
		t := model.ReviewTheme{
			Theme: c.Theme, Complaints: c.Complaints, Severe: c.Severe, Share: estimated(evaluate.Proportion(c.Complaints, now.Comments, confidence), nil),
		}
		if before.Comments > 0 {
			t.Change = estimated(evaluate.Difference(c.Complaints, now.Comments, was, before.Comments, confidence), nil)
		}
		r.out.Themes = append(r.out.Themes, t)
	}
	slices.SortFunc(r.out.Themes, func(a, b model.ReviewTheme) int {
		return cmp.Or(-cmp.Compare(a.Complaints, b.Complaints), cmp.Compare(a.Theme, b.Theme))
	})
	if len(r.out.Themes) == 0 {
		r.gap("complaints: none is known in the quarter (responses with comments or tags, tickets with topics or tags)")
	}
	return nil
}

// programme is what became of triggers.
func (r *review) programme(ctx context.Context) error {
	p, err := r.service.store.Programme(ctx, r.out.From, r.out.AsOf)
	if err != nil {
		return r.lacks("retention programme", err)
	}
	if len(p.Playbooks) == 0 {
		r.gap("retention programme: no trigger opened in the quarter (churnwatch triggers run, or serve)")
		return nil
	}
	for i := range p.Playbooks {
		b := &p.Playbooks[i]
		if judged := b.InTime + b.Late; judged > 0 {
			b.Kept = estimated(evaluate.Proportion(b.InTime, judged, confidence), nil)
		}
	}
	r.out.Programme = &p
	return nil
}
