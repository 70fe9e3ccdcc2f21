package main

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func printTouchpoints(ctx context.Context, env *environment, a *app.App, asOf time.Time) error {
	report, err := a.Scoring.Touchpoints(ctx, asOf)
	if err != nil {
		return err
	}
	return env.print(report, func() []output.Grid { return touchpointGrids(report) })
}

// touchpointGrids put what goes with churn first, then with staying, then the
// rest.
func touchpointGrids(r model.TouchpointReport) []output.Grid {
	header := []string{"", "moment", "odds of churn (adjusted)", "q", "churned after (raw)", "others (raw)", "events", "customers", "share"}
	widths := []int{0, 34}
	grids := map[string]*output.Grid{
		"churn":   {Title: "What goes with churn, strongest first", Header: header, Widths: widths},
		"staying": {Title: "What goes with staying", Header: header, Widths: widths},
		"neither": {Title: "What can't be told from no association", Header: header, Widths: widths},
	}
	for _, g := range grids {
		g.CSV = &output.Grid{Header: []string{
			"rank", "name", "moment", "odds of churn", "odds low", "odds high", "q", "churned after", "others", "events", "customers", "share",
		}}
	}
	few := output.Grid{Title: "Not enough to say", Header: []string{"moment", "events", "customers", "why"}, Widths: []int{34, 0, 0, 58}}
	for _, t := range r.Touchpoints {
		if t.Status != model.TouchpointOK {
			few.Rows = append(few.Rows, []any{t.Label, t.Events, t.Customers, t.StatusReason})
			continue
		}
		g := grids[t.GoesWith]
		g.Rows = append(g.Rows, []any{
			*t.Rank, t.Label, fmt.Sprintf("x %.2f [%.2f, %.2f]", t.OddsRatio.Value, t.OddsRatio.Low, t.OddsRatio.High),
			qValue(*t.QValue), percent(t.ChurnRate), percent(t.ChurnRateOthers), t.Events, t.Customers, percent(t.ShareOfCustomers),
		})
		g.CSV.Rows = append(g.CSV.Rows, []any{
			*t.Rank, t.Name, t.Label, t.OddsRatio.Value, t.OddsRatio.Low, t.OddsRatio.High, *t.QValue,
			t.ChurnRate, t.ChurnRateOthers, t.Events, t.Customers, t.ShareOfCustomers,
		})
	}
	var out []output.Grid
	for _, g := range []*output.Grid{grids["churn"], grids["staying"], grids["neither"], &few} {
		if len(g.Rows) > 0 {
			out = append(out, *g)
		}
	}
	last := &out[len(out)-1]
	last.Footer = append([]string{
		fmt.Sprintf("%d customers at %d cutoffs: what came in the %d days before, and churn in the %d days after, as of %s",
			r.Customers, len(r.Cutoffs), r.WindowDays, r.HorizonDays, output.Cell(r.AsOf)),
		"odds, adjusted: beside how active the customer was, [95 % interval]; low answers against the other answers of their touchpoint",
		"churned after, others, raw: as they are, so that they may point the other way; who does little has few moments and leaves more, which the odds are adjusted for",
		fmt.Sprintf("of what stands in the first two tables, at most %s is there by chance on average", output.Percent(r.FalseDiscoveryRate)),
		"an association, no proof of a cause: who is about to leave may answer low because of it",
	}, warningLines(r.Warnings)...)
	return out
}

// qValue does not show more zeros than anybody asks for.
func qValue(q float64) string {
	if q < 1e-4 {
		return "< 0.0001"
	}
	return fmt.Sprintf("%.2g", q)
}
