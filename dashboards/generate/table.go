package main

import (
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	gtable "github.com/grafana/grafana-foundation-sdk/go/table"
)

// column is a column of a table: a query, and how its values are shown.
type column struct {
	title, query, unit string
	decimals           float64
	steps              []dashboard.Threshold
}

// tableOf is a table with one row a value of some labels; each column's query
// must keep these labels alone.
func tableOf(p panel, columns ...column) panel {
	p.columns, p.kind = columns, table
	p.query, p.unit, p.steps = columns[0].query, columns[0].unit, columns[0].steps
	for _, c := range columns[1:] {
		p.more = append(p.more, target{c.query, p.legend})
	}
	return p
}

func (p panel) buildTable(id uint32) cog.Builder[dashboard.Panel] {
	if p.kind == matrix {
		p.steps = onlyValues(p.steps)
	}
	// What a panel says that has no data is not said in each cell without a value.
	b := described(gtable.NewPanelBuilder(), p, id).ShowHeader(true).Filterable(p.kind == table).
		OverrideByFieldType("number", []dashboard.DynamicConfigValue{{Id: "noValue", Value: ""}})
	if p.kind == matrix {
		names := []dashboard.DynamicConfigValue{{Id: "custom.cellOptions", Value: map[string]any{"type": "auto"}}}
		return b.OverrideByName(p.down+`\`+p.across, names).CellOptions(coloured()).Transformations([]dashboard.DataTransformerConfig{
			{Id: "groupingToMatrix", Options: map[string]any{
				"rowField": p.down, "columnField": p.across, "valueField": "Value", "emptyValue": "null",
			}},
		})
	}
	renamed, order := map[string]string{}, map[string]int{}
	for i, label := range labelsOf(p.legend) {
		order[label] = i
	}
	for i, c := range p.columns {
		field := "Value"
		if len(p.columns) > 1 {
			field += " #" + string(rune('A'+i))
		}
		renamed[field], order[field] = c.title, 10+i
		b = b.OverrideByName(c.title, []dashboard.DynamicConfigValue{
			{Id: "unit", Value: c.unit},
			{Id: "decimals", Value: c.decimals},
			{Id: "thresholds", Value: map[string]any{"mode": "absolute", "steps": c.steps}},
			{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}},
		})
	}
	return b.Transformations([]dashboard.DataTransformerConfig{
		{Id: "merge", Options: map[string]any{}},
		{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "renameByName": renamed, "indexByName": order,
		}},
	})
}

// labelsOf are the labels that a legend names, in its order.
func labelsOf(legend string) (out []string) {
	for part := range strings.SplitSeq(legend, "{{") {
		if label, _, ok := strings.Cut(part, "}}"); ok {
			out = append(out, label)
		}
	}
	return out
}

// onlyValues keeps cells without a value free of colour: Grafana gives them that
// of the lowest step. Values are 0 or more.
func onlyValues(all []dashboard.Threshold) []dashboard.Threshold {
	out := append(steps("transparent"), all...)
	out[1].Value = new(0.0)
	return out
}

// coloured paints a cell by its threshold.
func coloured() common.TableCellOptions {
	return common.TableCellOptions{TableColoredBackgroundCellOptions: &common.TableColoredBackgroundCellOptions{
		Type: common.TableCellDisplayModeColorBackground, Mode: new(common.TableCellBackgroundDisplayModeBasic),
	}}
}
