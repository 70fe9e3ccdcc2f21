package board

import (
	"cmp"
	"context"
	"errors"
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
		r.out.Periods = append(r.out.Periods, p)
	}
	if n := len(counts); n > 0 {
		r.buyers[1] = counts[n-1].Buyers
		if left := r.out.Periods[n-1].Left; left != nil {
			r.left = &left.Value
		}
		if n > 1 {
			r.buyers[0] = counts[n-2].Buyers
		}
	}
	if len(counts) < 2 {
		r.gap("the quarter before: the history begins on " + start.Format(time.DateOnly) + ", so that there is no whole one to compare with")
	}
	return nil
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
	if i := slices.IndexFunc(before, func(b model.IncidentCount) bool { return b.PainPoint == c.PainPoint }); i >= 0 {
		out.IncidentsBefore, out.TouchedBefore = before[i].Incidents, before[i].Touched
	}
	if r.comparable() {
		out.Change = estimated(rateChange(out.Touched, r.buyers[1], out.TouchedBefore, r.buyers[0]))
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
// counts once, with the interval of the logarithm of a ratio of two counts,
// 1/n + 1/n0: wide rather than narrow, since a share of customers varies less.
func rateChange(n, of, n0, of0 int) (estimate.Estimate, error) {
	if n == 0 || of == 0 || n0 == 0 || of0 == 0 {
		return estimate.Estimate{}, errors.New("nothing to compare")
	}
	ratio := estimate.Normal(math.Log(float64(n)/float64(of)*float64(of0)/float64(n0)), math.Sqrt(1/float64(n)+1/float64(n0)), confidence, n+n0).Exp()
	ratio.Value, ratio.Low, ratio.High = ratio.Value-1, ratio.Low-1, ratio.High-1
	return ratio, nil
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

// themes sums the complaints of the quarter's whole weeks, beside as many before.
func (r *review) themes(ctx context.Context) error {
	weeks := max(1, int(r.out.AsOf.Sub(r.out.From)/(7*model.Day)))
	all, err := r.sources.Themes(ctx, r.out.AsOf, 2*weeks+1)
	if err != nil {
		return r.lacks("complaints", err)
	}
	from := r.out.AsOf.AddDate(0, 0, -7*weeks)
	type counts struct{ complaints, severe, before int }
	byTheme, remarks := map[string]*counts{}, [2]map[time.Time]int{{}, {}}
	for _, w := range all {
		c := byTheme[w.Theme]
		if c == nil {
			c = &counts{}
			byTheme[w.Theme] = c
		}
		if w.Week.Before(from) {
			c.before += w.Complaints
			remarks[0][w.Week] = w.Comments
			continue
		}
		c.complaints += w.Complaints
		c.severe += w.Severe
		remarks[1][w.Week] = w.Comments
	}
	before, now := total(remarks[0]), total(remarks[1])
	for theme, c := range byTheme {
		if c.complaints == 0 {
			continue
		}
		t := model.ReviewTheme{Theme: theme, Complaints: c.complaints, Severe: c.severe, Share: estimated(evaluate.Proportion(c.complaints, now, confidence), nil)}
		if before > 0 {
			t.Change = estimated(evaluate.Difference(c.complaints, now, c.before, before, confidence), nil)
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

func total(weeks map[time.Time]int) (n int) {
	for _, remarks := range weeks {
		n += remarks
	}
	return n
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
