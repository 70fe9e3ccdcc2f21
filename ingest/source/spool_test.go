package source_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/source"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, input string) *source.Reader {
	t.Helper()
	r, err := source.New(strings.NewReader(input), "input.csv", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func filesIn(t *testing.T, dir string) int {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestChunksComeInOrderOneAheadAndAreRemoved(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	var first []int64
	r := open(t, noise(100_000))
	result, err := r.Spool(context.Background(), dir, source.SpoolOptions{ChunkBytes: 256 << 10}, source.SinkFuncs{
		OnChunk: func(_ context.Context, c source.Chunk) error {
			if c.Number != len(first) || c.Delimiter != ',' || c.Bytes < 256<<10 && c.Number == 0 {
				t.Errorf("chunk %d: %+v", len(first), c.Number)
			}
			if n := filesIn(t, dir); n > 2 {
				t.Errorf("%d files at chunk %d", n, c.Number)
			}
			first = append(first, c.FirstRecord)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if result.Chunks != len(first) || len(first) < 5 || first[0] != 0 || result.Records != 100_000 || filesIn(t, dir) != 0 {
		t.Errorf("%+v, chunks from %v", result, first)
	}
	if r.BytesRead() != int64(len(noise(100_000))) || r.Size() != -1 || result.Bytes != r.BytesRead() {
		t.Errorf("%d bytes read, %d of text", r.BytesRead(), result.Bytes)
	}
}

func TestKeptChunksStay(t *testing.T) {
	dir := t.TempDir()
	opts := source.SpoolOptions{ChunkBytes: 1, Keep: true}
	result, err := open(t, noise(20_000)).Spool(context.Background(), dir, opts, source.SinkFuncs{})
	if err != nil || result.Chunks < 2 || filesIn(t, dir) != result.Chunks {
		t.Errorf("%d chunks, %d files, %v", result.Chunks, filesIn(t, dir), err)
	}
}

func TestASinkThatFailsEndsTheReading(t *testing.T) {
	full := errors.New("database full")
	for name, sink := range map[string]source.SinkFuncs{
		"at a chunk":     {OnChunk: func(context.Context, source.Chunk) error { return full }},
		"at a rejection": {OnRejected: func(context.Context, []source.Rejected) error { return full }},
	} {
		dir := t.TempDir()
		input := noise(50_000) + strings.Repeat("too,many,fields\n", 5000)
		opts := source.SpoolOptions{ChunkBytes: 64 << 10}
		if _, err := open(t, input).Spool(context.Background(), dir, opts, sink); !errors.Is(err, full) {
			t.Errorf("%s: got %v", name, err)
		}
		if n := filesIn(t, dir); n > 0 {
			t.Errorf("%s: %d files left", name, n)
		}
	}
}

func TestACancelledReadingLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	sink := source.SinkFuncs{OnChunk: func(context.Context, source.Chunk) error { cancel(); return nil }}
	_, err := open(t, noise(100_000)).Spool(ctx, dir, source.SpoolOptions{ChunkBytes: 64 << 10}, sink)
	if !errors.Is(err, context.Canceled) || filesIn(t, dir) > 0 {
		t.Errorf("%v, %d files left", err, filesIn(t, dir))
	}
}

func TestASourceIsReadOnce(t *testing.T) {
	r := open(t, "a,b\n1,2\n")
	if _, err := r.Spool(context.Background(), t.TempDir(), source.SpoolOptions{}, source.SinkFuncs{}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Spool(context.Background(), t.TempDir(), source.SpoolOptions{}, source.SinkFuncs{}); err == nil {
		t.Error("no error")
	}
}

func TestRejectedRowsComeInBatchesBeforeTheirChunk(t *testing.T) {
	input := "a,b\n" + strings.Repeat("1,2\nbad\n", 2500)
	var rows, chunks int
	_, err := open(t, input).Spool(context.Background(), t.TempDir(), source.SpoolOptions{}, source.SinkFuncs{
		OnRejected: func(_ context.Context, batch []source.Rejected) error {
			if rows += len(batch); len(batch) > 1000 || chunks > 0 {
				t.Errorf("a batch of %d behind %d chunks", len(batch), chunks)
			}
			return nil
		},
		OnChunk: func(context.Context, source.Chunk) error { chunks++; return nil },
	})
	if err != nil || rows != 2500 || chunks != 1 {
		t.Errorf("%d rows, %d chunks, %v", rows, chunks, err)
	}
}

func TestOnlySomeRawRecordsCanBeAskedFor(t *testing.T) {
	var want, got []string
	input := "id,text\n"
	for i := range 5000 {
		input += fmt.Sprintf("%d,\"a\nb\"\n%d,c\nbad\n", i, i)
		if i%7 == 0 {
			want = append(want, fmt.Sprintf("%d at %d: %d,\"a\nb\"", 2*i, 2+4*i, i))
		}
	}
	_, err := open(t, input).Spool(context.Background(), t.TempDir(), source.SpoolOptions{}, source.SinkFuncs{
		OnChunk: func(_ context.Context, c source.Chunk) error {
			var indexes []int64
			for i := int64(0); i < c.Records; i += 14 {
				indexes = append(indexes, i)
			}
			if err := source.RawRecords(c, []int64{1, 0}, func(int64, int64, []byte) error { return nil }); err == nil {
				t.Error("no error for indexes out of order")
			}
			if err := source.RawRecords(c, []int64{c.Records}, func(int64, int64, []byte) error { return nil }); err == nil {
				t.Error("no error for an index beyond the end")
			}
			return source.RawRecords(c, indexes, func(index, line int64, raw []byte) error {
				got = append(got, fmt.Sprintf("%d at %d: %s", index, line, raw))
				return nil
			})
		},
	})
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestDialectAndNamesOfTheHeader(t *testing.T) {
	for _, test := range []struct {
		name, input string
		opts        source.Options
		delimiter   byte
		columns     []string
		records     int64
		warnings    int
	}{
		{name: "comma", input: "a,b\n1,2\n", delimiter: ',', columns: []string{"a", "b"}, records: 1},
		{name: "semicolon", input: "a;b,c;d\n1;2;3\n", delimiter: ';', columns: []string{"a", "b,c", "d"}, records: 1},
		{name: "tab", input: "a\tb\n1\t2\n", delimiter: '\t', columns: []string{"a", "b"}, records: 1},
		{name: "bar", input: "\"a,x\"|b\n1|2\n", delimiter: '|', columns: []string{"a,x", "b"}, records: 1},
		{name: "Excel's line", input: "sep=;\r\na;b\r\n1;2\r\n", delimiter: ';', columns: []string{"a", "b"}, records: 1},
		{name: "a given delimiter", input: "a,b;c\n1,2;3\n", opts: source.Options{Delimiter: ';'}, delimiter: ';', columns: []string{"a,b", "c"}, records: 1},
		{name: "untidy names", input: "\ufeff\" Order\nID \", amount ,,AMOUNT,\"amount_2\"\n1,2,3,4,5\n", delimiter: ',', columns: []string{"Order ID", "amount", "column_3", "AMOUNT_2", "amount_2_2"}, records: 1, warnings: 4},
		{name: "given names", input: "a,b\n1,2\n", opts: source.Options{Columns: []string{"x", "y"}}, delimiter: ',', columns: []string{"x", "y"}, records: 1},
		{name: "no header", input: "1,2\n3,4\n", opts: source.Options{NoHeader: true}, delimiter: ',', columns: []string{"column_1", "column_2"}, records: 2},
		{name: "no header, given names", input: "1,2\n3,4\n", opts: source.Options{NoHeader: true, Columns: []string{"x", "y"}}, delimiter: ',', columns: []string{"x", "y"}, records: 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, test.input, test.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.columns, got.columns); diff != "" {
				t.Error(diff)
			}
			if got.result.Records != test.records || got.chunks[0].Delimiter != test.delimiter || len(got.result.Warnings) != test.warnings {
				t.Errorf("delimiter %q, %+v", got.chunks[0].Delimiter, got.result)
			}
		})
	}
}

func TestALineMapKnowsEveryLineInAFewBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var input strings.Builder
		var want []int64
		input.WriteString("a,b\n")
		line := int64(2)
		for range rapid.IntRange(0, 40).Draw(t, "groups") {
			switch rapid.SampledFrom([]string{"rows", "blank", "bad", "multiline"}).Draw(t, "group") {
			case "rows":
				for range rapid.IntRange(1, 5).Draw(t, "n") {
					input.WriteString("1,2\n")
					want = append(want, line)
					line++
				}
			case "blank":
				input.WriteString("\n")
				line++
			case "bad":
				input.WriteString("x\n")
				line++
			case "multiline":
				n := rapid.IntRange(1, 4).Draw(t, "breaks")
				input.WriteString("1,\"" + strings.Repeat("\n", n) + "\"\n")
				want = append(want, line)
				line += int64(n + 1)
			}
		}
		got, err := read(t, input.String(), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, append([]int64(nil), got.lines()...)); diff != "" {
			t.Fatal(diff)
		}
	})
}
