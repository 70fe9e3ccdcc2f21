package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/churnwatch/churnwatch/ingest/source"
)

func gzipped(members ...string) []byte {
	var b bytes.Buffer
	for _, member := range members {
		w := gzip.NewWriter(&b)
		io.WriteString(w, member)
		w.Close()
	}
	return b.Bytes()
}

func zstandard(frames ...string) []byte {
	var b []byte
	w, _ := zstd.NewWriter(nil)
	for _, frame := range frames {
		b = w.EncodeAll([]byte(frame), b)
	}
	return b
}

// noise returns n rows that do not compress away.
func noise(n int) string {
	var b strings.Builder
	b.WriteString("id,text\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%x\n", i, uint64(i+1)*0x9E3779B97F4A7C15)
	}
	return b.String()
}

func TestCompressionIsKnownByItsBytes(t *testing.T) {
	for name, packed := range map[string][]byte{
		"gzip":                gzipped("a,b\n1,2\n3,4\n"),
		"gzip of two members": gzipped("a,b\n1,", "2\n3,4\n"),
		"zstd":                zstandard("a,b\n1,2\n3,4\n"),
		"zstd of two frames":  zstandard("a,b\n1,2\n", "3,4\n"),
	} {
		got, err := readFrom(t, bytes.NewReader(packed), "stdin", source.Options{}, 0)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff([][]string{{"1", "2"}, {"3", "4"}}, got.fields()); diff != "" || len(got.result.Warnings) > 0 {
			t.Errorf("%s: %v\n%s", name, got.result.Warnings, diff)
		}
	}
}

func TestRowsBeforeTheCutOfACompressedFileAreKept(t *testing.T) {
	const rows = 40_000
	text := noise(rows)
	for name, packed := range map[string][]byte{"gzip": gzipped(text), "zstd": zstandard(text)} {
		for _, share := range []float64{0.3, 0.9, 0.999} {
			cut := packed[:int(share*float64(len(packed)))]
			got, err := readFrom(t, bytes.NewReader(cut), "orders.csv."+name, source.Options{}, 0)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(got.result.Warnings) != 1 || !strings.Contains(got.result.Warnings[0], "cut or damaged") {
				t.Errorf("%s: warnings %q", name, got.result.Warnings)
			}
			kept := int64(share * rows * 0.5)
			if got.result.Records < kept || got.result.Records >= rows {
				t.Errorf("%s cut at %g: %d of %d rows", name, share, got.result.Records, rows)
			}
			if diff := cmp.Diff(span(2, got.result.Records+1), got.lines()); diff != "" {
				t.Errorf("%s: lines\n%s", name, diff)
			}
			if len(got.rejected) > 1 {
				t.Fatalf("%s: rejected %v", name, got.faults())
			}
			for _, row := range got.rejected {
				want := strings.Split(text, "\n")[row.Line-1]
				if row.Reason != source.Truncated || row.Line != got.result.Records+2 || !strings.HasPrefix(want, string(row.Raw)) {
					t.Errorf("%s: rejected %v, %q of %q", name, got.faults(), row.Raw, want)
				}
			}
		}
	}
}

func TestTheCutLineOfATruncatedGzipIsRejected(t *testing.T) {
	packed := gzipped(noise(1000))
	var cut int
	for size := 60; size < len(packed); size += 61 {
		got, err := readFrom(t, bytes.NewReader(packed[:size]), "x.csv.gz", source.Options{}, 0)
		if errors.Is(err, source.ErrEmpty) || errors.Is(err, source.ErrHeader) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		cut += len(got.rejected)
		if n := got.result.Records + got.result.Rejected; n != got.result.Lines-1 {
			t.Fatalf("%d bytes: %+v", size, got.result)
		}
	}
	if cut == 0 {
		t.Error("no cut was within a line")
	}
}

func TestGarbageBehindAGzipIsAWarningOnly(t *testing.T) {
	packed := append(gzipped("a,b\n1,2\n3,4"), []byte("garbage, garbage, garbage")...)
	got, err := readFrom(t, bytes.NewReader(packed), "x", source.Options{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.good) != 2 || len(got.rejected) != 0 || len(got.result.Warnings) != 1 {
		t.Errorf("%v %v %q", got.fields(), got.faults(), got.result.Warnings)
	}
}

func TestADiskFaultIsAnErrorAndNoDamage(t *testing.T) {
	packed := gzipped(noise(100_000))
	broken := errors.New("disk on fire")
	for _, input := range [][]byte{packed, []byte(noise(100_000))} {
		src := io.MultiReader(bytes.NewReader(input[:len(input)/2]), iotest.ErrReader(broken))
		if _, err := readFrom(t, src, "x", source.Options{}, 0); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

func TestEncodings(t *testing.T) {
	const text = "name,note\r\nMüller,\"€ 5\"\r\n日本,😀\r\n"
	utf16Text := func(big bool, mark string) string {
		out := []byte(mark)
		for _, unit := range utf16.Encode([]rune(text)) {
			low, high := byte(unit), byte(unit>>8)
			if big {
				low, high = high, low
			}
			out = append(out, low, high)
		}
		return string(out)
	}
	full := [][]string{{"Müller", "€ 5"}, {"日本", "😀"}}
	for _, test := range []struct {
		name, input string
		opts        source.Options
		want        [][]string
	}{
		{"UTF-16LE with a BOM", utf16Text(false, "\xff\xfe"), source.Options{}, full},
		{"UTF-16BE with a BOM", utf16Text(true, "\xfe\xff"), source.Options{}, full},
		{"UTF-16LE without", utf16Text(false, ""), source.Options{}, full},
		{"UTF-16BE without", utf16Text(true, ""), source.Options{}, full},
		{"Windows-1252", "name,note\nM\xfcller,\x80 5\n", source.Options{Encoding: source.Windows1252}, full[:1]},
		{"Latin 1", "name,note\nM\xfcller,x\n", source.Options{Encoding: source.Latin1}, [][]string{{"Müller", "x"}}},
	} {
		got, err := read(t, test.input, test.opts)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if diff := cmp.Diff(test.want, got.fields()); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
	}
}

func TestWhatIsNoUTF16IsRejected(t *testing.T) {
	got, err := read(t, "\xff\xfea\x00,\x00b\x00\n\x001\x00,\x00\x00\xd8\n\x002\x00,\x003\x00\n\x004", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []fault{{2, 1, source.InvalidEncoding, "b"}, {4, 1, source.InvalidEncoding, "a"}}
	if diff := cmp.Diff(want, got.faults()); diff != "" || len(got.good) != 1 {
		t.Errorf("%v\n%s", got.fields(), diff)
	}
	if len(got.result.Warnings) != 1 || !strings.Contains(got.result.Warnings[0], "encoding") {
		t.Errorf("warnings %q", got.result.Warnings)
	}
}

func TestParseEncodingKnowsTheUsualNames(t *testing.T) {
	for name, want := range map[string]source.Encoding{
		"": "", "UTF8": source.UTF8, "ISO-8859-1": source.Latin1, "cp1252": source.Windows1252, "Windows 1252": source.Windows1252,
	} {
		if got, err := source.ParseEncoding(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	if _, err := source.ParseEncoding("ebcdic"); !errors.Is(err, source.ErrFormat) {
		t.Errorf("got %v", err)
	}
}

// parquet returns bytes with the frame of a Parquet file.
func parquet(footer int) string {
	return "PAR1" + strings.Repeat("d", 100) + string([]byte{byte(footer), 0, 0, 0}) + "PAR1"
}

func TestAParquetFileIsPassedOnWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "orders.parquet")
	if err := os.WriteFile(path, []byte(parquet(90)), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := source.Open(path, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stream, err := source.New(strings.NewReader(parquet(90)), "-", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := source.New(bytes.NewReader(gzipped(parquet(90))), "-", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*source.Reader{file, stream, packed} {
		got, err := spool(t, r, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.chunks) != 1 || got.chunks[0].Format != source.Parquet || got.chunks[0].Records != -1 || got.chunks[0].Bytes != 112 {
			t.Errorf("chunks %+v", got.chunks)
		}
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the user's file is gone: %v", err)
	}
}

func TestACutParquetFileIsRefusedWhole(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"cut.parquet": parquet(90)[:80], "long-footer.parquet": parquet(101), "tiny.parquet": "PAR1PAR1", "text.parquet": "a,b\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := source.Open(path, source.Options{}); !errors.Is(err, source.ErrParquet) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, input := range map[string][]byte{"stream": []byte(parquet(90)[:80]), "cut gzip": gzipped(parquet(90))[:len(gzipped(parquet(90)))-6]} {
		if _, err := readFrom(t, bytes.NewReader(input), "-", source.Options{}, 0); !errors.Is(err, source.ErrParquet) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestExpandNamesEveryMissingFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.csv", "a.csv", "odd[1].csv"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	got, err := source.Expand([]string{"-", path("b.csv"), path("*.csv"), path("odd[1].csv")})
	if diff := cmp.Diff([]string{"-", path("a.csv"), path("b.csv"), path("odd[1].csv")}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	_, err = source.Expand([]string{path("a.csv"), path("none.csv"), path("*.nope"), dir})
	if !errors.Is(err, source.ErrMissing) {
		t.Fatalf("got %v", err)
	}
	says := []string{"none.csv: no such file", "*.nope: no such file", "a folder"}
	if slices.ContainsFunc(says, func(s string) bool { return !strings.Contains(err.Error(), s) }) {
		t.Errorf("the message is %q", err)
	}
	if _, err := source.Open(path("none.csv"), source.Options{}); !errors.Is(err, source.ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestWhatMustComeUnpackedIsRefusedPacked(t *testing.T) {
	for name, packed := range map[string][]byte{"gzip": gzipped("a,b\n1,2\n"), "zstd": zstandard("a,b\n1,2\n")} {
		_, err := source.New(bytes.NewReader(packed), "rows", source.Options{Unpacked: true, Format: source.CSV})
		if !errors.Is(err, source.ErrFormat) || !strings.Contains(err.Error(), name+" compressed; send it unpacked") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
