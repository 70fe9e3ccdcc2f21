package exposition

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"
)

// triggerDescs describe what is to be done about customers.
type triggerDescs struct{ total, open, overdue, latency *prometheus.Desc }

func newTriggerDescs() triggerDescs {
	labels := []string{"playbook", "urgency", "status"}
	return triggerDescs{
		total:   desc("triggers_total", "Triggers that ever had the status, by playbook and urgency.", labels...),
		open:    desc("triggers_open", "Triggers on which somebody is to act, by playbook, urgency and status.", labels...),
		overdue: desc("trigger_overdue", "Those of them that are past their due time.", labels...),
		latency: desc("trigger_latency_seconds", "Time from the opening of a trigger until it was done.", "playbook", "urgency"),
	}
}

func (d triggerDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.total, d.open, d.overdue, d.latency}
}

func (c *Collector) showTriggers(ctx context.Context, f *figures) error {
	totals, err := c.source.Triggers(ctx)
	if err != nil {
		return err
	}
	for _, t := range totals {
		labels := []string{t.Playbook, t.Urgency, t.Status}
		f.counter(c.trigger.total, float64(t.Ever), labels...)
		switch t.Status {
		case "open", "acknowledged", "escalated":
			f.gauge(c.trigger.open, float64(t.Now), labels...)
			f.gauge(c.trigger.overdue, float64(t.Overdue), labels...)
		case "done":
			f.summary(c.trigger.latency, uint64(t.Ever), t.LatencySeconds, t.Playbook, t.Urgency)
		}
	}
	return nil
}
