package report

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
)

// mostSurfaces is the number of pairs that are drawn.
const mostSurfaces = 6

// surface is a pair as a table: a cell is what both features say together.
type surface struct {
	First, Second string
	Spread        float64
	Columns       []string
	Rows          []surfaceRow
}

// surfaceRow is one cell of the first feature.
type surfaceRow struct {
	Name  string
	Cells []surfaceCell
}

// surfaceCell is a value with its shade; Empty where training had no row.
type surfaceCell struct {
	Value string
	Shade template.CSS
}

// surfaces tabulates the pairs that move the log-odds most.
func surfaces(p *additive.Predictor, features []model.Feature) (out []surface) {
	label := map[string]string{}
	for _, f := range features {
		label[f.Name] = f.Label
	}
	order := make([]int, len(p.Pairs))
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p.Pairs[b].Spread, p.Pairs[a].Spread) })
	for _, k := range order[:min(mostSurfaces, len(order))] {
		out = append(out, surfaceOf(&p.Pairs[k], p.Calibration.Slope, label))
	}
	return out
}

func surfaceOf(pair *additive.Pair, slope float64, label map[string]string) surface {
	out := surface{
		First: label[pair.First.Term], Second: label[pair.Second.Term],
		Spread: slope * pair.Spread, Columns: cellNames(pair.Second),
	}
	most := 0.0
	for _, row := range pair.Values {
		for _, v := range row {
			most = math.Max(most, math.Abs(v))
		}
	}
	for i, name := range cellNames(pair.First) {
		row := surfaceRow{Name: name}
		seen := false
		for j, v := range pair.Values[i] {
			cell := surfaceCell{}
			if pair.Weights[i][j] > 0 {
				seen = true
				cell = surfaceCell{Value: fmt.Sprintf("%+.2f", slope*v), Shade: shade(v, most)}
			}
			row.Cells = append(row.Cells, cell)
		}
		if seen {
			out.Rows = append(out.Rows, row)
		}
	}
	return out
}

// shade colours a value: the deeper the further from 0, orange above, blue
// below.
func shade(v, most float64) template.CSS {
	if most == 0 {
		return ""
	}
	tint := "0, 114, 178"
	if v > 0 {
		tint = "213, 94, 0"
	}
	return template.CSS(fmt.Sprintf("background: rgba(%s, %.2f)", tint, 0.55*math.Abs(v)/most)) //nolint:gosec // made of numbers alone
}

// cellNames says in words what the cells of an axis are.
func cellNames(a additive.Axis) (out []string) {
	if a.Kind == additive.Category {
		for _, level := range a.Levels {
			out = append(out, short(level))
		}
		return append(out, "others", "missing")
	}
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
	switch n := len(a.Cuts); n {
	case 0:
		out = append(out, "any")
	default:
		out = append(out, "below "+text(a.Cuts[0]))
		for i := range n - 1 {
			out = append(out, text(a.Cuts[i])+" to "+text(a.Cuts[i+1]))
		}
		out = append(out, text(a.Cuts[n-1])+" and more")
	}
	return append(out, "missing")
}
