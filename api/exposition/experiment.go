package exposition

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

// mostExperiments bounds the experiments that are shown, the first by name.
const mostExperiments = 30

// experimentDescs describe what experiments have found.
type experimentDescs struct{ uplift, low, high, assigned *prometheus.Desc }

func newExperimentDescs() experimentDescs {
	labels := []string{"experiment", "variant"}
	return experimentDescs{
		uplift:   desc("experiment_uplift", "Mean of the measure that decides in the variant minus that in the arm it is compared with, over customers whose window is over; absent while there are too few. Whether it is proven is told by churnwatch experiments.", labels...),
		low:      desc("experiment_uplift_low", "Lower end of the interval of that difference, which may be looked at on any day.", labels...),
		high:     desc("experiment_uplift_high", "Upper end of it.", labels...),
		assigned: desc("experiment_assigned_total", "Customers assigned to the arm.", labels...),
	}
}

func (d experimentDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.uplift, d.low, d.high, d.assigned}
}

func (c *Collector) showExperiments(ctx context.Context, f *figures) error {
	found, err := c.source.Experiments(ctx)
	if err != nil {
		return err
	}
	for i := range found[:min(len(found), mostExperiments)] {
		c.showExperiment(f, &found[i])
	}
	c.showFolded(f, "experiment", "", max(len(found)-mostExperiments, 0))
	return nil
}

func (c *Collector) showExperiment(f *figures, e *model.Experiment) {
	for _, a := range e.Arms {
		f.counter(c.experiment.assigned, float64(a.Assigned), e.Name, a.Variant)
	}
	for i := range e.Comparisons {
		if r := &e.Comparisons[i]; r.Decides && r.Difference != nil {
			f.gauge(c.experiment.uplift, r.Difference.Value, e.Name, r.Variant)
			f.gauge(c.experiment.low, r.Difference.Low, e.Name, r.Variant)
			f.gauge(c.experiment.high, r.Difference.High, e.Name, r.Variant)
		}
	}
}
