package exposition

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// targetDescs describe what a shop wants to reach.
type targetDescs struct{ value, low, high, goal *prometheus.Desc }

func newTargetDescs() targetDescs {
	return targetDescs{
		value: desc("target_value", "What was measured of a target, over the customers whose window closed in the period before the snapshot: "+
			"a share of 0 to 1, of resurvey_change points. Left out where too few are known.", "target"),
		low:  desc("target_value_low", "Lower end of its 95 % interval.", "target"),
		high: desc("target_value_high", "Upper end of its 95 % interval.", "target"),
		goal: desc("target_goal", "The goal of a target, as configured.", "target"),
	}
}

func (d targetDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.value, d.low, d.high, d.goal}
}

func (c *Collector) showTargets(ctx context.Context, f *figures, asOf time.Time) error {
	targets, err := c.source.Targets(ctx, asOf)
	if err != nil {
		return err
	}
	for _, t := range targets {
		f.gauge(c.target.goal, t.Goal, string(t.Name))
		if t.Value != nil {
			f.gauge(c.target.value, t.Value.Value, string(t.Name))
			f.gauge(c.target.low, t.Value.Low, string(t.Name))
			f.gauge(c.target.high, t.Value.High, string(t.Name))
		}
	}
	return nil
}
