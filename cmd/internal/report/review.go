package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

//go:embed review.html.tmpl
var reviewPage string

// ReviewInput is what the page of a quarter tells.
type ReviewInput struct {
	Review   model.Review
	Currency string
}

// reviewView is the input as the template reads it.
type reviewView struct {
	ReviewInput
	This, Before    *model.ReviewPeriod
	Left, NPS, Sold template.HTML
	Worse, Excels   []model.Hotspot
	States          []stateCount
	Groups          []groupCells
	Proven          []proven
}

// stateCount is a drift state with its share of the customers.
type stateCount struct {
	State     string
	Customers int
	Share     float64
}

// groupCells are the cells of one answer group: over all trends, and by trend.
type groupCells struct {
	All    model.SegmentCell
	Trends []model.SegmentCell
}

// proven is what decides an experiment.
type proven struct {
	Name string
	model.ExperimentComparison
}

// WriteReview writes the page of a quarter. The same input gives the same bytes.
func WriteReview(w io.Writer, in ReviewInput) error {
	v, err := reviewViewOf(in)
	if err != nil {
		return fmt.Errorf("review: %w", err)
	}
	t, err := template.New("review").Funcs(functions()).Funcs(reviewFunctions(in.Currency)).Parse(reviewPage)
	if err != nil {
		return fmt.Errorf("review: %w", err)
	}
	if err := t.Execute(w, v); err != nil {
		return fmt.Errorf("review: %w", err)
	}
	return nil
}

func reviewViewOf(in ReviewInput) (v reviewView, err error) {
	v = reviewView{ReviewInput: in}
	r := &v.Review
	if n := len(r.Periods); n > 0 {
		v.This = &r.Periods[n-1]
		if n > 1 {
			v.Before = &r.Periods[n-2]
		}
	}
	for _, h := range r.Hotspots {
		if h.Direction == model.Excel {
			v.Excels = append(v.Excels, h)
		} else {
			v.Worse = append(v.Worse, h)
		}
	}
	v.States, v.Groups, v.Proven = statesOf(r.Drift), groupsOf(r.Segments), provenOf(r.Experiments)
	if len(r.Periods) < 2 {
		return v, nil
	}
	if v.Left, err = overQuarters(r.Periods, "share that left in the quarter", percent{}, func(p model.ReviewPeriod) *estimate.Estimate { return p.Left }); err != nil {
		return v, err
	}
	if v.NPS, err = overQuarters(r.Periods, "net promoter score", plain{}, func(p model.ReviewPeriod) *estimate.Estimate { return p.NPS }); err != nil {
		return v, err
	}
	v.Sold, err = overQuarters(r.Periods, "revenue in thousands", plain{}, func(p model.ReviewPeriod) *estimate.Estimate {
		return &estimate.Estimate{Value: p.Revenue / 1000, Low: p.Revenue / 1000, High: p.Revenue / 1000}
	})
	return v, err
}

func statesOf(d *model.DriftReport) (out []stateCount) {
	if d == nil {
		return nil
	}
	all := 0
	for _, n := range d.States {
		all += n
	}
	for _, state := range []model.DriftState{model.Drifting, model.Wobbling, model.Recovering, model.Stable, model.Silent} {
		n := d.States[state]
		out = append(out, stateCount{State: string(state), Customers: n, Share: float64(n) / math.Max(1, float64(all))})
	}
	return out
}

func groupsOf(s *model.SegmentReport) (out []groupCells) {
	if s == nil {
		return nil
	}
	for _, c := range s.Cells {
		if c.Trend == model.AllTrends {
			out = append(out, groupCells{All: c})
		} else if n := len(out); n > 0 {
			out[n-1].Trends = append(out[n-1].Trends, c)
		}
	}
	return out
}

func provenOf(r *model.ExperimentReport) (out []proven) {
	if r == nil {
		return nil
	}
	for _, e := range r.Experiments {
		for _, c := range e.Comparisons {
			if c.Decides {
				out = append(out, proven{e.Name, c})
			}
		}
	}
	return out
}

// overQuarters draws a figure of each quarter with its interval; what is not
// known leaves a hole, and nothing at all no chart. A quarter under way is drawn
// in another colour: it can't be compared yet.
func overQuarters(periods []model.ReviewPeriod, name string, ticks plot.Ticker, of func(model.ReviewPeriod) *estimate.Estimate) (template.HTML, error) {
	p := newChart("", name)
	var whole, part ranged
	var names []string
	low, high := math.Inf(1), math.Inf(-1)
	for i, q := range periods {
		names = append(names, q.Name)
		e := of(q)
		if e == nil {
			continue
		}
		into := &whole
		if !q.Complete {
			into = &part
		}
		into.add(float64(i), e.Value, e.Low, e.High)
		low, high = min(low, e.Low), max(high, e.High)
	}
	if len(whole.XYs)+len(part.XYs) == 0 {
		return "", nil
	}
	through, err := line(whole.XYs, band(), 2, nil)
	if len(whole.XYs) > 1 && err == nil {
		p.Add(through)
	}
	for _, points := range []struct {
		ranged
		name  string
		isOur bool
	}{{whole, "whole quarters", true}, {part, "under way", false}} {
		if len(points.XYs) == 0 {
			continue
		}
		c := theirs()
		if points.isOur {
			c = ours()
		}
		marks, err := points.plotters(c)
		if err != nil {
			return "", err
		}
		p.Add(marks...)
		if scatter, ok := marks[len(marks)-1].(*plotter.Scatter); ok && len(part.XYs) > 0 {
			p.Legend.Add(points.name, scatter)
		}
	}
	p.Legend.Top, p.Legend.Left = true, true
	margin := 0.12*(high-low) + 1e-9
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.5, float64(len(periods))-0.5, low-margin, high+2*margin
	p.X.Tick.Marker, p.Y.Tick.Marker = named(names), ticks
	return render(p, small(), name+" by quarter")
}

// reviewFunctions are how the template of a review writes what it shows.
func reviewFunctions(currency string) template.FuncMap {
	return template.FuncMap{
		"money":   func(v float64) string { return thousands(v) + " " + currency },
		"count":   func(n int) string { return thousands(float64(n)) },
		"between": between,
		"bounds":  func(decimals int, e *estimate.Estimate) string { return between(decimals, 1, "", e) },
		"shared":  func(e *estimate.Estimate) string { return between(1, 100, " %", e) },
		"moved":   func(e *estimate.Estimate) string { return signedRange(0, 100, " %", e) },
		"points":  func(e *estimate.Estimate) string { return signedRange(1, 100, " points", e) },
		"plus":    func(decimals int, e *estimate.Estimate) string { return signedRange(decimals, 1, "", e) },
		"versus":  versus,
		"target":  targetBar,
		"width":   func(share float64) string { return fmt.Sprintf("%.1f", 100*min(max(share, 0), 1)) },
		"said":    func(name string) string { return strings.ReplaceAll(name, "_", " ") },
		"nobody":  orNobody,
		"mul":     func(a, b float64) float64 { return a * b },
		"date":    func(t *time.Time) string { return t.UTC().Format(time.DateOnly) },
		"top":     top,
		"trend":   trendWords,
	}
}

// trendWords say where orders go.
func trendWords(t model.OrderTrend) string {
	if t == model.OrdersTooFew {
		return "too few orders to say"
	}
	return string(t)
}

func orNobody(owner string) string {
	if owner == "" {
		return "(nobody)"
	}
	return owner
}

// top keeps the first so many hotspots.
func top(n int, all []model.Hotspot) []model.Hotspot { return all[:min(n, len(all))] }

// thousands writes a number in whole units with thin spaces.
func thousands(v float64) string {
	digits := fmt.Sprintf("%.0f", math.Abs(v))
	var groups []string
	for len(digits) > 3 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	text := strings.Join(groups, "\u2009")
	if v < 0 && text != "0" {
		return "−" + text
	}
	return text
}

// between shows a number with its bounds, or that nothing is known.
func between(decimals int, scale float64, unit string, e *estimate.Estimate) string {
	if e == nil {
		return "–"
	}
	return fmt.Sprintf("%.*f%s [%.*f, %.*f]", decimals, scale*e.Value, unit, decimals, scale*e.Low, decimals, scale*e.High)
}

func signedRange(decimals int, scale float64, unit string, e *estimate.Estimate) string {
	if e == nil {
		return "–"
	}
	return fmt.Sprintf("%+.*f%s [%+.*f, %+.*f]", decimals, scale*e.Value, unit, decimals, scale*e.Low, decimals, scale*e.High)
}

// versus is the change of a number against the one before, "" without one.
func versus(now, before float64) string {
	if before == 0 {
		return ""
	}
	return fmt.Sprintf("%+.0f %%", 100*(now/before-1))
}

// bar is a target as a bar: the places of interval, value and goal in percent of
// its width.
type bar struct{ Low, Width, Value, Goal string }

// targetBar places a target on a scale that holds goal and interval.
func targetBar(t model.Target) *bar {
	if t.Value == nil {
		return nil
	}
	low, high := min(0, t.Value.Low), max(t.Goal, t.Value.High)*1.15
	if t.Unit == "share" {
		low, high = 0, min(1, max(high, 0.1))
	}
	at := func(v float64) float64 { return 100 * min(max((v-low)/(high-low), 0), 1) }
	text := func(v float64) string { return fmt.Sprintf("%.1f", v) }
	return &bar{Low: text(at(t.Value.Low)), Width: text(max(at(t.Value.High)-at(t.Value.Low), 0.6)), Value: text(at(t.Value.Value)), Goal: text(at(t.Goal))}
}
