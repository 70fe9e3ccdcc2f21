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
type ingestDescs struct{ rows, quarantined, age, file, memory *prometheus.Desc }

func newIngestDescs() ingestDescs {
	return ingestDescs{
		rows: desc("ingest_rows_total", "Rows read by all imports, by kind of fact, refused ones included.", "kind"),
		quarantined: desc("quarantined_rows_total", "Rows refused by all imports, by kind and reason. After the time that their text is kept "+
			"they count as expired, so add up the reasons before you take a rate.", "kind", "reason"),
		age:    desc("data_age_seconds", "Time since the newest fact of the kind occurred.", "kind"),
		file:   desc("database_size_bytes", "Size of the database file, room to be reused included."),
		memory: desc("database_memory_bytes", "Memory that the database manages, its buffers included: at most database.memory_limit, but for what it can't count."),
	}
}

func (d ingestDescs) all() []*prometheus.Desc {
	return []*prometheus.Desc{d.rows, d.quarantined, d.age, d.file, d.memory}
}

func (c *Collector) showTotals(ctx context.Context, f *figures, asOf time.Time) error {
	t, err := c.source.Totals(ctx, asOf)
	if err != nil {
		return err
	}
	for _, n := range t.Newest {
		f.age(c.ingest.age, n.At, string(n.Kind))
	}
	for _, i := range t.Incidents {
		f.gauge(c.pain.incidents, float64(i.Incidents), i.PainPoint)
		f.gauge(c.pain.customers, float64(i.Customers), i.PainPoint)
	}
	for _, r := range t.Rows {
		f.counter(c.ingest.rows, float64(r.Read), string(r.Kind))
		reasons, folded := reasonsOf(t.Refused, r)
		c.showFolded(f, "reason", string(r.Kind), folded)
		for _, reason := range slices.Sorted(maps.Keys(reasons)) {
			f.counter(c.ingest.quarantined, float64(reasons[reason]), string(r.Kind), reason)
		}
	}
	return nil
}

// reasonsOf divides a kind's refused rows by reason, so that they add up to
// all that were ever refused. folded counts the reasons that are "other".
func reasonsOf(refused []RefusedTotal, r RowTotal) (out map[string]int64, folded int) {
	var own []RefusedTotal
	for _, x := range refused {
		if x.Kind == r.Kind {
			own = append(own, x)
		}
	}
	slices.SortFunc(own, func(a, b RefusedTotal) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Reason, b.Reason))
	})
	kept := int64(0)
	out = map[string]int64{}
	for i, x := range own {
		name := x.Reason
		if i >= mostReasons {
			name = otherReason
			folded++
		}
		out[name] += x.Rows
		kept += x.Rows
	}
	if gone := r.Quarantined - kept; gone > 0 {
		out[expired] += gone
	}
	return out, folded
}
