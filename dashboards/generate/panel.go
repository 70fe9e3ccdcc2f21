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
)

// panel is one panel as data. Every field but bounds must be set.
type panel struct {
	kind        kind
	title       string
	description string
	unit        string
	decimals    float64
	query       string
	legend      string
	steps       []dashboard.Threshold
	bounds      *bounds
	width       uint32
	height      uint32
}

// bounds are the ends of a scale.
type bounds struct{ low, high float64 }

// noData is what a panel says that has nothing to show.
const noData = "nothing to show yet: train and score first"

// build makes the panel with its number on the dashboard.
func (p panel) build(id uint32) cog.Builder[dashboard.Panel] {
	query := prometheus.NewDataqueryBuilder().Expr(p.query).LegendFormat(p.legend).RefId("A").Datasource(source())
	calc := common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})
	switch p.kind {
	case number:
		return described(stat.NewPanelBuilder(), p, id, query.Instant()).
			ReduceOptions(calc).GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeValue).Orientation(common.VizOrientationAuto)
	case bars:
		return described(bargauge.NewPanelBuilder(), p, id, query.Instant()).
			ReduceOptions(calc).Orientation(common.VizOrientationHorizontal).DisplayMode(common.BarGaugeDisplayModeBasic)
	case lines:
	}
	return described(timeseries.NewPanelBuilder(), p, id, query.Range()).
		Legend(common.NewVizLegendOptionsBuilder().DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom).ShowLegend(true))
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
	WithTarget(target cog.Builder[variants.Dataquery]) B
	Span(width uint32) B
	Height(height uint32) B
}

// described sets what every panel has.
func described[B builder[B]](b B, p panel, id uint32, query cog.Builder[variants.Dataquery]) B {
	steps := dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(p.steps)
	b = b.Id(id).Title(p.title).Description(p.description).Datasource(source()).Unit(p.unit).Decimals(p.decimals).
		NoValue(noData).Thresholds(steps).WithTarget(query).Span(p.width).Height(p.height)
	if p.bounds != nil {
		b = b.Min(p.bounds.low).Max(p.bounds.high)
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
