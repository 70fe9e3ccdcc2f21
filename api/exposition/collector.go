package exposition

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

// namespace begins the names of all our metrics.
const namespace = "churnwatch"

// Options say how much is shown.
type Options struct {
	// MostCohorts bounds the cohorts a dimension; the rest is "other".
	MostCohorts int
	// MinimumCell is the least number of customers of whom more than their
	// number is shown; below 1 it is 1.
	MinimumCell int
	// Currency is that of revenue, for the help texts.
	Currency string
	Version  string
	Clock    func() time.Time
}

// Collector holds the figures of the newest snapshot.
type Collector struct {
	source     Source
	options    Options
	cohort     cohortDescs
	segment    segmentDescs
	target     targetDescs
	pain       painDescs
	quality    qualityDescs
	ingest     ingestDescs
	trigger    triggerDescs
	experiment experimentDescs
	build      *prometheus.Desc

	refreshing sync.Mutex
	current    atomic.Pointer[figures]
}

var _ prometheus.Collector = (*Collector)(nil)

// New returns a collector that shows nothing until Refresh.
func New(source Source, o Options) *Collector {
	o.MinimumCell = max(o.MinimumCell, 1)
	c := &Collector{
		source: source, options: o, cohort: newCohortDescs(o.Currency), segment: newSegmentDescs(o.Currency), target: newTargetDescs(), pain: newPainDescs(),
		quality: newQualityDescs(), ingest: newIngestDescs(), trigger: newTriggerDescs(), experiment: newExperimentDescs(),
		build: desc("build_info", "Always 1; the label tells the running version of churnwatch.", "version"),
	}
	c.current.Store(newFigures())
	return c
}

// desc describes a metric of ours.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
}

// Refresh reads all figures anew and shows them from then on. What can't be
// read makes an error and leaves the figures as they were.
func (c *Collector) Refresh(ctx context.Context) error {
	c.refreshing.Lock()
	defer c.refreshing.Unlock()
	f := newFigures()
	f.gauge(c.build, 1, c.options.Version)
	asOf := c.options.Clock().UTC()
	snapshot, err := c.source.Snapshot(ctx)
	if err == nil {
		asOf = snapshot.AsOf
		err = errors.Join(
			c.showSnapshot(ctx, f, snapshot),
			present("segments", c.showSegments(ctx, f, asOf)), present("targets", c.showTargets(ctx, f, asOf)),
		)
	}
	if err := errors.Join(
		present("snapshot", err),
		present("model", c.showPredictor(ctx, f)),
		present("pain points", c.showPainPoints(ctx, f)),
		present("totals", c.showTotals(ctx, f, asOf)),
		present("triggers", c.showTriggers(ctx, f)),
		present("experiments", c.showExperiments(ctx, f)),
	); err != nil {
		return fmt.Errorf("refresh metrics: %w", err)
	}
	c.current.Store(f)
	return nil
}

// present passes over what is not there yet.
func present(what string, err error) error {
	if err == nil || model.KindOf(err) == model.KindNoData {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(out chan<- *prometheus.Desc) {
	out <- c.build
	for _, group := range []interface{ all() []*prometheus.Desc }{c.cohort, c.segment, c.target, c.pain, c.quality, c.ingest, c.trigger, c.experiment} {
		for _, d := range group.all() {
			out <- d
		}
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	c.current.Load().collect(c.options.Clock(), out)
}
