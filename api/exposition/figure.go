package exposition

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// figures are what a refresh has read, as finished metrics.
type figures struct {
	fixed []prometheus.Metric
	ages  []age
	seen  map[string]bool
}

// age is a figure that grows with the clock.
type age struct {
	desc   *prometheus.Desc
	since  time.Time
	labels []string
}

func newFigures() *figures { return &figures{seen: map[string]bool{}} }

// gauge adds a value. What is not a number is left out: an absent series says
// "not known", a 0 would not.
func (f *figures) gauge(desc *prometheus.Desc, value float64, labels ...string) {
	f.add(desc, prometheus.GaugeValue, value, labels)
}

// optional adds a value where there is one.
func (f *figures) optional(desc *prometheus.Desc, value *float64, labels ...string) {
	if value != nil {
		f.gauge(desc, *value, labels...)
	}
}

// counter adds a running total.
func (f *figures) counter(desc *prometheus.Desc, value float64, labels ...string) {
	f.add(desc, prometheus.CounterValue, value, labels)
}

// summary adds how many there were and what they add up to.
func (f *figures) summary(desc *prometheus.Desc, count uint64, sum float64, labels ...string) {
	if labels, ok := f.fresh(desc, labels); ok {
		f.fixed = append(f.fixed, prometheus.MustNewConstSummary(desc, count, sum, nil, labels...))
	}
}

func (f *figures) add(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels []string) {
	labels, ok := f.fresh(desc, labels)
	if !ok || math.IsNaN(value) || math.IsInf(value, 0) {
		return
	}
	f.fixed = append(f.fixed, prometheus.MustNewConstMetric(desc, kind, value, labels...))
}

// age adds the time that has passed since an instant.
func (f *figures) age(desc *prometheus.Desc, since time.Time, labels ...string) {
	if labels, ok := f.fresh(desc, labels); ok && !since.IsZero() {
		f.ages = append(f.ages, age{desc, since, labels})
	}
}

// fresh makes labels valid UTF-8 and reports whether the series is new: two
// cohorts may have become equal by that.
func (f *figures) fresh(desc *prometheus.Desc, labels []string) ([]string, bool) {
	labels = slices.Clone(labels)
	for i := range labels {
		labels[i] = strings.ToValidUTF8(labels[i], "�")
	}
	key := desc.String() + "\x00" + strings.Join(labels, "\x00")
	if f.seen[key] {
		return nil, false
	}
	f.seen[key] = true
	return labels, true
}

// join adds the figures of another, which stay as they are.
func (f *figures) join(other *figures) {
	f.fixed = append(f.fixed, other.fixed...)
	f.ages = append(f.ages, other.ages...)
}

// collect sends everything, ages as of now.
func (f *figures) collect(now time.Time, out chan<- prometheus.Metric) {
	for _, m := range f.fixed {
		out <- m
	}
	for _, a := range f.ages {
		out <- prometheus.MustNewConstMetric(a.desc, prometheus.GaugeValue, now.Sub(a.since).Seconds(), a.labels...)
	}
}
