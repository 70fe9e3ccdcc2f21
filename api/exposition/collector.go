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
	// RetentionMonths bounds the months in which customers came, and the months
	// after; below 1 it is 12.
	RetentionMonths int
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
	insight    insightDescs
	bound      boundDescs
	build      *prometheus.Desc

	refreshing sync.Mutex
	// shown is the snapshot whose figures are held; nil for none.
	shown    *model.Snapshot
	snapshot *figures
	current  atomic.Pointer[figures]

	computing sync.Mutex
	computed  *int64 // the run whose insights are shown, nil for none
	insights  atomic.Pointer[figures]

	usage atomic.Pointer[usage]
}

var _ prometheus.Collector = (*Collector)(nil)

// New returns a collector that shows nothing until Refresh.
func New(source Source, o Options) *Collector {
	o.MinimumCell = max(o.MinimumCell, 1)
	if o.RetentionMonths < 1 {
		o.RetentionMonths = 12
	}
	c := &Collector{
		source: source, options: o, cohort: newCohortDescs(o.Currency), segment: newSegmentDescs(o.Currency), target: newTargetDescs(), pain: newPainDescs(),
		quality: newQualityDescs(), ingest: newIngestDescs(), trigger: newTriggerDescs(), experiment: newExperimentDescs(),
		insight: newInsightDescs(o.Currency), bound: newBoundDescs(),
		build: desc("build_info", "Always 1; the label tells the running version of churnwatch.", "version"),
	}
	c.current.Store(newFigures())
	c.insights.Store(newFigures())
	return c
}

// desc describes a metric of ours.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_"+name, help, labels, nil)
}

// Refresh reads totals anew, and the figures of the snapshot where that is
// another, and shows them from then on. What can't be read makes an error and
// leaves the figures as they were. Insights wait for RefreshInsights.
func (c *Collector) Refresh(ctx context.Context) error {
	c.refreshing.Lock()
	defer c.refreshing.Unlock()
	f := newFigures()
	f.gauge(c.build, 1, c.options.Version)
	asOf := c.options.Clock().UTC()
	f.age(c.bound.age, asOf, "totals")
	snapshot, held, err := c.ofSnapshot(ctx)
	if err == nil {
		asOf = snapshot.AsOf
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
	if err == nil {
		c.shown, c.snapshot = &snapshot, held
		f.join(held)
	}
	c.current.Store(f)
	return nil
}

// ofSnapshot returns the published snapshot with its figures, those that are
// held while it is the same.
func (c *Collector) ofSnapshot(ctx context.Context) (model.Snapshot, *figures, error) {
	snapshot, err := c.source.Snapshot(ctx)
	if err != nil {
		return snapshot, nil, err
	}
	if c.shown != nil && c.shown.Run == snapshot.Run && c.shown.Sequence == snapshot.Sequence {
		return snapshot, c.snapshot, nil
	}
	f := newFigures()
	f.age(c.bound.age, c.options.Clock().UTC(), "snapshot")
	return snapshot, f, errors.Join(
		c.showSnapshot(ctx, f, snapshot),
		present("segments", c.showSegments(ctx, f, snapshot.AsOf)), present("targets", c.showTargets(ctx, f, snapshot.AsOf)),
	)
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
	for _, group := range []interface{ all() []*prometheus.Desc }{c.cohort, c.segment, c.target, c.pain, c.quality, c.ingest, c.trigger, c.experiment, c.insight, c.bound} {
		for _, d := range group.all() {
			out <- d
		}
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(out chan<- prometheus.Metric) {
	now := c.options.Clock()
	for _, f := range []*figures{c.current.Load(), c.insights.Load(), c.usageNow()} {
		f.collect(now, out)
	}
}
