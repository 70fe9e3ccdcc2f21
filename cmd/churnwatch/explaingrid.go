package main

import (
	"fmt"
	"math"
	"path"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// smallContribution is below what a table shows one by one, in log-odds.
const smallContribution = 0.02

func explanationGrids(e model.Explanation, currency string) []output.Grid {
	head := output.Grid{
		Title:  fmt.Sprintf("Customer %s: %s, as of %s%s", output.Cell(e.CustomerID), e.LabelDefinition, output.Cell(e.AsOf), byModel(e.Score)),
		Header: []string{"risk", "band", "percentile", "kept " + currency, "at risk " + currency, "drift", "satisfaction", "NPS", "next order if active"},
		Rows: [][]any{{
			output.Stack{percent(e.ChurnProbability), interval(e.Interval)},
			bandOf(e.Score), percentile(e.Score),
			amount(e.ExpectedValue, e.ValueInterval), amount(e.RevenueAtRisk, e.RevenueInterval),
			string(e.Drift), satisfaction(e.Score), e.NPSSegment, dayOf(e.ExpectedNextOrder),
		}},
		CSV: scoresCSV([]model.Score{e.Score}, currency),
	}
	head.Footer = append([]string{intervalLine([]model.Score{e.Score})}, warningLines(e.Warnings)...)
	head.Notes = append(qualityLines(e.DataQuality), ownQualityLines(e.DataQuality)...)
	if e.Status != model.StatusOK {
		head.Footer = append(head.Footer, fmt.Sprintf("%s: %s", e.Status, e.StatusReason))
	}
	if e.BaseLogOdds == nil || e.LogOdds == nil {
		return []output.Grid{head}
	}
	return []output.Grid{head, groupGrid(e, currency), whyGrid(e, currency)}
}

// byModel names the model that answered.
func byModel(s model.Score) string {
	if s.Model == nil {
		return ""
	}
	return fmt.Sprintf(", by model %d", *s.Model)
}

// groupGrid says in a line a family what raises the risk and what lowers it.
func groupGrid(e model.Explanation, currency string) output.Grid {
	g := output.Grid{
		Title:  "In short: the odds of leaving are those of everyone, times these",
		Header: []string{"because of", "odds", "risk", "log-odds", "mostly"},
		Widths: []int{0, 0, 0, 0, 60},
	}
	for _, group := range e.Groups {
		if group.Contributions == 0 {
			continue
		}
		g.Rows = append(g.Rows, []any{
			string(group.Family), times(group.OddsRatio), pointsOf(e.Score, group.Points), signed(group.LogOdds),
			mostly(e.Contributions, group, currency),
		})
	}
	g.Rows = append(
		g.Rows,
		[]any{"everyone (base)", times(math.Exp(*e.BaseLogOdds)), output.Percent(probability(*e.BaseLogOdds)), signed(*e.BaseLogOdds), "the usual customer"},
		[]any{"together", times(math.Exp(*e.LogOdds)), riskOf(e.Score, *e.LogOdds), signed(*e.LogOdds), nil},
	)
	g.Footer = append(shareLines("this answer comes from", e.DataShare, e.PriorShare),
		"points: how much lower the risk would be were that family as usual; log-odds add up, points don't")
	return g
}

// riskOf is the probability that log-odds stand for, withheld where the score
// withholds it.
func riskOf(s model.Score, logOdds float64) any {
	if s.Status != model.StatusOK {
		return nil
	}
	return output.Percent(probability(logOdds))
}

// pointsOf is what a family moves the risk by, withheld with it.
func pointsOf(s model.Score, points float64) any {
	if s.Status != model.StatusOK {
		return nil
	}
	return fmt.Sprintf("%+.1f points", points)
}

// mostly names the contribution that moves its family most, in the family's
// direction.
func mostly(parts []model.Contribution, group model.ContributionGroup, currency string) any {
	var most *model.Contribution
	for i, c := range parts {
		if c.Family != group.Family || c.LogOdds*group.LogOdds <= 0 || math.Abs(c.LogOdds) < smallContribution {
			continue
		}
		if most == nil || math.Abs(c.LogOdds) > math.Abs(most.LogOdds) {
			most = &parts[i]
		}
	}
	if most == nil {
		return "nothing much"
	}
	return fmt.Sprintf("%s: %s", most.Label, value(*most, currency))
}

// whyGrid lists the contributions one by one with the newest fact behind each.
func whyGrid(e model.Explanation, currency string) output.Grid {
	g := output.Grid{Title: "Exactly why", Header: []string{"feature", "value", "odds", "log-odds", "evidence"}, Widths: []int{36, 14, 0, 0, 38}}
	small, count := 0.0, 0
	for _, c := range e.Contributions {
		if math.Abs(c.LogOdds) < smallContribution {
			small, count = small+c.LogOdds, count+1
			continue
		}
		g.Rows = append(g.Rows, []any{c.Label, value(c, currency), times(math.Exp(c.LogOdds)), signed(c.LogOdds), evidence(c.Evidence)})
	}
	if count > 0 {
		g.Rows = append(g.Rows, []any{fmt.Sprintf("%d smaller ones together", count), nil, times(math.Exp(small)), signed(small), nil})
	}
	g.Rows = append(
		g.Rows,
		[]any{"base", nil, times(math.Exp(*e.BaseLogOdds)), signed(*e.BaseLogOdds), nil},
		[]any{"log-odds", nil, nil, signed(*e.LogOdds), nil},
	)
	g.Footer = []string{fmt.Sprintf("probability = 1 / (1 + exp(-log-odds)); calibration %s: slope %.3f, intercept %+.3f are already in the parts",
		e.Calibration.Method, e.Calibration.Slope, e.Calibration.Intercept)}
	return g
}

func percentile(s model.Score) any {
	if s.Percentile == nil {
		return nil
	}
	return output.Number{Value: *s.Percentile, Decimals: 1}
}

// satisfaction shows the index above its standard error and the answers behind
// it.
func satisfaction(s model.Score) any {
	if s.SatisfactionSE == nil || index(s) == nil {
		return nil
	}
	answers := "answers"
	if s.SatisfactionN == 1 {
		answers = "answer"
	}
	return output.Stack{index(s), fmt.Sprintf("+-%.0f by %d %s", *s.SatisfactionSE, s.SatisfactionN, answers)}
}

// dayOf shows an instant that is no more exact than its day.
func dayOf(t *time.Time) any {
	if t == nil {
		return nil
	}
	return t.UTC().Format(time.DateOnly)
}

func bandOf(s model.Score) any {
	if s.Band == nil {
		return nil
	}
	return string(*s.Band)
}

func signed(v float64) string { return fmt.Sprintf("%+.3f", v) }

// times writes an odds ratio.
func times(ratio float64) string { return fmt.Sprintf("x %.2f", ratio) }

func probability(logOdds float64) float64 { return 1 / (1 + math.Exp(-logOdds)) }

// evidence shows the newest fact, where it was read, and how many more there
// are.
func evidence(facts []model.Evidence) any {
	if len(facts) == 0 {
		return nil
	}
	text := fact(facts[0])
	if n := len(facts) - 1; n > 0 {
		text += fmt.Sprintf(" and %d more", n)
	}
	return text
}

// fact shows one fact with the file and line that it came from.
func fact(e model.Evidence) string {
	text := e.What
	switch {
	case e.OrderID == nil:
	case e.What == "order":
		text += " " + *e.OrderID
	default:
		text += " (order " + *e.OrderID + ")"
	}
	text += " on " + e.At.Format("2006-01-02")
	if e.TicketID != nil {
		text += ", ticket " + *e.TicketID
	}
	if e.Promised != nil {
		text += ", promised " + e.Promised.Format("2006-01-02")
	}
	if e.Delivered != nil {
		text += ", delivered " + e.Delivered.Format("2006-01-02")
	}
	if e.File != "" {
		text += fmt.Sprintf(", %s:%d", path.Base(e.File), e.Line)
	}
	return text
}

// shareLines says how much of an answer comes from data.
func shareLines(what string, data, prior *float64) []string {
	if data == nil || prior == nil {
		return nil
	}
	return []string{fmt.Sprintf("%s: %.0f %% data, %.0f %% prior (assumptions that the program ships: churnwatch models show lists them)", what, 100**data, 100**prior)}
}
