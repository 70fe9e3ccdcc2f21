package exposition

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

const (
	// mostReasons bounds the reasons of a kind; presets may name their own.
	mostReasons = 30
	otherReason = "other"
	// expired are refused rows whose text, and with it the reason, is gone.
	expired = "expired"
)

// ingestDescs describe the data that came in.
type ingestDescs struct{ rows, quarantined, age, size *prometheus.Desc }

func newIngestDescs() ingestDescs {
	return ingestDescs{
		rows: desc("ingest_rows_total", "Rows read by all imports, by kind of fact, refused ones included.", "kind"),
		quarantined: desc("quarantined_rows_total", "Rows refused by all imports, by kind and reason. After the time that their text is kept "+
			"they count as expired, so add up the reasons before you take a rate.", "kind", "reason"),
		age:  desc("data_age_seconds", "Time since the newest fact of the kind occurred.", "kind"),
		size: desc("database_size_bytes", "Size of the database file."),
	}
}

func (d ingestDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.rows, d.quarantined, d.age, d.size}
}

func (c *Collector) showTotals(ctx context.Context, f *figures, asOf time.Time) error {
	t, err := c.source.Totals(ctx, asOf)
	if err != nil {
		return err
	}
	f.gauge(c.ingest.size, float64(t.SizeBytes))
	for _, n := range t.Newest {
		f.age(c.ingest.age, n.At, string(n.Kind))
	}
	for _, i := range t.Incidents {
		f.gauge(c.pain.incidents, float64(i.Incidents), i.PainPoint)
		f.gauge(c.pain.customers, float64(i.Customers), i.PainPoint)
	}
	for _, r := range t.Rows {
		f.counter(c.ingest.rows, float64(r.Read), string(r.Kind))
		reasons := reasonsOf(t.Refused, r)
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			f.counter(c.ingest.quarantined, float64(reasons[reason]), string(r.Kind), reason)
		}
	}
	return nil
}

// reasonsOf divides a kind's refused rows by reason, so that they add up to
// all that were ever refused.
func reasonsOf(refused []RefusedTotal, r RowTotal) map[string]int64 {
	var own []RefusedTotal
	for _, x := range refused {
		if x.Kind == r.Kind {
			own = append(own, x)
		}
	}
	slices.SortFunc(own, func(a, b RefusedTotal) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason))
	})
	out, kept := map[string]int64{}, int64(0)
	for i, x := range own {
		name := x.Reason
		if i >= mostReasons {
			name = otherReason
		}
		out[name] += x.Rows
		kept += x.Rows
	}
	if gone := r.Quarantined - kept; gone > 0 {
		out[expired] += gone
	}
	return out
}
