package duckdb

import (
	"context"
	"database/sql"
	"slices"
	"sort"

	"github.com/churnwatch/churnwatch/model"
)

// arrival is what is known of rows beside their columns: where they came from.
type arrival struct {
	chunk model.Chunk
	// first is the number, within the load, of the row at position 0.
	first int64
	// runs map a position to a line; empty: position i stands on line i+1.
	runs []model.LineRun
	// made says that a recipe made the rows: they carry the position that
	// they came from, in the table that runs belong to.
	made bool
	// rawOf finds file, line and text of refused rows.
	rawOf func(positions []int64, yield func(at int64, file string, line int64, raw string) error) error
}

// versionsData is what the templates that store versions render.
type versionsData struct {
	kindPlan
	// Kept are the stored columns that the rows have.
	Kept []string
	// StoredBefore: versions of arrived keys are stored.
	StoredBefore bool
	// Dated: rows may say when they count.
	Dated          bool
	Fresh          bool
	Contested      bool
	Ragged         bool
	Made           bool
	Restate        bool
	KnownOnArrival bool
	Tie            uint64
}

// incomingStats is what load/incoming_stats tells.
type incomingStats struct {
	records, faulty, keys, firstRow, lastRow, later int64
	low, high                                       string
	last                                            sql.NullTime
}

// take reads records into load_incoming, refuses the faulty ones and stores
// the others as versions of their keys.
func (l *loading) take(ctx context.Context, k *kindLoad, data incomingData, from arrival) error {
	script, err := l.store.queries.Render("load/incoming", data)
	if err != nil {
		return err
	}
	if _, err := run(ctx, l.tx, script); err != nil {
		return err
	}
	if k.plan.Generated {
		if _, err := run(ctx, l.tx, l.store.queries.Script("load/occurrences")); err != nil {
			return err
		}
	}
	if err := l.refuseErased(ctx, data); err != nil {
		return err
	}
	stats, err := l.statsOf(ctx, data)
	if err != nil {
		return err
	}
	if want := from.chunk.Records; !from.made && want >= 0 && want != stats.records {
		return model.Errorf(model.KindInternal, "%s: the engine read %d of %d records", from.chunk.File, stats.records, want)
	}
	k.read += stats.records
	k.meets(stats)
	if stats.faulty > 0 {
		if err := l.refuseFaulty(ctx, k, data, stats, from); err != nil {
			return err
		}
	}
	return l.keep(ctx, k, stats, from, data)
}

func (l *loading) statsOf(ctx context.Context, data incomingData) (incomingStats, error) {
	var s incomingStats
	plan := data.kindPlan
	if !slices.Contains(data.Kept, plan.Occurred) {
		plan.Occurred = ""
	}
	script, err := l.store.queries.Render("load/incoming_stats", plan)
	if err != nil {
		return s, err
	}
	_, err = one(ctx, l.tx, script, []any{&s.records, &s.faulty, &s.keys, &s.firstRow, &s.lastRow, &s.low, &s.high, &s.later, &s.last},
		sql.Named("latest", l.spec.RecordedAt.Add(model.Day)))
	if err == nil && s.records > 0 && s.lastRow-s.firstRow+1 != s.records {
		err = model.Errorf(model.KindInternal, "%d records are numbered %d to %d", s.records, s.firstRow, s.lastRow)
	}
	return s, err
}

// keep stores what arrived without fault. Where no arrived key has another
// version, neither stored nor among the arrived, rows are appended as they
// are; otherwise only rows of contested keys are looked at one by one.
func (l *loading) keep(ctx context.Context, k *kindLoad, stats incomingStats, from arrival, incoming incomingData) error {
	valid := stats.records - stats.faulty
	if valid == 0 {
		return nil
	}
	data := versionsData{
		kindPlan: k.plan, Made: from.made, Restate: l.spec.Restate, KnownOnArrival: l.spec.KnownOnArrival,
		Dated: incoming.Given.Mapped, Kept: incoming.Kept,
		Tie: 1<<63 | uint64(k.id)<<32 + uint64(from.first),
	}
	if !slices.Contains(data.Kept, data.Occurred) {
		data.Occurred = ""
	}
	args, err := l.lineArgs(ctx, &data, from)
	if err != nil {
		return err
	}
	args = append(args, sql.Named("first_row", stats.firstRow), sql.Named("recorded_at", l.spec.RecordedAt), sql.Named("load_id", k.id))
	if k.mayHold(stats) {
		stored, err := l.count(ctx, "load/stored", data)
		if err != nil {
			return err
		}
		data.StoredBefore = stored > 0
	}
	if data.StoredBefore || stats.keys < valid {
		return l.keepContested(ctx, k, stats, data, args)
	}
	added, err := l.render(ctx, "load/append", data, args)
	k.appended, k.loaded = k.appended+added, k.loaded+added
	k.widen(stats)
	return err
}

// mayHold reports whether an arrived key can be stored: files that are sorted
// by their key need no look into the table.
func (k *kindLoad) mayHold(stats incomingStats) bool {
	return k.before+k.appended > 0 && stats.low <= k.high && stats.high >= k.low
}

// widen takes the arrived keys into the bounds of what is stored.
func (k *kindLoad) widen(stats incomingStats) {
	if k.high == "" { // Nothing is stored: keys are never empty.
		k.low, k.high = stats.low, stats.high
		return
	}
	k.low, k.high = min(k.low, stats.low), max(k.high, stats.high)
}

// keepContested stores rows some of whose keys have other versions.
func (l *loading) keepContested(ctx context.Context, k *kindLoad, stats incomingStats, data versionsData, args []sql.NamedArg) error {
	if _, err := l.render(ctx, "load/fresh", data, args); err != nil {
		return err
	}
	contested, err := l.count(ctx, "load/contested", data)
	if err != nil {
		return err
	}
	data.Fresh, data.Contested = true, contested > 0
	added, err := l.render(ctx, "load/append", data, args)
	if err != nil {
		return err
	}
	k.appended, k.loaded = k.appended+added, k.loaded+added
	k.widen(stats)
	if !data.Contested {
		return nil
	}
	script, err := l.store.queries.Render("load/resolve", data)
	if err != nil {
		return err
	}
	var loaded, replaced int64
	if _, err := one(ctx, l.tx, script, []any{&loaded, &replaced}, args...); err != nil {
		return err
	}
	k.loaded, k.replaced, k.appended = k.loaded+loaded, k.replaced+replaced, k.appended+loaded+replaced
	return nil
}

// lineArgs tells the templates how a position becomes a line: by one sum where
// all rows stand on consecutive lines, else through load_lines.
func (l *loading) lineArgs(ctx context.Context, data *versionsData, from arrival) ([]sql.NamedArg, error) {
	runs := joined(from.runs)
	switch len(runs) {
	case 0:
		return []sql.NamedArg{sql.Named("first_line", from.first+1)}, nil
	case 1:
		return []sql.NamedArg{sql.Named("first_line", runs[0].Line-runs[0].Record)}, nil
	}
	data.Ragged = true
	if _, err := run(ctx, l.tx, l.store.queries.Script("load/clear_lines")); err != nil {
		return nil, err
	}
	positions, lines := make([]int64, len(runs)), make([]int64, len(runs))
	for i, r := range runs {
		positions[i], lines[i] = r.Record, r.Line
	}
	_, err := run(ctx, l.tx, l.store.queries.Script("load/lines"), sql.Named("positions", positions), sql.Named("lines", lines))
	return []sql.NamedArg{sql.Named("first_line", 0)}, err
}

// joined returns the runs with those that continue the one before taken into
// it: chunks of a file follow each other.
func joined(runs []model.LineRun) (out []model.LineRun) {
	for _, r := range runs {
		if n := len(out); n == 0 || r.Line-r.Record != out[n-1].Line-out[n-1].Record {
			out = append(out, r)
		}
	}
	return out
}

// lineAt returns the line of a position.
func lineAt(runs []model.LineRun, position int64) int64 {
	if len(runs) == 0 {
		return position + 1
	}
	at := sort.Search(len(runs), func(i int) bool { return runs[i].Record > position }) - 1
	return runs[at].Line + position - runs[at].Record
}

func (l *loading) render(ctx context.Context, name string, data any, args []sql.NamedArg) (int64, error) {
	script, err := l.store.queries.Render(name, data)
	if err != nil {
		return 0, err
	}
	return run(ctx, l.tx, script, args...)
}

func (l *loading) count(ctx context.Context, name string, data any) (int64, error) {
	script, err := l.store.queries.Render(name, data)
	if err != nil {
		return 0, err
	}
	var n int64
	_, err = one(ctx, l.tx, script, []any{&n})
	return n, err
}
