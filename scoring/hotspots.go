package scoring

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/hotspot"
)

// HotspotRequest says which cells to look at.
type HotspotRequest struct {
	// AsOf is the instant; zero is the watermark.
	AsOf time.Time
	// Window is how far back exposures count; 0 is 90 days.
	Window time.Duration
	// Least is the exposures that a cell must have to be looked at; 0 is 30.
	Least int64
	// Level is the false discovery rate; 0 is 0.10.
	Level float64
	// PainPoint and Dimension, where given, are all that is reported. The
	// family that cells are judged in stays that of all.
	PainPoint, Dimension string
	// All adds the cells that do not stand out, or not for themselves.
	All bool
}

const (
	hotspotWindow     = 90 * model.Day
	hotspotLeast      = 30
	hotspotLevel      = 0.10
	hotspotConfidence = 0.95
	// rescan is the time between a scan and the one before, by which a cell
	// passes twice, and atOnce the share of the level at which once will do.
	rescan = 7 * model.Day
	atOnce = 0.1
	// mostDistinct bounds the cells of a pain point that are told apart.
	mostDistinct = 400

	passedTwice, passedOnce, notPassed = "twice", "once", "no"
	// notTested is said of a cell that passes beyond those that are told apart.
	notTested = "not_tested"
)

func (r HotspotRequest) withDefaults() (HotspotRequest, error) {
	r.Window = cmp.Or(r.Window, hotspotWindow)
	r.Least = cmp.Or(r.Least, hotspotLeast)
	r.Level = cmp.Or(r.Level, hotspotLevel)
	switch {
	case r.Window < model.Day:
		return r, model.Errorf(model.KindInvalid, "window %s is shorter than a day", r.Window)
	case r.Least < 2:
		return r, model.Errorf(model.KindInvalid, "at least %d exposures: want 2 or more", r.Least)
	case r.Dimension != "" && !model.IsHotspotDimension(r.Dimension):
		return r, model.Errorf(model.KindInvalid, "dimension %q: want one of %s", r.Dimension, strings.Join(model.HotspotDimensions(), ", "))
	case !(r.Level > 0 && r.Level < 1):
		return r, model.Errorf(model.KindInvalid, "false discovery rate %v is not between 0 and 1", r.Level)
	}
	return r, nil
}

// Hotspots looks at every cell of every pain point and dimension for what
// departs from the rest of the shop, worst first, then what excels. It scans
// the window before the instant and the one before a week ago; both are
// computed from what was known then, so nothing needs to be stored.
func (s *Service) Hotspots(ctx context.Context, r HotspotRequest) (model.HotspotReport, error) {
	r, err := r.withDefaults()
	if err != nil {
		return model.HotspotReport{}, err
	}
	if r.AsOf, err = s.at(ctx, r.AsOf, s.settings.Definition.Kind); err != nil {
		return model.HotspotReport{}, err
	}
	now, err := s.scan(ctx, r, r.AsOf)
	if err != nil {
		return model.HotspotReport{}, err
	}
	before, err := s.scan(ctx, r, r.AsOf.Add(-rescan))
	if err != nil {
		return model.HotspotReport{}, err
	}
	report := model.HotspotReport{
		AsOf: r.AsOf, From: r.AsOf.Add(-r.Window), Cells: len(now.cells), PainPoints: now.painpoints(), Level: r.Level, Least: r.Least,
		Hotspots: []model.Hotspot{}, Warnings: now.warnings(),
	}
	labels, uncounted, err := s.hotspotLabels(ctx, r, report)
	if err != nil {
		return model.HotspotReport{}, err
	}
	report.Warnings = append(report.Warnings, uncounted...)
	for _, p := range now.parts {
		if r.PainPoint != "" && r.PainPoint != p.counts.PainPoint {
			continue
		}
		found, cut, err := s.distinct(ctx, r, p, now, before)
		if err != nil {
			return model.HotspotReport{}, err
		}
		if cut > 0 {
			report.Warnings = append(report.Warnings, fmt.Sprintf(
				"%s: %d cells pass; only the %d with the smallest p-values are told apart from what they share exposures with, %d are not tested for that and left out",
				p.counts.PainPoint, mostDistinct+cut, mostDistinct, cut))
		}
		for _, h := range found {
			if r.Dimension != "" && r.Dimension != h.Dimension {
				continue
			}
			h.Label = labels[h.PainPoint]
			if own := slices.IndexFunc(s.settings.PainPoints, func(p model.PainPoint) bool { return p.Name == h.PainPoint }); own >= 0 {
				h.Unit = ownExposureUnit(s.settings.PainPoints[own])
			}
			report.Hotspots = append(report.Hotspots, h)
		}
	}
	slices.SortStableFunc(report.Hotspots, worstFirst)
	return report, nil
}

func worstFirst(a, b model.Hotspot) int {
	return cmp.Or(
		-cmp.Compare(passRank(a.Passes), passRank(b.Passes)),
		-cmp.Compare(a.Direction, b.Direction), // hotspot before excels
		-cmp.Compare(a.Score, b.Score), cmp.Compare(a.PValue, b.PValue),
		cmp.Compare(a.PainPoint, b.PainPoint), cmp.Compare(a.Dimension, b.Dimension), cmp.Compare(a.Cohort, b.Cohort),
	)
}

// standsOut says so of a cell that passed and was told apart from others.
func standsOut(passes string) bool { return passes == passedTwice || passes == passedOnce }

// passRank puts what stands out before what does not.
func passRank(passes string) int {
	if standsOut(passes) {
		return 1
	}
	return 0
}

// hotspotLabels returns the phrase for each pain point, and KindInvalid when
// the one asked for is none; and where no cell was looked at, which pain points
// have incidents that nothing can be counted against.
func (s *Service) hotspotLabels(ctx context.Context, r HotspotRequest, report model.HotspotReport) (map[string]string, []string, error) {
	detectors, err := s.warehouse.Detectors(ctx, r.AsOf, s.settings.PainPoints...)
	if err != nil {
		return nil, nil, err
	}
	var uncounted []string
	labels := map[string]string{model.LowSatisfaction: "low satisfaction"}
	for _, d := range detectors {
		labels[d.Name] = d.Label
		if report.Cells == 0 && d.Incidents > 0 && !slices.Contains(report.PainPoints, d.Name) {
			uncounted = append(uncounted, fmt.Sprintf(
				"%s: %d incidents, none of which names an order, ticket or day of the window; one that comes as an event alone, such as a return, has nothing that it could be counted against", d.Label, d.Incidents))
		}
	}
	if _, ok := labels[r.PainPoint]; !ok && r.PainPoint != "" {
		return nil, nil, model.Errorf(model.KindInvalid, "pain point %q: want one of %s", r.PainPoint, strings.Join(slices.Sorted(maps.Keys(labels)), ", "))
	}
	return labels, uncounted, nil
}

// scan looks at all cells in the window before an instant.
func (s *Service) scan(ctx context.Context, r HotspotRequest, asOf time.Time) (*hotspotScan, error) {
	counts, err := s.warehouse.HotspotCounts(ctx, model.HotspotQuery{AsOf: asOf, From: asOf.Add(-r.Window), Least: r.Least, Own: s.settings.PainPoints})
	if err != nil {
		return nil, err
	}
	scan := &hotspotScan{asOf: asOf, q: map[cellKey]passing{}, cutoff: math.Inf(-1)}
	for i := range counts {
		part, err := newHotspotPart(&counts[i])
		if err != nil {
			return nil, err
		}
		scan.parts = append(scan.parts, part)
		scan.cells = append(scan.cells, part.cells...)
	}
	logP := make([]float64, len(scan.cells))
	for i, c := range scan.cells {
		logP[i] = c.comparison.LogP
	}
	q, err := hotspot.Adjust(logP)
	if err != nil {
		return nil, err
	}
	for i, c := range scan.cells {
		scan.q[c.key()] = passing{q[i], c.comparison.Above}
		if q[i] <= r.Level {
			scan.cutoff = max(scan.cutoff, logP[i])
		}
	}
	return scan, nil
}

// hotspotScan is the family of one snapshot.
type hotspotScan struct {
	asOf   time.Time
	parts  []*hotspotPart
	cells  []*hotspotCell
	q      map[cellKey]passing
	cutoff float64 // the log of the largest p-value that is a discovery
}

type cellKey struct {
	painpoint string
	cell      model.HotspotCell
}

// passing is a cell's q-value and the side it is on.
type passing struct {
	q     float64
	above bool
}

func (s *hotspotScan) painpoints() []string {
	names := make([]string, 0, len(s.parts))
	for _, p := range s.parts {
		names = append(names, p.counts.PainPoint)
	}
	return names
}

// warnings say what the whole scan suffers from.
func (s *hotspotScan) warnings() []string {
	out := []string{}
	if slices.ContainsFunc(s.parts, (*hotspotPart).weighted) {
		out = append(out, "orders carry different sampling weights: cells are compared within orders of one weight, and rates are those of the sample, not of all orders")
	}
	return out
}

// passes says how a cell passed: at a tenth of the level now, or at the level
// now and a week ago on the same side.
func (s *hotspotScan) passes(before *hotspotScan, key cellKey, level float64) string {
	now := s.q[key]
	then, ok := before.q[key]
	switch {
	case now.q <= level && ok && then.q <= level && then.above == now.above:
		return passedTwice
	case now.q <= level*atOnce:
		return passedOnce
	}
	return notPassed
}

// distinct returns the cells of a pain point that stand out and stand for
// themselves, each with the cells that are seen because of it, and how many
// more passed than are told apart.
func (s *Service) distinct(ctx context.Context, r HotspotRequest, p *hotspotPart, now, before *hotspotScan) (out []model.Hotspot, cut int, err error) {
	var found []*hotspotCell
	for _, c := range p.cells {
		if now.passes(before, c.key(), r.Level) != notPassed {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b *hotspotCell) int { return cmp.Compare(a.comparison.LogP, b.comparison.LogP) })
	cut = max(len(found)-mostDistinct, 0)
	untested := map[cellKey]bool{}
	for _, c := range found[len(found)-cut:] {
		untested[c.key()] = true
	}
	found = found[:len(found)-cut]
	cells := make([]model.HotspotCell, len(found))
	comparisons := make([]hotspot.Comparison, len(found))
	for i, c := range found {
		cells[i], comparisons[i] = c.name, c.comparison
	}
	overlaps, err := s.warehouse.HotspotOverlaps(ctx, model.HotspotQuery{AsOf: r.AsOf, From: r.AsOf.Add(-r.Window), Least: r.Least, Own: s.settings.PainPoints}, p.counts.PainPoint, cells)
	if err != nil {
		return nil, 0, err
	}
	roles, judged, err := hotspot.Distinct(comparisons, overlaps, now.cutoff)
	if err != nil {
		return nil, 0, err
	}
	stands := map[cellKey]bool{}
	for i, c := range found {
		if roles[i].Shadow >= 0 || roles[i].Echo {
			continue
		}
		stands[c.key()] = true
		h := p.describe(c, judged[i])
		h.QValue, h.Passes = now.q[c.key()].q, now.passes(before, c.key(), r.Level)
		for j := range found {
			if roles[j].Shadow == i {
				h.AlsoSeenAs = append(h.AlsoSeenAs, cells[j])
			}
		}
		out = append(out, h)
	}
	for _, c := range p.cells {
		if r.All && !stands[c.key()] {
			h := p.describe(c, c.comparison)
			h.QValue, h.Passes = now.q[c.key()].q, notPassed
			if untested[c.key()] {
				h.Passes = notTested
			}
			out = append(out, h)
		}
	}
	return out, cut, nil
}
