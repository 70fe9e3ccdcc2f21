package main

import (
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// realisedGrids shows how published scores turned out.
func realisedGrids(r model.Realised) []output.Grid {
	g := output.Grid{
		Title:  "How published scores turned out; outcomes are known up to " + output.Cell(r.DataEnd),
		Header: []string{"as of", "run", "model", "horizon", "customers", "said", "left", "ROC-AUC", "Brier"},
		Footer: warningLines(r.Warnings),
	}
	for _, s := range r.Snapshots {
		row := []any{s.AsOf.Format(time.DateOnly), s.Run, s.Model, s.Status}
		if s.Figures == nil {
			row[3] = fmt.Sprintf("%d of %d days, complete on %s", s.DaysKnown, s.HorizonDays, s.CompleteAt.Format(time.DateOnly))
			g.Rows = append(g.Rows, append(row, nil, nil, nil, nil, nil))
			continue
		}
		g.Rows = append(g.Rows, append(row, groupCells(s.Figures.All)...))
	}
	if r.Pooled == nil {
		return []output.Grid{g}
	}
	out := append(make([]output.Grid, 0, 3), g)
	bins := output.Grid{
		Title: "All complete snapshots together", Header: []string{"said", "customers", "left", "95 % interval"},
		Footer: warningLines(r.Pooled.All.Warnings),
	}
	for _, b := range r.Pooled.All.Bins {
		bins.Rows = append(bins.Rows, []any{
			fmt.Sprintf("%.1f-%.1f", b.From, b.To), b.Customers, output.Percent(b.Left.Value),
			fmt.Sprintf("%.1f-%.1f %%", 100*b.Left.Low, 100*b.Left.High),
		})
	}
	groups := output.Grid{Title: "By what was done", Header: []string{"customers who were", "customers", "said", "left", "ROC-AUC", "Brier"}}
	for _, part := range []struct {
		name  string
		group *model.RealisedGroup
	}{{"all", &r.Pooled.All}, {"untreated", r.Pooled.Untreated}, {"treated", r.Pooled.Treated}, {"held out", r.Pooled.Holdout}} {
		if part.group != nil {
			groups.Rows = append(groups.Rows, append([]any{part.name}, groupCells(*part.group)...))
		}
	}
	return append(out, bins, groups)
}

func groupCells(g model.RealisedGroup) []any {
	var auc any
	if g.ROCAUC != nil {
		auc = fmt.Sprintf("%.3f [%.3f, %.3f]", g.ROCAUC.Value, g.ROCAUC.Low, g.ROCAUC.High)
	}
	return []any{g.Customers, output.Percent(g.Said), output.Percent(g.Left), auc, output.Number{Value: g.Brier, Decimals: 4}}
}
