package webhook

import (
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/api/webhook/post"
	"github.com/churnwatch/churnwatch/model"
)

const namespace = "churnwatch"

// metrics count deliveries, and show how receivers are. No receiver is a label:
// `churnwatch webhooks list` names them.
type metrics struct {
	clock      func() time.Time
	deliveries *prometheus.CounterVec

	receivers, undelivered, backlog, oldest *prometheus.Desc

	mu     sync.Mutex
	states map[string]shown
}

// shown is what a receiver shows.
type shown struct {
	state         string // active, failing or disabled
	waiting, dead int
	backlog       uint64
	// oldest is since when something waits, zero where nothing does.
	oldest time.Time
}

func newMetrics(clock func() time.Time) *metrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
	}
	m := &metrics{
		clock: clock, states: map[string]shown{},
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "webhook_deliveries_total",
			Help: "Calls of receivers of webhooks, by how they ended.",
		}, []string{"result"}),
		receivers:   desc("webhook_receivers", "Receivers of webhooks: active, failing (the last call failed) or disabled.", "state"),
		undelivered: desc("webhook_undelivered", "Events that receivers did not take: waiting to be tried again, or dead.", "state"),
		backlog:     desc("webhook_backlog", "Changes that active receivers have yet to be told of, at most: by how much their numbers are behind."),
		oldest:      desc("webhook_oldest_undelivered_seconds", "Time since when an active receiver waits for an event, of the longest."),
	}
	for _, r := range post.Results() {
		m.deliveries.WithLabelValues(string(r))
	}
	return m
}

// Register shows the metrics of deliveries.
func (s *Service) Register(registry prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{s.metrics.deliveries, s.metrics} {
		if err := registry.Register(c); err != nil {
			return fmt.Errorf("webhooks: %w", err)
		}
	}
	return nil
}

func (m *metrics) count(r post.Result) {
	if r != post.Unknown {
		m.deliveries.WithLabelValues(string(r)).Inc()
	}
}

// begin shows receivers as they are before anything is sent.
func (m *metrics) begin(receivers []model.Receiver) {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.states)
	for _, r := range receivers {
		m.states[r.ID] = shown{state: stateOf(r), waiting: r.Waiting, dead: r.Dead}
	}
}

func stateOf(r model.Receiver) string {
	if r.State == model.ReceiverActive && r.FailingSince != nil {
		return "failing"
	}
	return string(r.State)
}

// show shows a courier as it is now.
func (s *Service) show(c *courier) {
	now := s.clock()
	out := shown{state: stateOf(c.r), waiting: len(c.waiting), dead: c.r.Dead}
	for _, of := range model.Feeds() {
		if newest := s.feeds.Seen(of); newest > c.r.Cursors[of] {
			out.backlog += uint64(newest - c.r.Cursors[of])
		}
	}
	switch {
	case out.backlog == 0:
		c.behind = time.Time{}
	case c.behind.IsZero():
		c.behind = now
	}
	out.oldest = c.behind
	for _, u := range c.waiting {
		if out.oldest.IsZero() || u.FirstAt.Before(out.oldest) {
			out.oldest = u.FirstAt
		}
	}
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	s.metrics.states[c.r.ID] = out
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.receivers, m.undelivered, m.backlog, m.oldest} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	m.mu.Lock()
	defer m.mu.Unlock()
	states := map[string]int{"active": 0, "failing": 0, "disabled": 0}
	var waiting, dead int
	var backlog uint64
	var oldest float64
	now := m.clock()
	for _, r := range m.states {
		states[r.state]++
		waiting, dead, backlog = waiting+r.waiting, dead+r.dead, backlog+r.backlog
		if r.state != string(model.ReceiverDisabled) && !r.oldest.IsZero() {
			oldest = max(oldest, now.Sub(r.oldest).Seconds())
		}
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for state, n := range states {
		gauge(m.receivers, float64(n), state)
	}
	gauge(m.undelivered, float64(waiting), "waiting")
	gauge(m.undelivered, float64(dead), "dead")
	gauge(m.backlog, float64(backlog))
	gauge(m.oldest, oldest)
}
