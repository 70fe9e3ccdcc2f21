package exposition

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// painDescs describe what hurts.
type painDescs struct{ weight, incidents, customers, odds, share *prometheus.Desc }

func newPainDescs() painDescs {
	return painDescs{
		weight: desc("painpoint_weight",
			"What one incident at its mean severity does to satisfaction, in points of the 0 to 100 scale: negative is worse.", "painpoint"),
		incidents: desc("painpoint_incidents_30d", "Incidents of the 30 days before the snapshot.", "painpoint"),
		customers: desc("painpoint_affected_customers", "Customers with an incident in the 30 days before the snapshot.", "painpoint"),
		odds:      desc("painpoint_churn_log_odds", "What one incident adds to the log-odds of churn, all else equal: 0.7 doubles the odds.", "painpoint"),
		share: desc("painpoint_churn_share", "Share, 0 to 1, of the churn that goes with these incidents, all else as it is: an association, no proof of a cause.",
			"painpoint"),
	}
}

func (d painDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.weight, d.incidents, d.customers, d.odds, d.share}
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
		if w.ChurnLogOdds != nil {
			f.gauge(c.pain.odds, w.ChurnLogOdds.Value, w.Name)
		}
		if w.ShareOfChurn != nil {
			f.gauge(c.pain.share, w.ShareOfChurn.Value, w.Name)
		}
	}
	return nil
}
