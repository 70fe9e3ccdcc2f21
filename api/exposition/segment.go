package exposition

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

// segmentDescs describe the matrix of answers by orders.
type segmentDescs struct{ customers, revenue, orders *prometheus.Desc }

func newSegmentDescs(currency string) segmentDescs {
	of := func(name, help string) *prometheus.Desc { return desc("nps_segment_"+name, help, "segment", "trend") }
	return segmentDescs{
		customers: of("customers", "Customers as of the snapshot by their newest answer (segment: promoter, passive, detractor, no_answer) and where their orders go "+
			"relative to the shop (trend: declining, steady, growing, too_few)."),
		revenue: of("revenue_30d", "Revenue of their 30 days before the snapshot, in "+currency+"."),
		orders:  of("orders_30d", "Orders of their 30 days before the snapshot."),
	}
}

func (d segmentDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.customers, d.revenue, d.orders}
}

// showSegments shows the matrix; of a small cell its size alone.
func (c *Collector) showSegments(ctx context.Context, f *figures, asOf time.Time) error {
	cells, err := c.source.Segments(ctx, asOf)
	if err != nil {
		return err
	}
	for _, cell := range cells {
		labels := []string{string(cell.Group), string(cell.Trend)}
		f.gauge(c.segment.customers, float64(cell.Customers), labels...)
		if cell.Customers < c.options.MinimumCell || cell.Status != model.FigureOK {
			continue
		}
		f.optional(c.segment.revenue, cell.Revenue30d, labels...)
		if cell.Orders30d != nil {
			f.gauge(c.segment.orders, float64(*cell.Orders30d), labels...)
		}
	}
	return nil
}
