package exposition

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// painDescs describe what hurts.
type painDescs struct{ weight, incidents, customers *prometheus.Desc }

func newPainDescs() painDescs {
	return painDescs{
		weight: desc("painpoint_weight",
			"What one incident at its mean severity does to satisfaction, in points of the 0 to 100 scale: negative is worse.", "painpoint"),
		incidents: desc("painpoint_incidents_30d", "Incidents of the 30 days before the snapshot.", "painpoint"),
		customers: desc("painpoint_affected_customers", "Customers with an incident in the 30 days before the snapshot.", "painpoint"),
	}
}

func (d painDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.weight, d.incidents, d.customers}
}

// showPainPoints shows the weights; incidents are among the totals.
func (c *Collector) showPainPoints(ctx context.Context, f *figures) error {
	weights, err := c.source.PainPoints(ctx)
	if err != nil {
		return err
	}
	for _, w := range weights {
		if w.SatisfactionWeight != nil {
			f.gauge(c.pain.weight, w.SatisfactionWeight.Value, w.Name)
		}
	}
	return nil
}
