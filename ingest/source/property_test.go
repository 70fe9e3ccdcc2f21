package source_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/source"
)

// checkAccount fails unless every physical line behind the header is covered
// exactly once, by a good record or by a rejected row, or is blank, and unless
// each says the truth about its lines' text.
func checkAccount(t failer, input string, got reading) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(input, "\n"), "\n")
	covered := make([]int, len(lines)+1)
	textOf := func(line, n int64) string {
		if line < 2 || line+n-1 > int64(len(lines)) {
			t.Fatalf("lines %d+%d of %d", line, n, len(lines))
		}
		for i := line; i < line+n; i++ {
			covered[i]++
		}
		return strings.TrimRight(strings.Join(lines[line-1:line+n-1], "\n"), "\r")
	}
	for _, g := range got.good {
		text := textOf(g.line, int64(1+strings.Count(g.raw, "\n")))
		want := reference(text)
		for i := range want { // encoding/csv turns CRLF within quotes into LF
			want[i] = strings.ReplaceAll(want[i], "\r\n", "\n")
		}
		if diff := cmp.Diff(want, g.fields); diff != "" {
			t.Fatalf("line %d, %q:\n%s", g.line, text, diff)
		}
	}
	for _, row := range got.rejected {
		if text := textOf(row.Line, row.Lines); text != string(row.Raw) {
			t.Fatalf("line %d: rejected %q, but it holds %q", row.Line, row.Raw, text)
		}
	}
	for i, line := range lines[1:] {
		blank := strings.TrimRight(line, "\r") == ""
		if n := covered[i+2]; n > 1 || n == 0 && !blank {
			t.Fatalf("line %d, %q, is covered %d times", i+2, line, n)
		}
	}
	if got.result.Records != int64(len(got.good)) || got.result.Rejected != int64(len(got.rejected)) {
		t.Fatalf("accounts: %+v for %d and %d", got.result, len(got.good), len(got.rejected))
	}
	if input != "" && got.result.Lines != int64(len(lines)) {
		t.Fatalf("%d lines read of %d", got.result.Lines, len(lines))
	}
}

// reference splits a whole record by RFC 4180, in the plainest way.
func reference(record string) []string {
	var fields []string
	var field strings.Builder
	inQuotes, start := false, true
	for i := 0; i < len(record); i++ {
		switch c := record[i]; {
		case inQuotes && c == '"' && i+1 < len(record) && record[i+1] == '"':
			field.WriteByte('"')
			i++
		case inQuotes && c == '"':
			inQuotes = false
		case !inQuotes && start && c == '"':
			inQuotes, start = true, false
		case !inQuotes && c == ',':
			fields = append(fields, field.String())
			field.Reset()
			start = true
		default:
			field.WriteByte(c)
			start = false
		}
	}
	return append(fields, field.String())
}

// soup draws text of the characters that matter.
func soup() *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{
		"a", "b", "x1", "é", ",", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", " ", "\x00", "\xff", "\"\n", ",\"", "\",", "\r",
	})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
	})
}

// unixEnds puts blank lines before text with more CRs than LFs, so that it is
// not taken for a file that ends its lines with CR.
func unixEnds(text string) string {
	return "a,b,c\n" + strings.Repeat("\n", strings.Count(text, "\r")+1) + text
}

func TestNoLineIsLostOrCountedTwiceInAnySoup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := unixEnds(soup().Draw(t, "text"))
		got, err := read(t, input, source.Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		checkAccount(t, input, got)
	})
}

// row is a line, or several, of a made-up file, with what should become of it.
type row struct {
	text string
	want source.Reason // "" if good
	skip bool          // blank
}

// rows draws a file of whole rows and of rows that are broken without an
// unclosed quote, so that what becomes of each is known.
func rows() *rapid.Generator[row] {
	word := rapid.StringMatching(`[a-zé0-9 ;"]{0,8}`)
	field := rapid.Custom(func(t *rapid.T) string {
		text := word.Draw(t, "word")
		if rapid.Bool().Draw(t, "quoted") || strings.HasPrefix(text, `"`) {
			text += rapid.SampledFrom([]string{"", ",", "\n", "\r\n", "\r", ",\n,"}).Draw(t, "within")
			return `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
		}
		return text
	})
	return rapid.Custom(func(t *rapid.T) row {
		fields := rapid.SliceOfN(field, 3, 3).Draw(t, "fields")
		text := strings.Join(fields, ",")
		plain := rapid.SampledFrom([]string{"p", `"q"`, `"r,""s"`, ""}).Draw(t, "plain")
		switch rapid.IntRange(0, 11).Draw(t, "damage") {
		case 0:
			return row{text: "1," + plain, want: source.TooFewFields}
		case 1:
			return row{text: "1,2,x," + plain, want: source.TooManyFields}
		case 2:
			return row{text: "\x00,x," + fields[0], want: source.NulByte}
		case 3:
			return row{text: "x\xff,y," + fields[2], want: source.InvalidEncoding}
		case 4:
			return row{text: `"a"b,x,y`, want: source.TextAfterQuote}
		case 5:
			return row{skip: true}
		default:
			return row{text: text}
		}
	})
}

func TestEachRowFindsItsFate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		file := rapid.SliceOfN(rows(), 0, 20).Draw(t, "rows")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		var want []fault
		var input strings.Builder
		good, line := 0, int64(2)
		input.WriteString("a,b,c" + end)
		for _, r := range file {
			n := int64(1 + strings.Count(r.text, "\n"))
			switch {
			case r.skip:
			case r.want == "":
				good++
			default:
				want = append(want, fault{Line: line, Lines: n, Reason: r.want})
			}
			line += n
			input.WriteString(r.text + end)
		}
		got, err := read(t, input.String(), source.Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		checkAccount(t, input.String(), got)
		if len(got.good) != good {
			t.Fatalf("%d good, want %d; rejected %v", len(got.good), good, got.faults())
		}
		faults := got.faults()
		for i := range faults {
			faults[i].Column = ""
		}
		if diff := cmp.Diff(append([]fault{}, want...), faults); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestChunkSizeAndReadSizeChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := unixEnds(soup().Draw(t, "text"))
		want, err := read(t, input, source.Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		slow := iotest.OneByteReader(strings.NewReader(input))
		got, err := readFrom(t, slow, "input.csv", source.Options{Delimiter: ','}, 1)
		if err != nil {
			t.Fatal(err)
		}
		same := cmp.Diff(want.faults(), got.faults()) + cmp.Diff(want.fields(), got.fields()) + cmp.Diff(want.lines(), got.lines())
		if same != "" {
			t.Fatal(same)
		}
	})
}

func TestRecordsAcrossTheEdgesOfBlocksAndWindows(t *testing.T) {
	var input bytes.Buffer
	input.WriteString("id,text,n\n")
	var good []int64
	var faults []fault
	line := int64(2)
	for i := 0; input.Len() < 14*mib; i++ {
		size := i * 7919 % 5000
		if i%97 == 0 {
			size = i * 7919 % (mib - 10)
		}
		switch {
		case i%13 == 0: // line breaks within
			fmt.Fprintf(&input, "%d,\"%s\n%s\r\n\",1\n", i, strings.Repeat("é\n", size/6), strings.Repeat("y,\"\"", size/8))
			good = append(good, line)
			line += 3 + int64(size/6)
		case i%17 == 0:
			fmt.Fprintf(&input, "%d,\"%s,1\n", i, strings.Repeat("z", size))
			faults = append(faults, fault{line, 1, source.UnclosedQuote, "text"})
			fmt.Fprintf(&input, "%d,\"x\",1\n", i)
			good = append(good, line+1)
			line += 2
		default:
			fmt.Fprintf(&input, "%d,%s,2\n", i, strings.Repeat("w", size))
			good = append(good, line)
			line++
		}
	}
	for _, chunkBytes := range []int64{0, 3 * mib} {
		got, err := readFrom(t, bytes.NewReader(input.Bytes()), "input.csv", source.Options{}, chunkBytes)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(good, got.lines()); diff != "" {
			t.Errorf("good lines:\n%s", diff)
		}
		if diff := cmp.Diff(faults, got.faults()); diff != "" {
			t.Errorf("rejected:\n%s", diff)
		}
	}
}

// FuzzOpen feeds anything at all: whatever it is, it is refused as a whole or
// accounted for.
func FuzzOpen(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "sep=;\n", "\xff\xfea\x00", "{\"a\":1}\n{", "PAR1", "\x1f\x8b\x08\x00", "(\xb5/\xfd\x00", "a\rb\r", "\"a\n", "[{",
		string(gzipped("a,b\n1,2\n")), string(zstandard("a\n1\n")),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		got, err := readFrom(t, bytes.NewReader(input), "input.csv", source.Options{}, 0)
		if err == nil && got.result.Chunks > 0 && got.chunks[0].Format == source.Parquet {
			return
		}
		if err == nil && (got.result.Records != int64(len(got.good)) || got.result.Rejected != int64(len(got.rejected))) {
			t.Fatalf("accounts: %+v", got.result)
		}
	})
}

// FuzzSpool feeds arbitrary bytes behind a header.
func FuzzSpool(f *testing.F) {
	for _, seed := range []string{"1,2,3\n", "1,\"2\n,3\n4,5,6", "\"\"\"\n", "a\rb,,\r\r\n", "\x00,\xff,\"", "1,\"a\"b,2\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		input := unixEnds(text)
		got, err := read(t, input, source.Options{Delimiter: ','})
		if err != nil {
			t.Fatal(err)
		}
		checkAccount(t, input, got)
	})
}
