package exposition_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/model"
)

func TestInsightsAreComputedOncePerSnapshot(t *testing.T) {
	s := full()
	c, registry := collect(t, s, exposition.Options{})
	s.hotspots = nil
	for range 3 {
		if err := c.RefreshInsights(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s.scans != 1 || len(lines(t, registry, "churnwatch_hotspot_score")) != 1 {
		t.Errorf("%d scans of one snapshot", s.scans)
	}
	s.run++
	if err := c.RefreshInsights(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.scans != 2 || len(lines(t, registry, "churnwatch_hotspot_score")) != 0 {
		t.Errorf("%d scans of two snapshots, hotspots %v", s.scans, lines(t, registry, "churnwatch_hotspot_score"))
	}
}

func TestAnInsightThatFailsIsLeftOutAndTheOthersAreShown(t *testing.T) {
	s := full()
	c, registry := collect(t, s, exposition.Options{})
	s.run, s.gatesFail = 2, errors.New("the disk is gone")
	if err := c.RefreshInsights(t.Context()); err == nil || !strings.Contains(err.Error(), "gates: the disk is gone") {
		t.Errorf("error %v", err)
	}
	if got := lines(t, registry, "churnwatch_data_gate"); len(got) != 0 {
		t.Errorf("gates of another snapshot: %v", got)
	}
	if got := lines(t, registry, "churnwatch_retention_rate"); len(got) == 0 {
		t.Error("no retention")
	}
}

func TestHotspotsAreBoundedAndTheRestIsCounted(t *testing.T) {
	s := full()
	s.hotspots = nil
	for i := range 70 {
		s.hotspots = append(s.hotspots, model.Hotspot{PainPoint: "refund", Dimension: "sku", Cohort: fmt.Sprint(i), Direction: model.Worse, Score: 1})
	}
	_, registry := collect(t, s, exposition.Options{})
	if got := lines(t, registry, "churnwatch_hotspot_score"); len(got) != 50 {
		t.Errorf("%d hotspots, want 50", len(got))
	}
	want := []string{`churnwatch_folded_label_values{label="hotspot",within=""} 20`}
	if diff := cmp.Diff(want, lines(t, registry, `churnwatch_folded_label_values{label="hotspot"`)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
}

func TestCohortsThatAreOtherAreCounted(t *testing.T) {
	s := full()
	s.cohorts = append(s.cohorts, model.CohortRow{Dimension: "channel", Cohort: "other", Customers: 9, Values: 4})
	_, registry := collect(t, s, exposition.Options{})
	want := []string{`churnwatch_folded_label_values{label="cohort",within="channel"} 4`}
	if diff := cmp.Diff(want, lines(t, registry, `churnwatch_folded_label_values{label="cohort"`)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
}

func TestByCohortThePainPointsAreToldApartThatMostMetWith(t *testing.T) {
	s := crowded()
	_, registry := collect(t, crowd{s}, exposition.Options{MinimumCell: 5})
	got := lines(t, registry, `churnwatch_cohort_painpoint_affected_customers{cohort="a cohort with a name 00",dimension="channel"`)
	if len(got) != 8 {
		t.Errorf("%d pain points, want 8", len(got))
	}
	want := []string{`churnwatch_folded_label_values{label="painpoint",within="cohorts"} 12`}
	if diff := cmp.Diff(want, lines(t, registry, `churnwatch_folded_label_values{label="painpoint"`)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
}
