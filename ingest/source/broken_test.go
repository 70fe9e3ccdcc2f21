package source_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/source"
)

const mib = 1 << 20

func TestABrokenRowCostsItselfAndNothingElse(t *testing.T) {
	head := "id,name,amount\n"
	for _, test := range []struct {
		name, input string
		good        []int64
		faults      []fault
	}{
		{
			name: "an unclosed quote before lines without quotes", input: head + "1,a,1\n2,\"b,2\n3,c,3\n4,d,4\n",
			good: []int64{2, 4, 5}, faults: []fault{{3, 1, source.UnclosedQuote, "name"}},
		},
		{
			name:  "an unclosed quote before quoted fields, which it seems to close",
			input: head + "1,\"a\",1\n2,\"b,2\n3,\"c\",3\n4,\"d\",4\n",
			good:  []int64{2, 4, 5}, faults: []fault{{3, 1, source.UnclosedQuote, "name"}},
		},
		{
			name:  "an unclosed quote that a later stray quote closes, with a wrong number of fields",
			input: head + "1,a,1\n2,\"b,2\n3,c,3\n4,d\",4,5\n5,e,5\n",
			good:  []int64{2, 4, 6}, faults: []fault{{3, 1, source.UnclosedQuote, ""}, {5, 1, source.TooManyFields, ""}},
		},
		{
			name: "an unclosed quote on the last line", input: head + "1,a,1\n2,\"b,2",
			good: []int64{2}, faults: []fault{{3, 1, source.UnclosedQuote, "name"}},
		},
		{
			name: "an unclosed quote in a record that began lines before", input: head + "1,\"x\ny\",\"1\n2,b,2\n",
			good: []int64{4}, faults: []fault{{2, 2, source.UnclosedQuote, "amount"}},
		},
		{
			name: "too few and too many fields", input: head + "1,a,1\n2,b\n3,c,3,x\n4,d,4\n",
			good: []int64{2, 5}, faults: []fault{{3, 1, source.TooFewFields, "amount"}, {4, 1, source.TooManyFields, ""}},
		},
		{
			name: "too many fields with a line break in one", input: head + "1,\"a\nb\",1,9\n2,b,2\n",
			good: []int64{4}, faults: []fault{{2, 2, source.TooManyFields, ""}},
		},
		{
			name: "text behind a closing quote", input: head + "1,\"a\"b,1\n2,\"5\" pipe\",2\n3,c,3\n",
			good: []int64{4}, faults: []fault{{2, 1, source.TextAfterQuote, "name"}, {3, 1, source.TextAfterQuote, "name"}},
		},
		{
			name: "zero bytes", input: head + "1,a,1\n2,b\x00,2\n\x00\x00\n4,\"d\x00\ne\",4\n5,e,5\n",
			good:   []int64{2, 7},
			faults: []fault{{3, 1, source.NulByte, "name"}, {4, 1, source.NulByte, "id"}, {5, 2, source.NulByte, "name"}},
		},
		{
			name: "Latin 1 in a UTF-8 file", input: head + "1,M\xfcller,1\n2,Müller,2\n3,\"x\",\"\xe9\"\n",
			good: []int64{3}, faults: []fault{{2, 1, source.InvalidEncoding, "name"}, {4, 1, source.InvalidEncoding, "amount"}},
		},
		{
			name: "blank lines are nobody's", input: "\n" + head + "\n1,a,1\n\r\n2,b,2\n\n",
			good: []int64{4, 6}, faults: []fault{},
		},
		{
			name: "a quoted field of 10 MB", input: head + "1,a,1\n2,\"" + strings.Repeat("x", 10*mib) + "\",2\n3,c,3\n",
			good: []int64{2, 4}, faults: []fault{{3, 1, source.FieldTooLarge, "name"}},
		},
		{
			name: "an unquoted field of 10 MB", input: head + "1,a,1\n2," + strings.Repeat("x", 10*mib) + ",2\n3,c,3\n",
			good: []int64{2, 4}, faults: []fault{{3, 1, source.FieldTooLarge, "name"}},
		},
		{
			name: "a last field of 10 MB without line end", input: head + "1,a,1\n2,b," + strings.Repeat("x", 10*mib),
			good: []int64{2}, faults: []fault{{3, 1, source.FieldTooLarge, "amount"}},
		},
		{
			name: "an unquoted field just too long", input: head + "1," + strings.Repeat("x", mib+1) + ",1\n2,b,2\n",
			good: []int64{3}, faults: []fault{{2, 1, source.FieldTooLarge, "name"}},
		},
		{
			name: "fields that are as long as may be", input: head + "1," + strings.Repeat("x", mib) + ",\"" + strings.Repeat("x", 900_000) + "\"\n2,b,2\n",
			good: []int64{2, 3}, faults: []fault{},
		},
		{
			name: "a record that is too long", input: head + strings.Repeat("x", mib) + "," + strings.Repeat("x", mib) + ",1\n2,b,2\n",
			good: []int64{3}, faults: []fault{{2, 1, source.RecordTooLarge, "name"}},
		},
		{
			name:  "a quote that is closed after more than 1 MiB of lines",
			input: head + "1,\"a,1\n" + strings.Repeat("2,b,2\n", mib/6+1) + "3,c\",3\n4,d,4\n",
			good:  span(3, mib/6+5), faults: []fault{{2, 1, source.UnclosedQuote, "name"}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, test.input, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if lines := got.lines(); !slices.Equal(test.good, lines) {
				t.Errorf("good lines:\n%s", cmp.Diff(test.good, lines))
			}
			if diff := cmp.Diff(test.faults, got.faults()); diff != "" {
				t.Errorf("rejected:\n%s", diff)
			}
			if got.result.Records != int64(len(test.good)) || got.result.Rejected != int64(len(test.faults)) {
				t.Errorf("accounts: %+v", got.result)
			}
		})
	}
}

// span returns from..to.
func span(from, to int64) []int64 {
	out := make([]int64, 0, to-from+1)
	for line := from; line <= to; line++ {
		out = append(out, line)
	}
	return out
}

func TestWhatQuotesAndLineEndsMean(t *testing.T) {
	for _, test := range []struct {
		name, input string
		want        [][]string
	}{
		{"a quote is special at the start of a field only", "a,b\n5\" pipe,x\n \"y\",z\n", [][]string{{`5" pipe`, "x"}, {` "y"`, "z"}}},
		{"doubled quotes", "a,b\n\"\"\"x\"\"\",\"\"\n\"\",\"a\"\"b\"\n", [][]string{{`"x"`, ""}, {"", `a"b`}}},
		{"line breaks and delimiters in quotes", "a,b\n\"x\n,y\",z\n", [][]string{{"x\n,y", "z"}}},
		{"CRLF", "a,b\r\n1,2\r\n\"3\",\"4\"\r\n5,6", [][]string{{"1", "2"}, {"3", "4"}, {"5", "6"}}},
		{"CR before CRLF", "a,b\r\r\n1,2\r\r\n", [][]string{{"1", "2"}}},
		{"CR alone", "a,b\r1,2\r\"3\",4\r", [][]string{{"1", "2"}, {"3", "4"}}},
		{"mixed CRLF and LF", "a,b\r\n1,2\n3,4\r\n", [][]string{{"1", "2"}, {"3", "4"}}},
		{"a carriage return within a field is text", "a,b\nx\ry,2\n", [][]string{{"x\ry", "2"}}},
		{"a BOM", "\ufeffa,b\n1,2\n", [][]string{{"1", "2"}}},
		{"no line end at the end", "a,b\n1,2", [][]string{{"1", "2"}}},
		{"a row of commas", "a,b\n,\n", [][]string{{"", ""}}},
		{"one column", "a\nx\n\n\"\"\ny\n", [][]string{{"x"}, {""}, {"y"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := read(t, test.input, source.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.fields()); diff != "" || len(got.rejected) > 0 {
				t.Errorf("fields:\n%s\nrejected: %v", diff, got.faults())
			}
		})
	}
}

func TestAnInputWithoutUsableTextIsAnError(t *testing.T) {
	for _, test := range []struct {
		name, input string
		opts        source.Options
		want        error
		says        string
	}{
		{name: "nothing", input: "", want: source.ErrEmpty},
		{name: "blank lines", input: "\n\r\n\n", want: source.ErrEmpty},
		{name: "Excel's line alone", input: "sep=;\r\n\r\n", want: source.ErrEmpty},
		{name: "a BOM alone", input: "\ufeff", want: source.ErrEmpty},
		{name: "an unclosed quote in the header", input: "a,\"b\n1,2\n", want: source.ErrHeader, says: "line 1"},
		{name: "binary", input: "a,b\x00\x01\n1,2\n", want: source.ErrHeader, says: "zero bytes"},
		{name: "a zip", input: "PK\x03\x04xxxx", want: source.ErrFormat, says: "save the sheet as CSV"},
		{name: "xz", input: "\xfd7zXZ\x00xx", want: source.ErrFormat, says: "gzip or zstd"},
		{name: "a JSON array", input: "[\n {\"a\":1}]", want: source.ErrFormat, says: "one object a line"},
		{name: "names that don't fit", input: "a,b\n", opts: source.Options{Columns: []string{"x"}}, want: source.ErrHeader, says: "2 columns"},
		{name: "a cut Parquet", input: "PAR1xxxxxxxxxxxx", want: source.ErrParquet},
		{name: "a Parquet that is none", input: "a,b\n", opts: source.Options{Format: source.Parquet}, want: source.ErrParquet},
		{name: "a broken gzip header", input: "\x1f\x8b\x08", want: source.ErrFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := read(t, test.input, test.opts)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if !strings.HasPrefix(err.Error(), "input.csv") || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the message is %q", err)
			}
		})
	}
}

func TestAHeaderAloneMeansNoRecords(t *testing.T) {
	for _, input := range []string{"a,b", "a,b\n", "a,b\r\n", "\ufeffa,b\n\n"} {
		got, err := read(t, input, source.Options{})
		if err != nil {
			t.Fatalf("%q: %v", input, err)
		}
		if diff := cmp.Diff([]string{"a", "b"}, got.columns); diff != "" {
			t.Error(diff)
		}
		if got.result.Records != 0 || got.result.Rejected != 0 || len(got.chunks) != 0 {
			t.Errorf("%q: %+v", input, got.result)
		}
	}
}

func TestAThousandColumns(t *testing.T) {
	var b bytes.Buffer
	for row := range 20 {
		for column := range 1000 {
			if column > 0 {
				b.WriteByte(';')
			}
			fmt.Fprintf(&b, "v%d_%d", row, column)
		}
		b.WriteByte('\n')
	}
	got, err := read(t, b.String(), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.columns) != 1000 || len(got.good) != 19 || got.good[18].fields[999] != "v19_999" {
		t.Errorf("%d columns, %d records", len(got.columns), len(got.good))
	}
}

func TestRawTextOfARejectedRowIsCappedAndPrintable(t *testing.T) {
	long := "1," + strings.Repeat("x", 10*mib) + ",2"
	got, err := read(t, "a,b\n"+long+"\n\x00\xff,\n", source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	first, second := got.rejected[0], got.rejected[1]
	if !first.Cut() || first.Size != int64(len(long)) || string(first.Raw) != long[:source.MaxRawBytes] {
		t.Errorf("size %d, raw %d bytes", first.Size, len(first.Raw))
	}
	if want := fmt.Sprintf(" ... (cut, %d bytes in all)", len(long)); !strings.HasSuffix(first.Text(), want) {
		t.Errorf("the text ends with %q", first.Text()[source.MaxRawBytes:])
	}
	if second.Text() != `\x00\xff,` || second.Cut() {
		t.Errorf("the text is %q", second.Text())
	}
}
