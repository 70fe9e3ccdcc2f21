package main

import (
	"fmt"
	"math"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// mostChanges bounds the features and facts that a table shows of a part.
const mostChanges = 6

// changeGrids shows a change of a score: the parts that add up to it, then for
// each part the features that moved and the facts behind them.
func changeGrids(c model.ScoreChange, currency string) []output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("Customer %s: why the risk changed from %s to %s", output.Cell(c.CustomerID), output.Cell(c.Since), output.Cell(c.AsOf)),
		Header: []string{"because of", "risk", "log-odds", "mostly"},
		Rows:   [][]any{{fmt.Sprintf("said then (model %d)", c.Before.Model), output.Percent(c.Before.Probability), signed(c.Before.LogOdds), nil}},
	}
	for _, p := range c.Parts {
		var mostly any
		if len(p.Changes) > 0 && math.Abs(p.Changes[0].LogOdds) >= smallContribution {
			mostly = moved(p.Changes[0], currency)
		}
		g.Rows = append(g.Rows, []any{p.Label, fmt.Sprintf("%+.1f points", p.Points), signed(p.LogOdds), mostly})
	}
	g.Rows = append(g.Rows, []any{fmt.Sprintf("said now (model %d)", c.After.Model), output.Percent(c.After.Probability), signed(c.After.LogOdds), nil})
	g.Footer = append(warningLines(c.Warnings), "points and log-odds add up exactly; time passing includes what moved in the whole shop")
	out := []output.Grid{g}
	for _, p := range c.Parts {
		if part := partGrid(p, currency); len(part.Rows) > 0 {
			out = append(out, part)
		}
	}
	return out
}

func partGrid(p model.ScorePart, currency string) output.Grid {
	g := output.Grid{Title: p.Label, Header: []string{"feature", "then -> now", "log-odds"}}
	rest, count := 0.0, 0
	for i, c := range p.Changes {
		if i >= mostChanges || math.Abs(c.LogOdds) < smallContribution {
			rest, count = rest+c.LogOdds, count+1
			continue
		}
		g.Rows = append(g.Rows, []any{c.Label, fromTo(c, currency), signed(c.LogOdds)})
	}
	if count > 0 && len(g.Rows) > 0 {
		g.Rows = append(g.Rows, []any{fmt.Sprintf("%d smaller ones together", count), nil, signed(rest)})
	}
	if p.Base != 0 {
		g.Rows = append(g.Rows, []any{"base", nil, signed(p.Base)})
	}
	for i, e := range p.Facts {
		if i == mostChanges {
			g.Footer = append(g.Footer, fmt.Sprintf("and %d facts more", len(p.Facts)-i))
			break
		}
		line := "fact: " + fact(e)
		if e.KnownAt != nil && e.KnownAt.After(e.At) {
			line += ", known on " + e.KnownAt.Format("2006-01-02")
		}
		g.Footer = append(g.Footer, line)
	}
	return g
}

func moved(c model.ContributionChange, currency string) string {
	return c.Label + ": " + fromTo(c, currency)
}

func fromTo(c model.ContributionChange, currency string) string {
	from := value(model.Contribution{Value: c.From}, currency)
	return from + " -> " + value(model.Contribution{Value: c.To}, currency)
}
