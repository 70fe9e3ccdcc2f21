package exposition

import "github.com/prometheus/client_golang/prometheus"

// boundDescs say what is not shown by itself.
type boundDescs struct{ folded, small, age *prometheus.Desc }

func newBoundDescs() boundDescs {
	return boundDescs{
		folded: desc("folded_label_values", "Values of a label (label, within a dimension or kind) that are not shown by themselves, "+
			"because there are more than are kept apart: they count in other, or where nothing can be added up are left out.", "label", "within"),
		small: desc("small_cohorts", "Cohorts of the dimension with fewer customers than the minimum cell: of these the number of customers alone is shown.", "dimension"),
		age: desc("figures_age_seconds", "Time since the figures of this page were read, by part: snapshot and totals are read when scores or data change, "+
			"insights once per snapshot.", "part"),
	}
}

func (d boundDescs) all() []*prometheus.Desc { return []*prometheus.Desc{d.folded, d.small, d.age} }

// showFolded tells of values that are not shown by themselves. Nothing folded
// is shown as 0, so that an alert can tell it from a missing figure.
func (c *Collector) showFolded(f *figures, label, within string, values int) {
	f.gauge(c.bound.folded, float64(values), label, within)
}
