package duckdb

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/churnwatch/churnwatch/model"
)

// Refused rows go to the engine in batches of at most so many rows and bytes.
const (
	refusedBatchRows  = 2000
	refusedBatchBytes = 4 << 20
)

// refusedBatch gathers refused rows of one kind.
type refusedBatch struct {
	load *loading
	kind *kindLoad
	rows []model.RefusedRow
	size int
}

func (b *refusedBatch) add(ctx context.Context, row model.RefusedRow) error {
	b.rows, b.size = append(b.rows, row), b.size+len(row.Raw)+len(row.Detail)
	if len(b.rows) < refusedBatchRows && b.size < refusedBatchBytes {
		return nil
	}
	return b.flush(ctx)
}

func (b *refusedBatch) flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	err := b.load.quarantine(ctx, b.kind, b.rows)
	b.rows, b.size = b.rows[:0], 0
	return err
}

// quarantine stores refused rows and counts them; the caller counts them as
// read.
func (l *loading) quarantine(ctx context.Context, k *kindLoad, rows []model.RefusedRow) error {
	if len(rows) == 0 {
		return nil
	}
	sent := make([]refusedRow, len(rows))
	for i, r := range rows {
		r = l.ofPart(l.erased.blank(r))
		sent[i] = refusedRow{
			File: storable(r.File), Line: r.Line, Column: storable(r.Column), Reason: r.Reason,
			Detail: storable(r.Detail), Raw: storable(r.Raw), Customer: storable(r.CustomerID), Expected: r.Expected,
		}
		l.example(k, r)
		k.reasons[r.Reason]++
		if r.Expected {
			k.expected++
		}
	}
	k.refused += int64(len(rows))
	text, err := json.Marshal(sent)
	if err != nil {
		return fmt.Errorf("quarantine: %w", err)
	}
	_, err = run(ctx, l.tx, l.store.queries.Script("load/quarantine"),
		sql.Named("load_id", k.id), sql.Named("kind", string(k.kind)), sql.Named("recorded_at", l.spec.RecordedAt),
		sql.Named("rows", string(text)))
	return err
}

// refusedRow is a refused row as load/quarantine reads it.
type refusedRow struct {
	File   string `json:"file"`
	Line   int64  `json:"line"`
	Column string `json:"column"`
	Reason string `json:"reason"`
	Detail string `json:"detail"`
	Raw    string `json:"raw"`
	// Customer is "" where the row does not say.
	Customer string `json:"customer"`
	Expected bool   `json:"expected"`
}

// example keeps the first rows of each reason for the report.
func (l *loading) example(k *kindLoad, r model.RefusedRow) {
	if k.reasons[r.Reason] >= int64(l.spec.Examples) {
		return
	}
	k.examples = append(k.examples, l.exampleOf(k, r))
}

func (l *loading) exampleOf(k *kindLoad, r model.RefusedRow) model.QuarantinedRow {
	return model.QuarantinedRow{
		Load: k.id, Kind: k.kind, File: r.File, Line: r.Line, Column: r.Column,
		Reason: r.Reason, Detail: r.Detail, Raw: r.Raw, RecordedAt: l.spec.RecordedAt,
	}
}

// storable returns s as text that the engine takes: other bytes and NUL as
// \xNN.
func storable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsRune(s, 0) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 0 || r == utf8.RuneError && size == 1 {
			fmt.Fprintf(&out, `\x%02x`, s[i])
		} else {
			out.WriteString(s[i : i+size])
		}
		i += size
	}
	return out.String()
}

// fault is a row of load_incoming that a rule refused.
type fault struct {
	position int64
	code     int
	value    string
	customer string
}

// refuseFaulty sends the faulty rows of load_incoming to the quarantine, with
// their text as it stands in the file.
func (l *loading) refuseFaulty(ctx context.Context, k *kindLoad, data incomingData, stats incomingStats, from arrival) error {
	faults, err := l.faults(ctx, data, stats, from)
	if err != nil {
		return err
	}
	positions := make([]int64, len(faults))
	for i, f := range faults {
		positions[i] = f.position
	}
	find := from.rawOf
	if find == nil {
		find = l.rawFinder(ctx, from)
	}
	batch, at := refusedBatch{load: l, kind: k}, 0
	err = find(positions, func(position int64, file string, line int64, raw string) error {
		if at >= len(faults) || faults[at].position != position {
			return fmt.Errorf("raw text of row %d came for row %d of %d faults", position, at, len(faults))
		}
		row := l.refusal(data, faults[at])
		if row.Reason == model.OtherCurrency && faults[at].value != "" {
			k.currencies[strings.ToUpper(faults[at].value)]++
		}
		row.File, row.Line, row.Raw, row.CustomerID = file, line, raw, faults[at].customer
		at++
		return batch.add(ctx, row)
	})
	if err == nil && at != len(faults) {
		err = fmt.Errorf("raw text of %d of %d refused rows was found", at, len(faults))
	}
	if err != nil {
		return fmt.Errorf("refuse rows of %s: %w", from.chunk.File, err)
	}
	return batch.flush(ctx)
}

// faults reads which rows were refused, ascending.
func (l *loading) faults(ctx context.Context, data incomingData, stats incomingStats, from arrival) ([]fault, error) {
	script, err := l.store.queries.Render("load/faults", struct {
		Made     bool
		Customer string
	}{from.made, data.customer()})
	if err != nil {
		return nil, err
	}
	faults := make([]fault, 0, stats.faulty)
	err = each(ctx, l.tx, script, func(scan func(...any) error) error {
		var f fault
		if err := scan(&f.position, &f.code, &f.value, &f.customer); err != nil {
			return err
		}
		faults = append(faults, f)
		return nil
	}, sql.Named("first_row", stats.firstRow))
	return faults, err
}

// refusal says in words why a rule refused a row.
func (l *loading) refusal(data incomingData, f fault) model.RefusedRow {
	if f.code == erasedCode {
		return model.RefusedRow{Column: data.Key[0], Reason: model.Erased, Detail: erasedDetail, Expected: true}
	}
	if f.code > recipeCodes {
		r := l.recipe.refusals[data.Table][f.code-recipeCodes-1]
		return model.RefusedRow{Column: r.Column, Reason: r.Reason, Detail: r.Detail, Expected: r.Expected}
	}
	r := data.Rules[f.code-1]
	return model.RefusedRow{Column: r.Column, Reason: r.Reason, Detail: r.detail(f.value, l.spec.Served)}
}

// detail says what is wrong with a value and what to do: on the command line, or
// where rows are served over the wire.
func (r loadRule) detail(value string, served bool) string {
	switch r.Reason {
	case model.MissingValue:
		return "required"
	case model.NotATime:
		return fmt.Sprintf("%q is not a time: want 2006-01-02, 2006-01-02 15:04:05 or RFC 3339%s", value,
			model.Way{Command: ", or give the form with --date-format"}.For(served))
	case model.NotANumber:
		return fmt.Sprintf("%q is not a number%s", value, numberHint(value))
	case model.NotAnInteger:
		return fmt.Sprintf("%q is not a whole number", value)
	case model.NotABoolean:
		return fmt.Sprintf("%q is neither true nor false", value)
	case model.NotAList:
		return fmt.Sprintf("%q is not a list: want words separated by ; or |", value)
	case model.TooManyDecimals:
		return fmt.Sprintf("%q has more than 4 decimals", value)
	case model.OtherCurrency:
		return fmt.Sprintf("%q is not %s: %s", value, r.Currency, currencyAdvice)
	case model.UnknownLevel:
		return fmt.Sprintf("%q is not one of the known values", value)
	case model.OutOfRange:
		return fmt.Sprintf("%q is out of range%s", value, r.limits())
	}
	return value
}

func (r loadRule) limits() string {
	switch {
	case r.Test == "era":
		return ": want a year from 1900 to 9999"
	case r.Test == "overflow":
		return ": want less than 100,000,000,000,000"
	case r.Test == "scale":
		return " for its kind of answer"
	case r.High >= math.MaxInt32:
		return fmt.Sprintf(": want at least %g", r.Low)
	}
	return fmt.Sprintf(": want %g to %g", r.Low, r.High)
}

// numberHint says what usually stands in the way of a number.
func numberHint(value string) string {
	switch {
	case strings.Contains(value, ",") && strings.Contains(value, "."):
		return ": write it without a thousands separator"
	case strings.Contains(value, ","):
		return ": want a decimal point and no thousands separator"
	case strings.ContainsAny(value, "€$£%"):
		return ": write it without a sign of currency or unit"
	}
	return ""
}

// rawFinder returns how the texts of refused rows of a chunk are found.
func (l *loading) rawFinder(ctx context.Context, from arrival) func([]int64, func(int64, string, int64, string) error) error {
	return func(positions []int64, yield func(int64, string, int64, string) error) error {
		chunk := from.chunk
		if chunk.Format == model.ChunkParquet {
			return l.parquetRows(ctx, chunk, positions, yield)
		}
		return chunk.Raw(positions, func(record int64, raw []byte) error {
			return yield(record, chunk.File, lineAt(chunk.Lines, record), string(raw))
		})
	}
}

// parquetRows gives rows of a Parquet file as JSON.
func (l *loading) parquetRows(ctx context.Context, chunk model.Chunk, positions []int64, yield func(int64, string, int64, string) error) error {
	script, err := l.store.queries.Render("load/parquet_rows", struct{ Path string }{chunk.Path})
	if err != nil {
		return err
	}
	type found struct {
		at  int64
		raw string
	}
	for len(positions) > 0 {
		part := positions[:min(len(positions), refusedBatchRows)]
		positions = positions[len(part):]
		rows := make([]found, 0, len(part))
		if err := each(ctx, l.tx, script, func(scan func(...any) error) error {
			var f found
			err := scan(&f.at, &f.raw)
			rows = append(rows, f)
			return err
		}, sql.Named("positions", part)); err != nil {
			return err
		}
		for _, f := range rows {
			if err := yield(f.at, chunk.File, f.at+1, f.raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// Quarantined implements model.Loader.
func (s *Store) Quarantined(ctx context.Context, q model.QuarantineQuery, row func(model.QuarantinedRow) error) error {
	limit := int64(math.MaxInt64)
	if q.Limit > 0 {
		limit = int64(q.Limit)
	}
	err := s.read(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, s.queries.Script("load/quarantined"), func(scan func(...any) error) error {
			var r model.QuarantinedRow
			if err := scan(&r.Load, &r.Kind, &r.File, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Raw, &r.RecordedAt); err != nil {
				return err
			}
			r.RecordedAt = r.RecordedAt.UTC()
			return row(r)
		}, sql.Named("kind", string(q.Kind)), sql.Named("reason", q.Reason), sql.Named("file", q.File),
			sql.Named("load_id", q.Load), sql.Named("rows", limit))
	})
	if err != nil {
		return fmt.Errorf("list quarantine: %w", err)
	}
	return nil
}
