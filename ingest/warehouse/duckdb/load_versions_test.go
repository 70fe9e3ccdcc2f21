package duckdb_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// order is a row of a file of orders. Known is the text of known_at.
type order struct{ id, status, known string }

const ordersHeader = "order_id,customer_id,ordered_at,amount,status,known_at\n"

// day returns the text of a day of January 2024.
func day(n int) string { return time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) }

func text(orders []order) string {
	var out strings.Builder
	out.WriteString(ordersHeader)
	for _, o := range orders {
		fmt.Fprintf(&out, "%s,c1,2024-01-02,5.00,%s,%s\n", o.id, o.status, o.known)
	}
	return out.String()
}

// batch draws orders of few keys and few contents, so that versions meet.
func batch(t *rapid.T, label string, known func(*rapid.T) string) []order {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) order {
		return order{
			id:     rapid.SampledFrom([]string{"o1", "o2", "o3", "o4"}).Draw(t, "id"),
			status: rapid.SampledFrom([]string{"", "paid", "sent"}).Draw(t, "status"),
			known:  known(t),
		}
	}), 0, 12).Draw(t, label)
}

func undated(*rapid.T) string { return "" }

func dated(t *rapid.T) string { return day(rapid.IntRange(3, 6).Draw(t, "known")) }

func mixed(t *rapid.T) string {
	if rapid.Bool().Draw(t, "is dated") {
		return dated(t)
	}
	return ""
}

// version is a stored version of an order, as the rules of CONTRACT say.
type version struct {
	id, status     string
	known, settled time.Time
	revision, nth  int
	given          bool
}

// ledgerOf keeps versions by the rules, one row after the other.
type ledgerOf struct {
	versions                    []version
	loaded, replaced, unchanged int64
}

func (l *ledgerOf) take(orders []order, at time.Time, restate bool) {
	for _, o := range orders {
		v := version{id: o.id, status: o.status, nth: len(l.versions)}
		var before []version
		for _, old := range l.versions {
			if old.id == o.id {
				before = append(before, old)
			}
		}
		v.revision = len(before)
		if o.known != "" {
			v.known, _ = time.Parse(time.DateOnly, o.known)
			v.settled, v.given = v.known, true
		}
		same := slices.ContainsFunc(before, func(old version) bool {
			return old.status == o.status && (!v.given || old.known.Equal(v.known))
		})
		switch {
		case same:
			l.unchanged++
			continue
		case len(before) == 0:
			l.loaded++
			if !v.given {
				v.known, v.settled = time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), at
			}
		default:
			l.replaced++
			if !v.given {
				v.known, v.settled = at, at
				if restate {
					earlier := current(before)
					v.known, v.settled = earlier.known, earlier.settled
				}
			}
		}
		l.versions = append(l.versions, v)
	}
}

// current is the version known last; of equals the later arrived, where a
// version without a known_at outdoes those with one.
func current(versions []version) version {
	return slices.MaxFunc(versions, func(a, b version) int {
		return cmp.Or(a.known.Compare(b.known), cmp.Compare(b2i(!a.given), b2i(!b.given)), cmp.Compare(a.nth, b.nth))
	})
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (l *ledgerOf) dump() []string {
	out := []string{}
	for _, v := range l.versions {
		out = append(out, fmt.Sprintf("%s %s %s %s %d", v.id, cmp.Or(v.status, "-"), word(v.known), word(v.settled), v.revision))
	}
	slices.Sort(out)
	return out
}

// winners are the versions that count, where no two dated ones tie.
func (l *ledgerOf) winners() []string {
	byID := map[string][]version{}
	for _, v := range l.versions {
		byID[v.id] = append(byID[v.id], v)
	}
	out := []string{}
	for id, versions := range byID {
		w := current(versions)
		tied := slices.ContainsFunc(versions, func(v version) bool { return v != w && v.given && w.given && v.known.Equal(w.known) })
		if !tied {
			out = append(out, id+" "+cmp.Or(w.status, "-"))
		}
	}
	slices.Sort(out)
	return out
}

const storedVersions = "SELECT order_id, status, known_at, settled_at, revision FROM orders ORDER BY ALL"

func TestRowsBecomeVersionsByTheRules(t *testing.T) {
	g := openGate(t)
	repeat(t, 12, func(t *rapid.T) {
		restate := rapid.Bool().Draw(t, "restate")
		kinds := []func(*rapid.T) string{undated, dated, mixed}
		if restate { // Within one file restating is defined for undated rows.
			kinds = []func(*rapid.T) string{undated}
		}
		g.clear(t).inChunks(t, rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "chunk"))
		var want ledgerOf
		var got ledgerOf
		for i := range rapid.IntRange(1, 3).Draw(t, "files") {
			orders := batch(t, fmt.Sprint("file ", i), rapid.SampledFrom(kinds).Draw(t, "dates"))
			want.take(orders, noon, restate)
			r := g.take(t, model.Orders, text(orders), func(r *ingest.Request) { r.Restate = restate })
			got.loaded, got.replaced, got.unchanged = got.loaded+r.Loaded, got.replaced+r.Replaced, got.unchanged+r.Unchanged
			if r.Quarantined > 0 || r.Read != int64(len(orders)) {
				t.Fatalf("of %d rows %d were read and %d refused", len(orders), r.Read, r.Quarantined)
			}
		}
		dump := g.rows(t, storedVersions)
		slices.Sort(dump)
		if diff := gocmp.Diff(want.dump(), dump); diff != "" {
			t.Fatalf("versions (-want +got):\n%s", diff)
		}
		counts := func(l ledgerOf) [3]int64 { return [3]int64{l.loaded, l.replaced, l.unchanged} }
		if diff := gocmp.Diff(counts(want), counts(got)); diff != "" {
			t.Fatalf("loaded, replaced, unchanged (-want +got):\n%s", diff)
		}
		winners := g.rows(t, `SELECT order_id, arg_max(status, ROW(known_at, tie)) FROM (SELECT order_id, coalesce(status, '-') AS status, known_at, tie FROM orders) GROUP BY order_id ORDER BY 1`)
		for _, w := range want.winners() {
			if !slices.Contains(winners, w) {
				t.Fatalf("current versions: want %q among %q", w, winners)
			}
		}
	})
}

// asTables leaves out when and whence a row came, and what only says in which
// order versions arrived.
const asTables = `SELECT order_id, customer_id, ordered_at, amount, status, known_at, settled_at, row_hash,
  CASE WHEN tie < 9223372036854775808 THEN tie END AS tie FROM orders ORDER BY ALL`

func TestPartsGiveTheSameTablesInAnyOrder(t *testing.T) {
	g := openGate(t)
	repeat(t, 12, func(t *rapid.T) {
		var parts []string
		if rapid.Bool().Draw(t, "dated") {
			for i := range 3 {
				parts = append(parts, text(batch(t, fmt.Sprint("part ", i), dated)))
			}
		} else { // Each part has keys of its own.
			for i := range 3 {
				orders := batch(t, fmt.Sprint("part ", i), undated)
				for j := range orders {
					orders[j].id = fmt.Sprint("part", i, orders[j].id)
				}
				parts = append(parts, text(orders))
			}
		}
		var dumps [2][]string
		for i, shuffled := range [][]string{parts, rapid.Permutation(parts).Draw(t, "order")} {
			g.clear(t)
			for _, part := range shuffled {
				g.take(t, model.Orders, part)
			}
			dumps[i] = g.rows(t, asTables)
			unrevised := g.rows(t, "SELECT order_id FROM orders GROUP BY order_id HAVING count(*) FILTER (WHERE revision = 0) <> 1 OR (count(*) > 1) <> (max(revision) > 0)")
			if len(unrevised) > 0 {
				t.Fatalf("keys whose revisions do not tell the first from the later: %q", unrevised)
			}
		}
		if diff := gocmp.Diff(dumps[0], dumps[1]); diff != "" {
			t.Fatalf("tables (-given order +shuffled):\n%s", diff)
		}
	})
}

func TestTheSameFileTwiceChangesNothing(t *testing.T) {
	g := openGate(t)
	repeat(t, 12, func(t *rapid.T) {
		g.clear(t).inChunks(t, rapid.SampledFrom([]int{0, 2}).Draw(t, "chunk"))
		file := text(batch(t, "file", rapid.SampledFrom([]func(*rapid.T) string{undated, dated, mixed}).Draw(t, "dates")))
		first := g.take(t, model.Orders, file)
		before := g.rows(t, "SELECT * FROM orders ORDER BY ALL")
		again := g.take(t, model.Orders, file)
		if again.Loaded != 0 || again.Replaced != 0 || again.Unchanged != first.Read {
			t.Fatalf("the second time: %+v", again)
		}
		if diff := gocmp.Diff(before, g.rows(t, "SELECT * FROM orders ORDER BY ALL")); diff != "" {
			t.Fatalf("orders (-before +after):\n%s", diff)
		}
	})
}
