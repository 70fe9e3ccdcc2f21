package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// reviewGrids show a review's parts in the order in which people ask for them.
func reviewGrids(r model.Review, currency string) []output.Grid {
	out := []output.Grid{quartersGrid(r, currency), driversGrid(r, currency)}
	if len(r.Hotspots) > 0 {
		out = append(out, hotspotGrids(r.Hotspots, currency)...)
	}
	if r.Drift != nil {
		out = append(out, driftStatesGrid(*r.Drift))
	}
	if len(r.Cohorts) > 0 {
		g := cohortGrid(r.Cohorts, currency)
		g.Title = "Cohorts, by the scores of " + r.ScoresAsOf.Format(time.DateOnly)
		out = append(out, g)
	}
	if r.Segments != nil {
		out = append(out, segmentGrids(*r.Segments, currency)...)
	}
	if r.Targets != nil {
		out = append(out, targetGrid(*r.Targets))
	}
	if len(r.Themes) > 0 {
		out = append(out, themesGrid(r.Themes))
	}
	if r.Programme != nil {
		out = append(out, programmeGrids(*r.Programme)...)
	}
	if r.Experiments != nil {
		out = append(out, provenGrid(*r.Experiments))
	}
	if len(r.Realised) > 0 {
		out = append(out, realisedGrids(model.Realised{Snapshots: r.Realised, DataEnd: r.AsOf})...)
	}
	return append(out, gapsGrid(r))
}

func quartersGrid(r model.Review, currency string) output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("Review of %s, as known on %s", r.Quarter, r.AsOf.Format(time.DateOnly)),
		Header: []string{"quarter", "customers at its begin", "left in it", "newcomers", "buyers", "orders", "revenue " + currency, "NPS", "answers"},
		Footer: []string{"left in it: of the customers at its begin, those who did not order in it, or whose contracts ended"},
	}
	for _, p := range r.Periods {
		name := p.Name
		if !p.Complete {
			name += " so far"
			g.Footer = append(g.Footer, fmt.Sprintf("%s is under way: the data end on %s, so that many who have not ordered yet will", p.Name, r.AsOf.Format(time.DateOnly)))
		}
		if !p.FullLookback {
			g.Footer = append(g.Footer, p.Name+": the data do not hold the whole lookback before it, so that its customers are too few and the share that left is not known")
		}
		g.Rows = append(g.Rows, []any{
			name, p.Customers, shareBounds(p.Left), p.Newcomers, p.Buyers, p.Orders, output.Money(p.Revenue), bounds(p.NPS, 0), p.Answers,
		})
	}
	return g
}

func driversGrid(r model.Review, currency string) output.Grid {
	g := output.Grid{
		Title: "What drove churn, by how many more of the touched left",
		Header: []string{
			"pain point", "incidents", "before", "customers", "before", "change a buyer", "satisfaction", "churn log-odds", "more left", "revenue touched " + currency,
		},
		Stacks: [][]int{{1, 2}, {3, 4}},
	}
	for _, d := range r.Drivers {
		g.Rows = append(g.Rows, []any{
			d.Label, d.Incidents, d.IncidentsBefore, d.Touched, d.TouchedBefore, percentBounds(d.Change),
			bounds(d.SatisfactionWeight, 1), bounds(d.ChurnLogOdds, 2), bounds(d.AssociatedChurn, 0), output.Money(d.Revenue),
		})
	}
	if r.WeightsFrom != "" {
		g.Footer = append(g.Footer, "satisfaction (points of 0 to 100 an incident) and log-odds: by "+r.WeightsFrom)
	}
	if r.LeftBy != nil {
		g.Footer = append(g.Footer, "more left: by the share that left in "+*r.LeftBy+" and the log-odds")
	}
	g.Footer = append(g.Footer, "more left: than of others alike who were not touched; an association, no proof of a cause, and they overlap")
	return g
}

func driftStatesGrid(d model.DriftReport) output.Grid {
	g := output.Grid{Title: "Drift over two cycles", Header: []string{"state", "customers"}}
	for _, state := range slices.Sorted(maps.Keys(d.States)) {
		g.Rows = append(g.Rows, []any{string(state), d.States[state]})
	}
	return g
}

func themesGrid(themes []model.ReviewTheme) output.Grid {
	g := output.Grid{
		Title:  "What customers complained of",
		Header: []string{"theme", "complaints", "severe", "share of remarks", "against the quarter before"},
	}
	for _, t := range themes {
		var change any
		if t.Change != nil {
			change = fmt.Sprintf("%+.1f points [%+.1f, %+.1f]", 100*t.Change.Value, 100*t.Change.Low, 100*t.Change.High)
		}
		g.Rows = append(g.Rows, []any{t.Theme, t.Complaints, t.Severe, shareBounds(t.Share), change})
	}
	return g
}

func programmeGrids(p model.Programme) []output.Grid {
	books := output.Grid{
		Title:  "What the retention programme did",
		Header: []string{"playbook", "opened", "done", "in time", "late", "service level kept", "escalated", "expired", "open", "suppressed"},
	}
	for _, b := range p.Playbooks {
		books.Rows = append(books.Rows, []any{
			b.Playbook, b.Opened, b.Done, b.InTime, b.Late, shareBounds(b.Kept), b.Escalated, b.Expired, b.Open, b.Suppressed,
		})
	}
	reasons := make([]string, 0, len(p.Suppressions))
	for _, s := range p.Suppressions {
		reasons = append(reasons, fmt.Sprintf("%s %d", words(s.Code), s.Triggers))
	}
	if len(reasons) > 0 {
		books.Footer = append(books.Footer, "suppressed by reason: "+strings.Join(reasons, ", "))
	}
	owners := output.Grid{Title: "By owner", Header: []string{"owner", "done", "open", "overdue"}}
	for _, o := range p.Owners {
		owner := o.Owner
		if owner == "" {
			owner = "(nobody)"
		}
		owners.Rows = append(owners.Rows, []any{owner, o.Done, o.Open, o.Overdue})
	}
	return []output.Grid{books, owners}
}

// provenGrid shows what decides each experiment.
func provenGrid(r model.ExperimentReport) output.Grid {
	g := output.Grid{Title: "What experiments have proven", Header: []string{"experiment", "arm", "against", "measure", "difference", "verdict", "in words"}, Widths: []int{0, 0, 0, 0, 0, 0, 50}}
	for _, e := range r.Experiments {
		for _, c := range e.Comparisons {
			if c.Decides {
				g.Rows = append(g.Rows, []any{e.Name, c.Variant, c.Against, string(c.Measure), bounds(c.Difference, 3), words(c.Verdict), c.Says})
			}
		}
	}
	return g
}

func gapsGrid(r model.Review) output.Grid {
	g := output.Grid{Title: "What is not known, and what to keep in mind", Header: []string{"", "what"}, Widths: []int{0, 100}, CSV: &output.Grid{}}
	for _, gap := range r.Gaps {
		g.Rows = append(g.Rows, []any{"not known", gap})
	}
	for _, gate := range r.Gates {
		g.Rows = append(g.Rows, []any{string(gate.Status), gate.Message})
	}
	return g
}
