package main

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

// shownReasons and csvReasons are how many reasons a table and a CSV file name
// for each score.
const (
	shownReasons = 2
	csvReasons   = 3
)

func scoresGrid(scores []model.Score, currency string) []output.Grid {
	g := output.Grid{
		Header: []string{"customer", "risk", "kept " + currency, "at risk " + currency, "band", "satisf.", "why"},
		Widths: []int{0, 0, 0, 0, 0, 0, 46},
	}
	for _, s := range scores {
		g.Rows = append(g.Rows, []any{
			s.CustomerID,
			output.Stack{percent(s.ChurnProbability), interval(s.Interval)},
			amount(s.ExpectedValue, s.ValueInterval), amount(s.RevenueAtRisk, s.RevenueInterval),
			output.Stack{bandOf(s), string(s.Drift)},
			index(s), stacked(append(reasons(s, shownReasons, currency), ownQualityLines(s.DataQuality)...)),
		})
	}
	if len(scores) > 0 {
		g.Notes = qualityLines(scores[0].DataQuality)
		g.Footer = []string{
			intervalLine(scores),
			fmt.Sprintf("%s, as of %s; churnwatch explain CUSTOMER says exactly why", scores[0].LabelDefinition, output.Cell(scores[0].AsOf)),
		}
	}
	g.CSV = scoresCSV(scores, currency)
	return []output.Grid{g}
}

// qualityLines warns in a line of data that are not all right.
func qualityLines(q *model.DataQuality) []string {
	if q == nil || len(q.Reasons) == 0 {
		return nil
	}
	line := fmt.Sprintf("data quality %s: %s", q.Status, q.Reasons[0])
	if more := len(q.Reasons) - 1; more > 0 {
		line += fmt.Sprintf(" (and %d more: churnwatch check)", more)
	}
	return []string{line}
}

// ownQualityLines says what is odd about a customer's own facts.
func ownQualityLines(q *model.DataQuality) (lines []string) {
	if q == nil {
		return nil
	}
	for _, reason := range q.CustomerReasons {
		lines = append(lines, "data: "+reason)
	}
	return lines
}

// scoresCSV holds one figure a column.
func scoresCSV(scores []model.Score, currency string) *output.Grid {
	g := output.Grid{Header: []string{
		"customer", "risk", "interval", "band", "at risk " + currency, "drift", "satisfaction", "why",
		"status", "risk low", "risk high", "at risk low", "at risk high",
		"kept " + currency, "kept low", "kept high", "level", "data quality",
	}}
	for _, s := range scores {
		g.Rows = append(g.Rows, slices.Concat(
			[]any{
				s.CustomerID, percent(s.ChurnProbability), interval(s.Interval), bandOf(s), money(s.RevenueAtRisk),
				string(s.Drift), index(s), strings.Join(reasons(s, csvReasons, currency), ", "), string(s.Status),
			},
			ends(s.Interval), ends(s.RevenueInterval), []any{money(s.ExpectedValue)}, ends(s.ValueInterval),
			[]any{level(s), qualityOf(s)},
		))
	}
	return &g
}

func qualityOf(s model.Score) any {
	if s.DataQuality == nil {
		return nil
	}
	return string(s.DataQuality.Status)
}

func ends(i *model.Interval) []any {
	if i == nil {
		return []any{nil, nil}
	}
	return []any{i.Low, i.High}
}

// level is the coverage of a score's intervals.
func level(s model.Score) any {
	for _, i := range []*model.Interval{s.Interval, s.ValueInterval} {
		if i != nil {
			return i.Level
		}
	}
	return nil
}

// intervalLine says what stands below the figures.
func intervalLine(scores []model.Score) string {
	line := "kept: what is spent within the horizon if the customer stays; at risk: that times the risk"
	for _, s := range scores {
		if at, ok := level(s).(float64); ok {
			return line + fmt.Sprintf("; below each its %.0f %% interval", 100*at)
		}
	}
	return line
}

func percent(p *float64) any {
	if p == nil {
		return nil
	}
	return output.Percent(*p)
}

func money(v *float64) any {
	if v == nil {
		return nil
	}
	return output.Money(*v)
}

// interval writes the bounds of a probability, and one bound alone where both
// are next to certainty.
func interval(i *model.Interval) any {
	if i == nil {
		return nil
	}
	low, high := output.Percent(i.Low).String(), output.Percent(i.High).String()
	if low == high {
		return low
	}
	return fmt.Sprintf("%.1f-%.1f %%", 100*i.Low, 100*i.High)
}

// amount writes money above its interval, with cents where these are still
// told apart.
func amount(v *float64, i *model.Interval) any {
	if v == nil {
		return nil
	}
	largest := *v
	if i != nil {
		largest = i.High
	}
	decimals := 0
	if largest < 100 {
		decimals = 2
	}
	value := output.Number{Value: *v, Decimals: decimals}
	if i == nil {
		return output.Stack{value}
	}
	return output.Stack{value, fmt.Sprintf("%.*f-%.*f", decimals, i.Low, decimals, i.High)}
}

// index shows the satisfaction index, which without an answer says nothing.
func index(s model.Score) any {
	if s.SatisfactionIndex == nil || s.SatisfactionN == 0 {
		return nil
	}
	return output.Number{Value: *s.SatisfactionIndex, Decimals: 0}
}

// reasons names the largest contributions that raise the risk, or says why
// there is none.
func reasons(s model.Score, most int, currency string) (out []string) {
	if s.Status != model.StatusOK {
		return []string{fmt.Sprintf("%s: %s", s.Status, s.StatusReason)}
	}
	for _, c := range s.Contributions {
		if c.LogOdds > 0 && len(out) < most {
			out = append(out, fmt.Sprintf("%s (%s)", c.Label, value(c, currency)))
		}
	}
	return out
}

// stacked puts lines below each other.
func stacked(lines []string) output.Stack {
	out := make(output.Stack, len(lines))
	for i, line := range lines {
		out[i] = line
	}
	return out
}

// value shows a contribution's value with its unit.
func value(c model.Contribution, currency string) string {
	unit := c.Unit
	if unit == "money" {
		unit = currency
	}
	if both, ok := c.Value.([]any); ok {
		parts := make([]string, len(both))
		for i, v := range both {
			parts[i] = shown(v, "")
		}
		return strings.Join(parts, "; ")
	}
	return shown(c.Value, unit)
}

// shown writes one number, word or nothing.
func shown(value any, unit string) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case float64:
		if math.Abs(v) >= 100 {
			v = math.Round(v)
		}
		text := strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
		return strings.TrimSpace(text + " " + unit)
	}
	return fmt.Sprint(value)
}
