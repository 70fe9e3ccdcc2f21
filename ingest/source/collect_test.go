package source_test

import (
	"context"
	"encoding/csv"
	"io"
	"os"
	"strings"

	"github.com/churnwatch/churnwatch/ingest/source"
)

// failer is what testing.T, testing.B and rapid.T have in common.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// good is a good record: where it stood, its raw text and its fields.
type good struct {
	line   int64
	raw    string
	fields []string
}

// reading is all that Spool says about an input.
type reading struct {
	columns  []string
	good     []good
	rejected []source.Rejected
	chunks   []source.Chunk
	result   source.Result
}

// read spools an input and reads every chunk back with encoding/csv.
func read(t failer, input string, opts source.Options) (reading, error) {
	t.Helper()
	return readFrom(t, strings.NewReader(input), "input.csv", opts, 0)
}

func readFrom(t failer, input io.Reader, name string, opts source.Options, chunkBytes int64) (reading, error) {
	t.Helper()
	r, err := source.New(input, name, opts)
	if err != nil {
		return reading{}, err
	}
	defer r.Close()
	return spool(t, r, chunkBytes)
}

func spool(t failer, r *source.Reader, chunkBytes int64) (reading, error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "source")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	got := reading{columns: r.Columns()}
	sink := source.SinkFuncs{
		OnChunk: func(_ context.Context, c source.Chunk) error {
			got.chunks = append(got.chunks, c)
			if c.Format == source.CSV {
				got.good = append(got.good, readChunk(t, c)...)
			}
			return nil
		},
		OnRejected: func(_ context.Context, rows []source.Rejected) error {
			got.rejected = append(got.rejected, rows...)
			return nil
		},
	}
	got.result, err = r.Spool(context.Background(), dir, source.SpoolOptions{ChunkBytes: chunkBytes}, sink)
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("%d files left in the spool, first %s", len(left), left[0].Name())
	}
	return got, err
}

// readChunk reads a chunk as a strict reader does and asks for the raw text of
// each record.
func readChunk(t failer, c source.Chunk) []good {
	t.Helper()
	file, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma = rune(c.Delimiter)
	reader.FieldsPerRecord = len(c.Columns)
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("chunk %d is not strict CSV: %v", c.Number, err)
	}
	if int64(len(rows)) != c.Records || c.Records != c.Lines.Len() {
		t.Fatalf("chunk %d says %d records and %d lines, holds %d", c.Number, c.Records, c.Lines.Len(), len(rows))
	}
	indexes := make([]int64, len(rows))
	for i := range rows {
		indexes[i] = int64(i)
	}
	out := make([]good, 0, len(rows))
	err = source.RawRecords(c, indexes, func(index, line int64, raw []byte) error {
		if line != c.Lines.Line(index) {
			t.Errorf("record %d: line %d, but %d in the map", index, line, c.Lines.Line(index))
		}
		out = append(out, good{line: line, raw: string(raw), fields: rows[index]})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lines returns the lines of the good records.
func (r reading) lines() []int64 {
	out := make([]int64, 0, len(r.good))
	for _, g := range r.good {
		out = append(out, g.line)
	}
	return out
}

// fields returns the fields of the good records.
func (r reading) fields() [][]string {
	out := make([][]string, 0, len(r.good))
	for _, g := range r.good {
		out = append(out, g.fields)
	}
	return out
}

// fault is what tests compare of a rejected row.
type fault struct {
	Line, Lines int64
	Reason      source.Reason
	Column      string
}

func (r reading) faults() []fault {
	out := make([]fault, 0, len(r.rejected))
	for _, row := range r.rejected {
		out = append(out, fault{Line: row.Line, Lines: row.Lines, Reason: row.Reason, Column: row.Column})
	}
	return out
}
