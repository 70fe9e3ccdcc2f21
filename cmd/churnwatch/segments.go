package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
)

func newSegments(env *environment) *cobra.Command {
	var asOf instant
	var members, trend string
	var most int
	by := []string{"tier", "industry"}
	cmd := &cobra.Command{
		Use:   "segments",
		Short: "Print promoters, passives and detractors by where their orders go, and what became of them",
		Long: "Prints the matrix of answer groups (promoter, passive, detractor, no answer yet) by order\n" +
			"trends: customers, orders and revenue of the last 30 days, what became of those who stood\n" +
			"there one horizon ago, and what is recommended; the same by --by; and whether answers that\n" +
			"rose were followed by more orders. A customer's group is that of his newest NPS answer,\n" +
			"however old; where nobody ever answered NPS, of his newest answer of any kind.\n\n" +
			"Orders decline when orders or spend of the last 60 days lie 40 % or more below the 60 before,\n" +
			"relative to the shop's own movement, and a real decline is likely; they grow when the same\n" +
			"holds backwards. Who ordered fewer than four times in both windows has too few orders to\n" +
			"say. Cells of fewer customers than cohorts.minimum_cell show their number alone.\n\n" +
			"With --members names the customers of a group instead, the most valuable first.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			group, of := model.AnswerGroup(members), model.OrderTrend(trend)
			switch {
			case members != "" && !slices.Contains(model.SegmentGroups(), group):
				return usagef("--members %q: want one of %v", members, model.SegmentGroups())
			case of != model.AllTrends && !slices.Contains(model.OrderTrends(), of):
				return usagef("--trend %q: want one of %v or all", trend, model.OrderTrends())
			case most < 0:
				return usagef("--top %d: want 0 or more", most)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				if members != "" {
					found, err := a.Boards.Members(ctx, asOf.Time, group, of, most)
					if err != nil {
						return err
					}
					return env.print(found, func() []output.Grid { return []output.Grid{membersGrid(found, a.Config.Currency)} })
				}
				report, err := a.Boards.Segments(ctx, asOf.Time, by)
				if err != nil {
					return err
				}
				return env.print(report, func() []output.Grid { return segmentGrids(report, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "with what was known at this `time` (default: the newest order's day)")
	cmd.Flags().StringSliceVar(&by, "by", by, "also by these `columns` of customers; an empty one is none")
	cmd.Flags().StringVar(&members, "members", "", "name the customers of this `group` instead: promoter, passive, detractor or no_answer")
	cmd.Flags().StringVar(&trend, "trend", "all", "with --members: only of this trend, declining, steady, growing or too_few")
	cmd.Flags().IntVar(&most, "top", 50, "with --members: at most so many, 0 is all")
	return cmd
}

func segmentGrids(r model.SegmentReport, currency string) []output.Grid {
	g := output.Grid{
		Title: "Answers by orders, as of " + output.Cell(r.AsOf),
		Header: []string{
			"group", "orders", "customers", "share", "orders 30 d", "revenue 30 d " + currency, "orders against the shop",
			"stood here then", "of them left", "their revenue after", "recommended",
		},
		Stacks: [][]int{{2, 3}, {4, 5}},
		CSV:    segmentCSV(r),
		Footer: segmentNotes(r),
	}
	for _, c := range r.Cells {
		g.Rows = append(g.Rows, segmentRow(c, string(c.Group)))
	}
	out := []output.Grid{g}
	if by := segmentsBy(r, currency); len(by.Rows) > 0 {
		out = append(out, by)
	}
	return append(out, risesGrid(r.Rises))
}

func membersGrid(members []model.SegmentMember, currency string) output.Grid {
	g := output.Grid{Header: []string{"customer_id", "group", "orders", "orders 30 d", "revenue 30 d " + currency, "revenue of the horizon", "high value"}}
	for _, m := range members {
		g.Rows = append(g.Rows, []any{
			m.CustomerID, words(string(m.Group)), words(string(m.Trend)), m.Orders30d, output.Money(m.Revenue30d), output.Money(m.Revenue), m.HighValue,
		})
	}
	return g
}

func segmentRow(c model.SegmentCell, group string) []any {
	var recommended any
	if c.Action != nil {
		recommended = words(c.Action.Name)
	}
	change := percentBounds(c.OrderChange)
	if c.Trend != model.AllTrends {
		change = "" // by which they were picked
	}
	var orders any
	if c.Orders30d != nil {
		orders = *c.Orders30d
	}
	return []any{
		words(group), words(string(c.Trend)), c.Customers, percent(c.Share), orders, money(c.Revenue30d), change,
		c.Next.Customers, shareBounds(c.Next.Churn), percentBounds(c.Next.RevenueChange), recommended,
	}
}

// segmentsBy shows the groups of each cohort, over all trends.
func segmentsBy(r model.SegmentReport, currency string) output.Grid {
	g := output.Grid{
		Title:  "By " + strings.Join(dimensionsOf(r), ", ") + " (--output json has the trends of each)",
		Header: []string{"dimension", "cohort", "group", "customers", "declining", "growing", "revenue 30 d " + currency, "orders against the shop", "of them left", "their revenue after"},
		Stacks: [][]int{{0, 1}, {4, 5}},
		CSV:    &output.Grid{},
	}
	for _, cohort := range r.By {
		declining, growing := map[model.AnswerGroup]int{}, map[model.AnswerGroup]int{}
		for _, c := range cohort.Cells {
			switch c.Trend {
			case model.OrdersDeclining:
				declining[c.Group] = c.Customers
			case model.OrdersGrowing:
				growing[c.Group] = c.Customers
			default:
			}
		}
		for _, c := range cohort.Cells {
			if c.Trend == model.AllTrends && c.Customers > 0 {
				g.Rows = append(g.Rows, []any{
					cohort.Dimension, name(cohort.Cohort), words(string(c.Group)), c.Customers, declining[c.Group], growing[c.Group],
					money(c.Revenue30d), percentBounds(c.OrderChange), shareBounds(c.Next.Churn), percentBounds(c.Next.RevenueChange),
				})
			}
		}
	}
	return g
}

func dimensionsOf(r model.SegmentReport) (out []string) {
	for _, c := range r.By {
		if !slices.Contains(out, c.Dimension) {
			out = append(out, c.Dimension)
		}
	}
	return out
}

// segmentCSV is all cells with all digits, those of everybody first.
func segmentCSV(r model.SegmentReport) *output.Grid {
	g := &output.Grid{Header: []string{
		"dimension", "cohort", "group", "trend", "customers", "orders_30d", "revenue_30d", "order_change", "order_change_low", "order_change_high",
		"then_customers", "churn", "churn_low", "churn_high", "revenue_change", "revenue_change_low", "revenue_change_high", "action",
	}}
	add := func(dimension, cohort string, cells []model.SegmentCell) {
		for _, c := range cells {
			var action, orders, revenue any
			if c.Action != nil {
				action = c.Action.Name
			}
			if c.Orders30d != nil {
				orders, revenue = *c.Orders30d, output.Money(*c.Revenue30d)
			}
			row := []any{dimension, cohort, string(c.Group), string(c.Trend), c.Customers, orders, revenue}
			row = append(row, threeOf(c.OrderChange)...)
			row = append(append(row, c.Next.Customers), threeOf(c.Next.Churn)...)
			g.Rows = append(g.Rows, append(append(row, threeOf(c.Next.RevenueChange)...), action))
		}
	}
	add("", "", r.Cells)
	for _, c := range r.By {
		add(c.Dimension, c.Cohort, c.Cells)
	}
	return g
}

// threeOf is an estimate and its bounds in three cells.
func threeOf(e *estimate.Estimate) []any {
	if e == nil {
		return []any{nil, nil, nil}
	}
	return []any{e.Value, e.Low, e.High}
}

func segmentNotes(r model.SegmentReport) []string {
	out := []string{fmt.Sprintf("orders: of the last %d days against the %d before, relative to the shop's own movement%s",
		r.WindowDays, r.WindowDays, movedBy(r.ShopChange))}
	if n := r.Next; n != nil {
		out = append(out, fmt.Sprintf("stood here then: on %s; left, and revenue against that of as many days before relative to the shop, until %s. Of all %d, %s left; revenue%s",
			n.From.Format(time.DateOnly), n.Until.Format(time.DateOnly), n.Customers, percentText(n.ChurnShare), movedBy(n.RevenueChange)),
			"  who was picked for orders that grew falls back by chance, and the other way round: compare groups of one trend")
	}
	named := map[string]bool{}
	for _, c := range r.Cells {
		if a := c.Action; a != nil && c.Trend != model.AllTrends && !named[a.Name] {
			named[a.Name] = true
			out = append(out, fmt.Sprintf("recommended: %s: %s", words(a.Name), a.Label))
		}
	}
	return append(out, warningLines(r.Warnings)...)
}

// movedBy is a change in brackets, nothing where it is not known.
func movedBy(change *float64) string {
	if change == nil {
		return ""
	}
	return fmt.Sprintf(" (%+.1f %%)", 100**change)
}

func percentText(v *float64) string {
	if v == nil {
		return "an unknown share"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}

// risesGrid says whether answers that rose were followed by more orders.
func risesGrid(r model.SegmentRises) output.Grid {
	g := output.Grid{
		Title:  "Were higher answers followed by more orders?",
		Header: []string{"the answer", "pairs", "customers", fmt.Sprintf("orders in %d days, beyond the shop's movement", r.WindowDays)},
		CSV:    &output.Grid{},
	}
	for _, m := range r.Moves {
		g.Rows = append(g.Rows, []any{m.Move, m.Pairs, m.People, bounds(m.OrderChange, 2)})
	}
	switch {
	case r.Reason != nil:
		g.Footer = append(g.Footer, "not known: "+*r.Reason)
	case r.PerPoint != nil:
		verdict := map[string]string{"rises": "yes", "falls": "no, by fewer", "not_known": "not known: the interval holds 0"}[r.Verdict]
		g.Footer = append(g.Footer, fmt.Sprintf("%s; %+.3f orders a point [%+.3f, %+.3f], customers as units; an association, no proof of a cause",
			verdict, r.PerPoint.Value, r.PerPoint.Low, r.PerPoint.High))
	}
	return g
}

// shareBounds shows a share with its interval.
func shareBounds(e *estimate.Estimate) any {
	if e == nil {
		return nil
	}
	return fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*e.Value, 100*e.Low, 100*e.High)
}

// words shows a name of ours to people.
func words(name string) string {
	switch name {
	case string(model.OrdersTooFew):
		return "too few to say"
	case string(model.AllTrends):
		return "all"
	}
	return strings.ReplaceAll(name, "_", " ")
}
