package duckdb_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// gate is a store in memory with an importer before it.
type gate struct {
	*ingest.Importer
	store *duckdb.Store
	spool string
	log   *slog.Logger
}

func openGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{spool: t.TempDir(), log: slog.New(slog.DiscardHandler)}
	g.store = openAt(t, duckdb.Options{SpoolDirectory: g.spool})
	return g.inChunks(t, 0)
}

// inChunks makes an importer whose chunks have so many records, 0 for the
// usual ones.
func (g *gate) inChunks(t fataler, records int) *gate {
	t.Helper()
	importer, err := ingest.New(splitter{g.store, records}, ingest.Options{
		Spool: g.spool, Clock: clock, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("importer: %v", err)
	}
	g.Importer = importer
	return g
}

// clear empties the tables.
func (g *gate) clear(t fataler) *gate {
	t.Helper()
	for _, table := range append(model.FactKinds(), "quarantine", "loads") {
		if err := g.store.Exec(context.Background(), "DELETE FROM "+string(table)); err != nil {
			t.Fatalf("clear %s: %v", table, err)
		}
	}
	return g
}

// take imports a text and checks that every row is accounted for.
func (g *gate) take(t fataler, kind model.FactKind, text string, change ...func(*ingest.Request)) model.ImportReport {
	t.Helper()
	request := ingest.Request{Kind: kind, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(text))}}
	for _, c := range change {
		c(&request)
	}
	reports, err := g.Import(context.Background(), request)
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	r := reports[0]
	if r.Read != r.Loaded+r.Replaced+r.Unchanged+r.Quarantined {
		t.Fatalf("%d rows read, but %d loaded, %d replaced, %d unchanged, %d quarantined", r.Read, r.Loaded, r.Replaced, r.Unchanged, r.Quarantined)
	}
	return r
}

// fataler is what rapid and testing have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// rows returns the rows of a query, each as one text.
func (g *gate) rows(t fataler, query string) []string {
	t.Helper()
	out := []string{}
	err := g.store.Read(context.Background(), func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(context.Background(), query)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			words := make([]string, len(values))
			for i, v := range values {
				words[i] = word(v)
			}
			out = append(out, strings.Join(words, " "))
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func word(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case time.Time:
		return v.UTC().Format("2006-01-02T15:04:05.999999")
	}
	return fmt.Sprint(v)
}

// repeat checks a property so many times: each check imports files.
func repeat(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	before := checks.Value.String()
	defer checks.Value.Set(before)
	if before == checks.DefValue { // Else someone asked for a number.
		checks.Value.Set(strconv.Itoa(times))
	}
	rapid.Check(t, property)
}
