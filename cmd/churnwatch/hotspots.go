package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func newHotspots(env *environment) *cobra.Command {
	var asOf instant
	var request scoring.HotspotRequest
	window := config.Days(90)
	cmd := &cobra.Command{
		Use:   "hotspots",
		Short: "Print which suppliers, products, regions and weeks are worse or better than the rest",
		Long: "Looks at every supplier, SKU, category, channel, region and week for each pain point and\n" +
			"for low satisfaction, and prints those that depart from the rest of the shop by more than\n" +
			"chance explains: what is systemic first, then what to champion. One in ten of those\n" +
			"printed may be a false alarm on average. A cell stands out when it passed this week and\n" +
			"a week ago, or at a tenth of the level at once. What stands out only by what it shares\n" +
			"with another cell is listed with that one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if request.AsOf, request.Window = asOf.Time, window.Std(); request.Window < model.Day {
				return usagef("--window %s: want a day or more", window)
			}
			if request.Least < 0 {
				return usagef("--min-exposures %d: want 0 or more", request.Least)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Scoring.Hotspots(ctx, request)
				if err != nil {
					return err
				}
				if len(report.Hotspots) == 0 {
					env.say("%s", nothingStandsOut(report))
				}
				return env.print(report.Hotspots, func() []output.Grid { return hotspotReport(report, a.Config.Currency) })
			})
		},
	}
	cmd.AddCommand(newHotspotsFixed(env))
	flags := cmd.Flags()
	flags.Var(&asOf, "as-of", "with what was known at this `time` (default: the newest order's day)")
	flags.StringVar(&request.PainPoint, "painpoint", "", "only this `pain point`, such as late_delivery or low_satisfaction")
	flags.StringVar(&request.Dimension, "dimension", "", "only this one: "+strings.Join(model.HotspotDimensions(), ", "))
	flags.Var(&window, "window", "how far back exposures count")
	flags.Int64Var(&request.Least, "min-exposures", 30, "leave out cells with fewer orders, tickets or answers")
	flags.BoolVar(&request.All, "all", false, "all cells, also those that do not stand out")
	return cmd
}

func nothingStandsOut(r model.HotspotReport) string {
	if r.Cells == 0 {
		first := fmt.Sprintf("nothing to look at: no supplier, product, category, channel, region or week has %d exposures or more to a pain point that was seen between %s and %s",
			r.Least, output.Cell(r.From), output.Cell(r.AsOf))
		return strings.Join(append([]string{first}, warningLines(r.Warnings)...), "\n")
	}
	return fmt.Sprintf("nothing stands out between %s and %s: %d cells looked at, at a false discovery rate of %s; a longer --window has more to tell by",
		output.Cell(r.From), output.Cell(r.AsOf), r.Cells, output.Percent(r.Level))
}

func hotspotGrids(hotspots []model.Hotspot, currency string) []output.Grid {
	header := []string{
		"pain point", "where", "exposures", "incidents", "rate", "expected", "believed [95 %]", "excess", "q", "passes", "since",
		"customers", "revenue " + currency, "also seen as",
	}
	stacks := [][]int{{0, 1, 13}, {3, 2}, {4, 5}, {8, 9}, {11, 12}}
	worse := output.Grid{Title: "What is systemic, worst first", Header: header, Stacks: stacks}
	excel := output.Grid{Title: "What to champion", Header: header, Stacks: stacks}
	rest := output.Grid{Title: "What does not stand out, or only by what it shares with the above", Header: header, Stacks: stacks}
	for _, h := range hotspots {
		grid := &worse
		switch {
		case h.Passes == "no" || h.Passes == "not_tested":
			grid = &rest
		case h.Direction == model.Excel:
			grid = &excel
		}
		grid.Rows = append(grid.Rows, hotspotRow(h))
	}
	var grids []output.Grid
	for _, g := range []output.Grid{worse, excel, rest} {
		if len(g.Rows) > 0 {
			grids = append(grids, g)
		}
	}
	return grids
}

// hotspotReport is the grids with what was looked at below them.
func hotspotReport(r model.HotspotReport, currency string) []output.Grid {
	grids := hotspotGrids(r.Hotspots, currency)
	if len(grids) == 0 {
		return nil
	}
	last := &grids[len(grids)-1]
	last.Footer = append(last.Footer, fmt.Sprintf("%d cells looked at between %s and %s; of those that stand out, at most %s are false alarms on average",
		r.Cells, output.Cell(r.From), output.Cell(r.AsOf), output.Percent(r.Level)))
	last.Footer = append(last.Footer, fmt.Sprintf("cells with fewer than %d exposures in that time are left out, also with --all: see --min-exposures and --window", r.Least))
	last.Footer = append(last.Footer, warningLines(r.Warnings)...)
	return grids
}

func hotspotRow(h model.Hotspot) []any {
	rate := func(v float64) string { return output.Percent(v).String() }
	if h.PainPoint == model.LowSatisfaction {
		rate = func(v float64) string { return fmt.Sprintf("%.1f", v) }
	}
	return []any{
		h.Label, h.Dimension + " " + name(h.Cohort), h.Exposures, h.Incidents, rate(h.Rate), rate(h.ExpectedRate),
		fmt.Sprintf("%s [%s, %s]", rate(h.ShrunkRate.Value), rate(h.ShrunkRate.Low), rate(h.ShrunkRate.High)),
		output.Number{Value: h.Excess, Decimals: 0},
		fmt.Sprintf("%.1g", h.QValue), strings.ReplaceAll(h.Passes, "_", " "), h.FirstSeen,
		h.Customers, money(h.Revenue), alsoSeenAs(h.AlsoSeenAs),
	}
}

// mostAlso is how many cells a row names.
const mostAlso = 4

func alsoSeenAs(cells []model.HotspotCell) any {
	if len(cells) == 0 {
		return nil
	}
	var names []string
	for _, c := range cells[:min(len(cells), mostAlso)] {
		names = append(names, c.Dimension+" "+name(c.Cohort))
	}
	if more := len(cells) - mostAlso; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
