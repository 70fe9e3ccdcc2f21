package report

import (
	"html/template"
	"slices"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/churnwatch/churnwatch/model"
)

// reliability draws what was said beside what happened.
func reliability(bins []model.ReliabilityBin) (template.HTML, error) {
	p := newChart("said: predicted probability", "happened: share that churned")
	var points ranged
	top := 0.0
	for _, b := range bins {
		points.add(b.Predicted, b.Observed, b.Low, b.High)
		top = max(top, b.Predicted, b.High)
	}
	top = min(1, 1.05*top)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, top, 0, top
	p.X.Tick.Marker, p.Y.Tick.Marker = percent{}, percent{}
	right, err := line(plotter.XYs{{X: 0, Y: 0}, {X: top, Y: top}}, faint(), 1, dashed())
	if err != nil {
		return "", err
	}
	curve, err := line(points.XYs, ours(), 1.2, nil)
	if err != nil {
		return "", err
	}
	marks, err := points.plotters(ours())
	if err != nil {
		return "", err
	}
	p.Add(right, curve)
	p.Add(marks...)
	p.Legend.Add("the model, 90 % interval", curve)
	p.Legend.Add("as said", right)
	p.Legend.Left, p.Legend.Top = true, true
	return render(p, wide(), "Calibration: what was said beside what happened")
}

// gains draws how much of all churn the first customers of the ranking hold.
func gains(points []model.GainPoint) (template.HTML, error) {
	p := newChart("customers contacted, highest risk first", "share of all churn among them")
	origin := plotter.XY{}
	model, perfect := make(plotter.XYs, 1, 1+len(points)), make(plotter.XYs, 1, 1+len(points))
	naive := plotter.XYs{origin}
	for _, g := range points {
		model = append(model, plotter.XY{X: g.Share, Y: g.Gain})
		perfect = append(perfect, plotter.XY{X: g.Share, Y: g.Perfect})
		if g.Recency != nil {
			naive = append(naive, plotter.XY{X: g.Share, Y: *g.Recency})
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1
	p.X.Tick.Marker, p.Y.Tick.Marker = percent{}, percent{}
	p.Legend.Top = false
	add := func(name string, l *plotter.Line, err error) error {
		if err == nil {
			p.Add(l)
			p.Legend.Add(name, l)
		}
		return err
	}
	l, err := line(perfect, faint(), 1, nil)
	if err = add("nobody could do better", l, err); err != nil {
		return "", err
	}
	l, err = line(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, faint(), 1, dashed())
	if err = add("in random order", l, err); err != nil {
		return "", err
	}
	if len(naive) > 1 {
		l, err = line(naive, theirs(), 1.2, dashed())
		if err = add("by days since the last order", l, err); err != nil {
			return "", err
		}
	}
	l, err = line(model, ours(), 1.6, nil)
	if err = add("the model", l, err); err != nil {
		return "", err
	}
	return render(p, wide(), "Gains: the share of churn found by contacting the riskiest first")
}

// rankings draws the ROC-AUC of every cutoff, with its interval, over time.
func rankings(cutoffs []model.CutoffEvaluation, naive *model.Baseline) (template.HTML, error) {
	p := newChart("tested at", "ROC-AUC, 95 % interval")
	var points ranged
	names := make([]string, 0, len(cutoffs))
	low, high := 1.0, 0.5
	for i, c := range cutoffs {
		points.add(float64(i), c.ROCAUC, c.ROCAUCInterval.Low, c.ROCAUCInterval.High)
		names = append(names, c.AsOf.Format(time.DateOnly))
		low, high = min(low, c.ROCAUCInterval.Low), max(high, c.ROCAUCInterval.High)
	}
	marks, err := points.plotters(ours())
	if err != nil {
		return "", err
	}
	p.Add(marks...)
	last := float64(len(cutoffs)) - 0.5
	if naive != nil {
		low = min(low, naive.Mean.ROCAUC)
		l, err := line(plotter.XYs{{X: -0.5, Y: naive.Mean.ROCAUC}, {X: last, Y: naive.Mean.ROCAUC}}, theirs(), 1.2, dashed())
		if err != nil {
			return "", err
		}
		p.Add(l)
		p.Legend.Add("days since the last order alone, mean", l)
		p.Legend.Top, p.Legend.Left = true, true
	}
	p.X.Min, p.X.Max = -0.5, last
	p.Y.Min, p.Y.Max = max(0, low-0.02), min(1, high+0.05)
	p.X.Tick.Marker = named(names)
	return render(p, wide(), "ROC-AUC at every cutoff")
}

// named puts names at 0, 1, 2, ...
type named []string

// Ticks implements plot.Ticker.
func (n named) Ticks(_, _ float64) []plot.Tick {
	out := make([]plot.Tick, len(n))
	for i, name := range n {
		out[i] = plot.Tick{Value: float64(i), Label: name}
	}
	return out
}

// baseline finds a naive ranking by its name.
func baseline(e *model.Evaluation, name string) *model.Baseline {
	at := slices.IndexFunc(e.Baselines, func(b model.Baseline) bool { return b.Name == name })
	if at < 0 {
		return nil
	}
	return &e.Baselines[at]
}
