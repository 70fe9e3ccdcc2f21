package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"gonum.org/v1/plot/plotter"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
)

const (
	// mostShapes is the number of terms that are drawn: those that matter most.
	mostShapes = 12
	// shapeLevel is the nominal coverage of a shape's band.
	shapeLevel = 0.90
	// mostLevels is the number of levels of a category that are named.
	mostLevels = 8
	// longestName is the length in runes at which a level's name is cut.
	longestName = 12
)

// shape is one drawn term.
type shape struct {
	Label   string
	Family  string
	Spread  float64
	Chart   template.HTML
	Missing string
}

// shapes draws the terms that move the log-odds most.
func shapes(p *additive.Predictor, features []model.Feature) ([]shape, error) {
	order := make([]int, len(p.Terms))
	for j := range order {
		order[j] = j
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Terms[b].Spread, p.Terms[a].Spread) })
	var out []shape
	for _, j := range order[:min(mostShapes, len(order))] {
		drawn, err := shapeOf(p, j, features[j])
		if err != nil {
			return nil, fmt.Errorf("shape of %s: %w", p.Terms[j].Name, err)
		}
		out = append(out, drawn)
	}
	return out, nil
}

func shapeOf(p *additive.Predictor, j int, f model.Feature) (out shape, err error) {
	t, slots := &p.Terms[j], p.Shape(j, shapeLevel)
	missing := slots[len(slots)-1]
	out = shape{Label: f.Label, Family: string(f.Family), Spread: p.Calibration.Slope * t.Spread}
	if t.MissingVariance == 0 {
		out.Missing = fmt.Sprintf("missing: %+.2f [%+.2f, %+.2f]", missing.Value, missing.Low, missing.High)
	}
	if t.Kind == additive.Category {
		out.Chart, err = levels(t, slots, f)
	} else {
		out.Chart, err = knots(t, slots, f)
	}
	return out, err
}

// knots draws a numeric term: a line through its knots in a band.
func knots(t *additive.Term, slots []estimate.Estimate, f model.Feature) (template.HTML, error) {
	unit := f.Unit
	if unit == "" {
		unit = "value"
	}
	p := newChart(unit, "log-odds of churn")
	n := len(t.Knots)
	middle, upper, lower := make(plotter.XYs, 0, n), make(plotter.XYs, 0, 2*n), make(plotter.XYs, 0, n)
	for k, x := range t.Knots {
		middle = append(middle, plotter.XY{X: x, Y: slots[k].Value})
		upper = append(upper, plotter.XY{X: x, Y: slots[k].High})
		lower = append(lower, plotter.XY{X: x, Y: slots[k].Low})
	}
	if len(t.Knots) == 1 {
		var one ranged
		one.add(t.Knots[0], slots[0].Value, slots[0].Low, slots[0].High)
		marks, err := one.plotters(ours())
		if err != nil {
			return "", err
		}
		p.Add(marks...)
		return render(p, small(), f.Label)
	}
	slices.Reverse(lower)
	area, err := plotter.NewPolygon(append(upper, lower...))
	if err != nil {
		return "", err
	}
	area.Color, area.LineStyle.Width = band(), 0
	curve, err := line(middle, ours(), 1.5, nil)
	if err != nil {
		return "", err
	}
	zero, err := line(plotter.XYs{{X: t.Knots[0]}, {X: t.Knots[len(t.Knots)-1]}}, faint(), 0.8, dashed())
	if err != nil {
		return "", err
	}
	p.Add(area, zero, curve)
	return render(p, small(), f.Label)
}

// levels draws a category: a dot on a whisker for each of its commonest
// levels, and for all others.
func levels(t *additive.Term, slots []estimate.Estimate, f model.Feature) (template.HTML, error) {
	p := newChart("", "log-odds of churn")
	var points ranged
	var names []string
	for i, level := range t.Levels {
		if i == mostLevels {
			break
		}
		points.add(float64(i), slots[i].Value, slots[i].Low, slots[i].High)
		names = append(names, short(level))
	}
	if t.OtherVariance == 0 {
		other := slots[len(t.Levels)]
		points.add(float64(len(names)), other.Value, other.Low, other.High)
		names = append(names, "others")
	}
	if len(names) == 0 {
		return "", nil
	}
	marks, err := points.plotters(ours())
	if err != nil {
		return "", err
	}
	p.Add(marks...)
	p.X.Min, p.X.Max, p.X.Tick.Marker = -0.5, float64(len(names))-0.5, named(names)
	if len(names) > 4 {
		p.X.Tick.Label.Rotation = 0.6
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = -0.9, -0.6
	}
	return render(p, small(), f.Label)
}

// short cuts a long name.
func short(name string) string {
	runes := []rune(name)
	if len(runes) <= longestName {
		return name
	}
	return string(runes[:longestName-1]) + "…"
}
