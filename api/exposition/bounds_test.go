package exposition_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/model"
)

// crowd is a shop at the default bounds: five dimensions of 25 cohorts and
// "other", and tenure, 20 pain points that every cohort met with, 12 months, and
// more hotspots than are shown.
type crowd struct{ *shop }

const (
	crowdPainPoints = 20
	crowdPlaybooks  = 12
)

func (crowd) CohortIncidents(context.Context, int) (out []exposition.CohortIncidents, _ error) {
	for _, row := range crowded().cohorts {
		for p := range crowdPainPoints {
			out = append(out, exposition.CohortIncidents{
				Dimension: row.Dimension, Cohort: row.Cohort, PainPoint: fmt.Sprintf("pain_point_%02d", p), Incidents: 9, Customers: 7,
			})
		}
	}
	return out, nil
}

func (crowd) Retention(_ context.Context, _ time.Time, most int) (out []exposition.RetentionMonth, all int, _ error) {
	for m := range most {
		for age := 1; age <= most-m; age++ {
			month := time.Date(2025, time.Month(1+m), 1, 0, 0, 0, 0, time.UTC)
			out = append(out, exposition.RetentionMonth{Month: month, Customers: 97, Retained: 61, Age: age})
		}
	}
	return out, 40, nil
}

func crowded() *shop {
	s, row := full(), full().cohorts[0]
	s.cohorts, s.hotspots, s.triggers = nil, nil, nil
	for _, dimension := range []string{"channel", "region", "tier", "industry", "category", "tenure"} {
		cohorts := 26
		if dimension == "tenure" {
			cohorts = 5
		}
		for i := range cohorts {
			row.Dimension, row.Cohort = dimension, fmt.Sprintf("a cohort with a name %02d", i)
			s.cohorts = append(s.cohorts, row)
		}
	}
	for i := range 500 {
		direction := []model.Direction{model.Worse, model.Excel}[i%2]
		s.hotspots = append(s.hotspots, model.Hotspot{
			PainPoint: "late_delivery", Dimension: "sku", Cohort: fmt.Sprintf("SKU-%03d", i), Direction: direction, Score: 3, Customers: 90, Revenue: new(1234.5),
		})
	}
	for p := range crowdPlaybooks {
		for _, status := range []string{"open", "acknowledged", "escalated", "done", "expired", "suppressed"} {
			for _, urgency := range []string{"low", "medium", "high", "critical"} {
				s.triggers = append(s.triggers, exposition.TriggerTotal{Playbook: fmt.Sprintf("playbook_%02d", p), Urgency: urgency, Status: status, Ever: 9, Now: 4})
			}
		}
	}
	return s
}

// At the default bounds a scrape is at most 5,000 series and 1 MB, with room for
// a thousand series of requests, jobs and the process.
func TestAtTheDefaultBoundsAScrapeIsSmall(t *testing.T) {
	_, registry := collect(t, crowd{crowded()}, exposition.Options{MinimumCell: 5})
	series := len(lines(t, registry, ""))
	bytes := len(scrape(t, registry))
	if series > 4000 || bytes > 1<<20*4/5 {
		t.Errorf("%d series, %d bytes", series, bytes)
	}
	t.Logf("%d series, %d bytes", series, bytes)
}

func BenchmarkScrapeAtTheDefaultBounds(b *testing.B) {
	c := exposition.New(crowd{crowded()}, exposition.Options{MinimumCell: 5, Clock: func() time.Time { return noon }})
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	for _, refresh := range []func(context.Context) error{c.Refresh, c.RefreshInsights, c.RefreshUsage} {
		if err := refresh(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if text := scrape(b, registry); !strings.Contains(text, "churnwatch_hotspot_score") {
			b.Fatal("no hotspots")
		}
	}
}
