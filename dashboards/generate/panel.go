package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// kind is how a panel shows its figures.
type kind int

const (
	number kind = iota // one figure, now
	bars               // one bar a series, now
	lines              // one line a series, over time
	areas              // series on top of each other, over time
	table              // one row a series, one column a query, now
	matrix             // one label down, another across, cells coloured, now
)

// panel is one panel as data. Those fields must be set that are not said to be
// optional.
type panel struct {
	kind        kind
	title       string
	description string
	unit        string
	decimals    float64
	query       string
	legend      string
	// more are further queries, optional.
	more  []target
	steps []dashboard.Threshold
	// bounds, optional, are the ends of the scale.
	bounds *bounds
	// empty, optional, is what is said where there is nothing to show.
	empty string
	// link, optional, is where a click on a series leads.
	link *link
	// down and across are the labels of a matrix.
	down, across string
	// columns are those of a table, after the labels.
	columns       []column
	width, height uint32
}

// target is a query beside the first.
type target struct{ query, legend string }

// bounds are the ends of a scale.
type bounds struct{ low, high float64 }

// link leads to another dashboard, with the choice that a click has made.
type link struct{ title, board, with string }

// noData is what a panel says that has nothing to show.
const noData = "nothing to show yet: train and score first"

// build makes the panel with its number on the dashboard.
func (p panel) build(id uint32) cog.Builder[dashboard.Panel] {
	calc := common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})
	switch p.kind {
	case number:
		return described(stat.NewPanelBuilder(), p, id).
			ReduceOptions(calc).GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeValue).Orientation(common.VizOrientationAuto)
	case bars:
		return described(bargauge.NewPanelBuilder(), p, id).
			ReduceOptions(calc).Orientation(common.VizOrientationHorizontal).DisplayMode(common.BarGaugeDisplayModeBasic)
	case table, matrix:
		return p.buildTable(id)
	case lines, areas:
	}
	out := described(timeseries.NewPanelBuilder(), p, id).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true))
	if p.kind == areas {
		out = out.FillOpacity(40).Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	}
	return out
}

// targets are the panel's queries, A and on.
func (p panel) targets() []target {
	return append([]target{{p.query, p.legend}}, p.more...)
}

func (p panel) queries() (out []cog.Builder[variants.Dataquery]) {
	for i, t := range p.targets() {
		q := prometheus.NewDataqueryBuilder().Expr(t.query).LegendFormat(t.legend).RefId(string(rune('A' + i))).Datasource(source())
		switch p.kind {
		case lines, areas:
			q = q.Range()
		case table, matrix:
			q = q.Instant().Format(prometheus.PromQueryFormatTable)
		case number, bars:
			q = q.Instant()
		}
		out = append(out, q)
	}
	return out
}

// builder is what all builders of panels have in common.
type builder[B any] interface {
	Id(id uint32) B
	Title(title string) B
	Description(description string) B
	Datasource(datasource common.DataSourceRef) B
	Unit(unit string) B
	Decimals(decimals float64) B
	Min(low float64) B
	Max(high float64) B
	NoValue(text string) B
	Thresholds(thresholds cog.Builder[dashboard.ThresholdsConfig]) B
	Targets(targets []cog.Builder[variants.Dataquery]) B
	DataLinks(links []cog.Builder[dashboard.DashboardLink]) B
	Span(width uint32) B
	Height(height uint32) B
}

// described sets what every panel has.
func described[B builder[B]](b B, p panel, id uint32) B {
	steps := dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(p.steps)
	empty := p.empty
	if empty == "" {
		empty = noData
	}
	b = b.Id(id).Title(p.title).Description(p.description).Datasource(source()).Unit(p.unit).Decimals(p.decimals).
		NoValue(empty).Thresholds(steps).Targets(p.queries()).Span(p.width).Height(p.height)
	if p.bounds != nil {
		b = b.Min(p.bounds.low).Max(p.bounds.high)
	}
	if p.link != nil {
		b = b.DataLinks([]cog.Builder[dashboard.DashboardLink]{
			dashboard.NewDashboardLinkBuilder(p.link.title).Type(dashboard.DashboardLinkTypeLink).
				Url("/d/" + uid(p.link.board) + "?${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${instance:queryparam}" + p.link.with),
		})
	}
	return b
}

// neutral colours every value alike.
func neutral() []dashboard.Threshold { return steps("blue") }

// rising warns from one value and alarms from a higher one.
func rising(warn, alarm float64) []dashboard.Threshold {
	return steps("green", step{warn, "orange"}, step{alarm, "red"})
}

// falling alarms below one value and warns below a higher one.
func falling(alarm, warn float64) []dashboard.Threshold {
	return steps("red", step{alarm, "orange"}, step{warn, "green"})
}

type step struct {
	from   float64
	colour string
}

func steps(base string, above ...step) []dashboard.Threshold {
	out := make([]dashboard.Threshold, 1, 1+len(above))
	out[0].Color = base
	for _, s := range above {
		out = append(out, dashboard.Threshold{Value: &s.from, Color: s.colour})
	}
	return out
}

// source is the data source that the dashboard's variable names.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

// noUnit prints a number as it is.
const noUnit = "none"

const day = 24 * 60 * 60.0

// each gives panels of a section the same kind and size.
func each(k kind, width, height uint32, panels ...panel) []panel {
	for i := range panels {
		p := &panels[i]
		p.kind, p.width, p.height = k, width, height
		if p.legend == "" {
			p.legend = p.title
		}
	}
	return panels
}
