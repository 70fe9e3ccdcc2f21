package exposition

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// mostHotspots bounds the cells shown that stand out, and as many that excel.
	mostHotspots = 50
	// mostThemes and mostShifts bound the themes and the features shown.
	mostThemes = 30
	mostShifts = 40
	// mostSuffered bounds the pain points that are told apart by cohort, those
	// that most customers met with.
	mostSuffered = 8
)

// insightDescs describe what takes long to compute.
type insightDescs struct {
	hotspot, touched, revenue, excels *prometheus.Desc

	suffered, came, retention *prometheus.Desc

	complaints *prometheus.Desc

	said, left, leftLow, leftHigh, realisedAUC *prometheus.Desc

	gate, shift *prometheus.Desc
}

func newInsightDescs(currency string) insightDescs {
	cell := []string{"painpoint", "dimension", "cohort"}
	return insightDescs{
		hotspot: desc("hotspot_score", "Incidents beyond what is expected of a cell (a sku, supplier, category, channel, region or week) at the cautious end of the interval, "+
			"for cells that stand out by more than chance. Of low_satisfaction: answers that lost the whole scale.", cell...),
		touched: desc("hotspot_customers", "Customers with an incident in the cell.", cell...),
		revenue: desc("hotspot_revenue", "Revenue of the orders that the cell's incidents touched, in "+currency+".", cell...),
		excels:  desc("excellence_score", "Incidents fewer than expected of a cell at the cautious end of the interval, for cells that are better than the rest by more than chance.", cell...),
		suffered: desc("cohort_painpoint_affected_customers", "Customers of the cohort with an incident of the pain point in the 30 days before the snapshot, of the pain points that most customers met with.",
			"dimension", "cohort", "painpoint"),
		came: desc("retention_customers", "Customers whose first known order (or contract) was in the month: whoever was there before the data begin seems to come with them.", "month"),
		retention: desc("retention_rate", "Share, 0 to 1, of the customers who came in the month that bought again in the month so many months later (age, two digits), "+
			"or by contracts still had one at its end. Only months that are over.", "month", "age"),
		complaints: desc("theme_complaints", "Complaints about a theme in the four newest weeks with remarks: comments of answers, tags, and topics of tickets.", "theme"),
		said: desc("realised_churn_said", "Mean probability of churn, 0 to 1, that the newest forecast whose horizon has passed had said, by group: all, untreated and treated "+
			"(sent a retention message within the horizon), holdout (kept without).", "group"),
		left:        desc("realised_churn_rate", "Share, 0 to 1, of the same customers who have churned since.", "group"),
		leftLow:     desc("realised_churn_rate_low", "Lower end of the 95 % interval of that share, judged by the distance of said and happened.", "group"),
		leftHigh:    desc("realised_churn_rate_high", "Upper end of it.", "group"),
		realisedAUC: desc("realised_auc", "Area under the ROC curve of that forecast, as it turned out: 0.5 is guessing, 1 is perfect.", "group"),
		gate: desc("data_gate", "Data-quality gates by name and status (green, yellow: use with care, red: not to be trained on, not_applicable: nothing to judge): "+
			"how many of the name have it.", "gate", "status"),
		shift: desc("model_input_shift", "Population stability index of a feature now against what the active model was trained on: below 0.1 is little, above 0.25 much. "+
			"Those that moved most.", "feature"),
	}
}

func (d insightDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{
		d.hotspot, d.touched, d.revenue, d.excels, d.suffered, d.came, d.retention, d.complaints,
		d.said, d.left, d.leftLow, d.leftHigh, d.realisedAUC, d.gate, d.shift,
	}
}

// RefreshInsights computes the insights of the published snapshot and shows them
// from then on; those of a snapshot that are shown already are left as they are.
// A part that can't be computed makes an error, and is left out.
func (c *Collector) RefreshInsights(ctx context.Context) error {
	c.computing.Lock()
	defer c.computing.Unlock()
	snapshot, err := c.source.Snapshot(ctx)
	if err := present("snapshot", err); err != nil {
		return fmt.Errorf("refresh metrics: %w", err)
	}
	if err != nil || c.computed != nil && *c.computed == snapshot.Run {
		return nil
	}
	f, asOf := newFigures(), snapshot.AsOf
	f.age(c.bound.age, c.options.Clock().UTC(), "insights")
	err = errors.Join(
		present("retention", c.showRetention(ctx, f, asOf)),
		present("incidents by cohort", c.showSuffered(ctx, f)),
		present("complaints", c.showComplaints(ctx, f, asOf)),
		present("realised", c.showRealised(ctx, f)),
		present("gates", c.showGates(ctx, f, asOf)),
		present("hotspots", c.showHotspots(ctx, f, asOf)),
		present("shifts", c.showShifts(ctx, f, asOf)),
	)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.insights.Store(f)
	c.computed = &snapshot.Run
	if err != nil {
		return fmt.Errorf("refresh metrics: %w", err)
	}
	return nil
}

func (c *Collector) showHotspots(ctx context.Context, f *figures, asOf time.Time) error {
	found, err := c.source.Hotspots(ctx, asOf)
	if err != nil {
		return err
	}
	shown := map[model.Direction]int{}
	for _, h := range found {
		if shown[h.Direction]++; shown[h.Direction] > mostHotspots {
			continue
		}
		labels := []string{h.PainPoint, h.Dimension, h.Cohort}
		if h.Direction == model.Excel {
			f.gauge(c.insight.excels, math.Abs(h.Score), labels...)
			continue
		}
		f.gauge(c.insight.hotspot, h.Score, labels...)
		if h.Customers >= int64(c.options.MinimumCell) {
			f.gauge(c.insight.touched, float64(h.Customers), labels...)
			f.optional(c.insight.revenue, h.Revenue, labels...)
		}
	}
	for _, direction := range []model.Direction{model.Worse, model.Excel} {
		c.showFolded(f, string(direction), "", max(shown[direction]-mostHotspots, 0))
	}
	return nil
}

// showSuffered shows of cohorts as large as the minimum cell what they met with.
func (c *Collector) showSuffered(ctx context.Context, f *figures) error {
	cohorts, err := c.source.Cohorts(ctx, c.options.MostCohorts)
	if err != nil {
		return err
	}
	large := map[[2]string]bool{}
	for _, row := range cohorts {
		large[[2]string{row.Dimension, row.Cohort}] = row.Customers >= c.options.MinimumCell
	}
	rows, err := c.source.CohortIncidents(ctx, c.options.MostCohorts)
	if err != nil {
		return err
	}
	most, rest := mostMet(rows)
	for _, r := range rows {
		if most[r.PainPoint] && large[[2]string{r.Dimension, r.Cohort}] {
			f.gauge(c.insight.suffered, float64(r.Customers), r.Dimension, r.Cohort, r.PainPoint)
		}
	}
	c.showFolded(f, "painpoint", "cohorts", rest)
	return nil
}

// mostMet returns the pain points that most customers met with, and how many
// there are beside them.
func mostMet(rows []CohortIncidents) (most map[string]bool, rest int) {
	customers := map[string]int64{}
	for _, r := range rows { // Every customer is in one cohort of each dimension.
		customers[r.PainPoint] += r.Customers
	}
	names := slices.SortedFunc(maps.Keys(customers), func(a, b string) int {
		return cmp.Or(cmp.Compare(customers[b], customers[a]), cmp.Compare(a, b))
	})
	most = map[string]bool{}
	for _, name := range names[:min(len(names), mostSuffered)] {
		most[name] = true
	}
	return most, len(names) - len(most)
}

// showRetention shows of a small month its size alone.
func (c *Collector) showRetention(ctx context.Context, f *figures, asOf time.Time) error {
	rows, all, err := c.source.Retention(ctx, asOf, c.options.RetentionMonths)
	if err != nil {
		return err
	}
	months := map[time.Time]bool{}
	for _, r := range rows {
		month := r.Month.Format("2006-01")
		months[r.Month] = true
		f.gauge(c.insight.came, float64(r.Customers), month)
		if r.Customers >= int64(c.options.MinimumCell) && r.Age > 0 {
			f.gauge(c.insight.retention, float64(r.Retained)/float64(r.Customers), month, fmt.Sprintf("%02d", r.Age))
		}
	}
	c.showFolded(f, "month", "", max(all-len(months), 0))
	return nil
}

func (c *Collector) showComplaints(ctx context.Context, f *figures, asOf time.Time) error {
	themes, err := c.source.Complaints(ctx, asOf)
	if err != nil {
		return err
	}
	slices.SortFunc(themes, func(a, b ThemeTotal) int {
		return cmp.Or(cmp.Compare(b.Complaints, a.Complaints), cmp.Compare(a.Theme, b.Theme))
	})
	rest := int64(0)
	for i, t := range themes {
		if i < mostThemes {
			f.gauge(c.insight.complaints, float64(t.Complaints), t.Theme)
			continue
		}
		rest += t.Complaints
	}
	if rest > 0 {
		f.gauge(c.insight.complaints, float64(rest), otherReason)
	}
	c.showFolded(f, "theme", "", max(len(themes)-mostThemes, 0))
	return nil
}

// showRealised shows groups as large as the minimum cell.
func (c *Collector) showRealised(ctx context.Context, f *figures) error {
	snapshot, err := c.source.Realised(ctx)
	if err != nil || snapshot.Figures == nil {
		return err
	}
	for group, figures := range map[string]*model.RealisedGroup{
		"all": &snapshot.Figures.All, "untreated": snapshot.Figures.Untreated, "treated": snapshot.Figures.Treated, "holdout": snapshot.Figures.Holdout,
	} {
		if figures == nil || figures.Customers < c.options.MinimumCell {
			continue
		}
		f.gauge(c.insight.said, figures.Said, group)
		f.gauge(c.insight.left, figures.Left, group)
		f.gauge(c.insight.leftLow, max(0, figures.Said-figures.Level.High), group)
		f.gauge(c.insight.leftHigh, min(1, figures.Said-figures.Level.Low), group)
		if figures.ROCAUC != nil {
			f.gauge(c.insight.realisedAUC, figures.ROCAUC.Value, group)
		}
	}
	return nil
}

func (c *Collector) showGates(ctx context.Context, f *figures, asOf time.Time) error {
	gates, err := c.source.Gates(ctx, asOf)
	if err != nil {
		return err
	}
	count := map[[2]string]int{}
	for _, g := range gates {
		count[[2]string{g.Name, string(g.Status)}]++
	}
	for labels, n := range count {
		f.gauge(c.insight.gate, float64(n), labels[:]...)
	}
	return nil
}

// showShifts shows the features that have moved most.
func (c *Collector) showShifts(ctx context.Context, f *figures, asOf time.Time) error {
	shifts, err := c.source.Shifts(ctx, asOf)
	if err != nil {
		return err
	}
	slices.SortStableFunc(shifts, func(a, b Shift) int { return cmp.Compare(b.Value, a.Value) })
	for _, s := range shifts[:min(len(shifts), mostShifts)] {
		f.gauge(c.insight.shift, s.Value, s.Feature)
	}
	c.showFolded(f, "feature", "", max(len(shifts)-mostShifts, 0))
	return nil
}
