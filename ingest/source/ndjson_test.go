package source_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/source"
)

func readJSON(t failer, input string, chunkBytes int64) reading {
	t.Helper()
	got, err := readFrom(t, strings.NewReader(input), "input.ndjson", source.Options{}, chunkBytes)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestBrokenJSONLinesCostThemselves(t *testing.T) {
	input := strings.Join([]string{
		`{"id":"1","n":1}`, `{"id":"2","n":`, `not json`, ``, `[1]`, `{"id":"6"} x`, `{"id":"7","n":01}`, `{"id":"\ud800"}`,
		`{"id":"a\u0000"}`, "{\"id\":\"\xff\"}", "{\"id\":\x00}", `{}`, `{"id":"13","n":[1,}`, `{"id":"14" "n":1}`,
		`{"id":"` + strings.Repeat("x", 2*mib) + `"}`, `{"id":"` + strings.Repeat("x", mib+1) + `"}`, ` {"id":"17","n":-1.5e3} ` + "\r",
	}, "\n")
	got := readJSON(t, input, 0)
	if diff := cmp.Diff([][]string{{"1", "1"}, {"17", "-1.5e3"}}, got.fields()); diff != "" {
		t.Error(diff)
	}
	want := []fault{
		{2, 1, source.InvalidJSON, "n"},
		{3, 1, source.InvalidJSON, ""},
		{5, 1, source.InvalidJSON, ""},
		{6, 1, source.InvalidJSON, ""},
		{7, 1, source.InvalidJSON, "n"},
		{8, 1, source.InvalidEncoding, "id"},
		{9, 1, source.NulByte, "id"},
		{10, 1, source.InvalidEncoding, ""},
		{11, 1, source.NulByte, ""},
		{12, 1, source.InvalidJSON, ""},
		{13, 1, source.InvalidJSON, "n"},
		{14, 1, source.InvalidJSON, ""},
		{15, 1, source.RecordTooLarge, ""},
		{16, 1, source.FieldTooLarge, "id"},
	}
	if diff := cmp.Diff(want, got.faults()); diff != "" {
		t.Error(diff)
	}
	if got.result.Lines != 17 || got.good[1].line != 17 || strings.TrimSpace(got.good[1].raw) != `{"id":"17","n":-1.5e3}` {
		t.Errorf("%+v, raw %q", got.result, got.good[1].raw)
	}
}

func TestJSONValuesBecomeText(t *testing.T) {
	got := readJSON(t, `{"s":"a\"b\n\u00e9\ud83d\ude00,","e":"","n":10.10,"big":12345678901234567890123,"t":true,"z":null,"o":{"k": [1, "}"]},"a":[]}`+"\n"+
		`{"ID":1,"id":2,"s":"y"}`, 0)
	columns := []string{"s", "e", "n", "big", "t", "z", "o", "a", "ID", "id_2"}
	if diff := cmp.Diff(columns, got.chunks[0].Columns); diff != "" {
		t.Error(diff)
	}
	want := [][]string{
		{"a\"b\né😀,", "", "10.10", "12345678901234567890123", "true", "", `{"k": [1, "}"]}`, "[]", "", ""},
		{"y", "", "", "", "", "", "", "", "1", "2"},
	}
	if diff := cmp.Diff(want, got.fields()); diff != "" {
		t.Error(diff)
	}
	if !got.chunks[0].Multiline {
		t.Error("a line feed in a value was not noted")
	}
}

func TestALineWithAKeyTwiceIsRejectedByTheKey(t *testing.T) {
	input := strings.Join([]string{
		`{"id":"1","amount":1}`,
		`{"id":"2","amount":1,"amount":2}`,
		`{"id":"3","amount":1,"id":"3"}`,
		`{"id":"4","amount":1,"\u0061mount":1}`,
		`{"id":"5","new":null,"new":null}`,
		`{"id":"6","amount":[{"a":1,"b":"}","b":2}]}`,
		`{"id":"7","amount":{"a":{"x":1},"b":{"x":1,"\u0078":{}}}}`,
		`{"id":"8","amount":[{"a":"a","b":"b"},{"a":{"a":["a","a"]}},"a","a",{}]}`,
		`{"id":"9","ID":9}`,
	}, "\n")
	got := readJSON(t, input, 0)
	want := []fault{
		{2, 1, source.DuplicateKey, "amount"},
		{3, 1, source.DuplicateKey, "id"},
		{4, 1, source.DuplicateKey, "amount"},
		{5, 1, source.DuplicateKey, "new"},
		{6, 1, source.DuplicateKey, "amount"},
		{7, 1, source.DuplicateKey, "amount"},
	}
	if diff := cmp.Diff(want, got.faults()); diff != "" {
		t.Error(diff)
	}
	if len(got.good) != 3 || got.good[1].line != 8 || got.good[2].line != 9 {
		t.Errorf("%d lines are good", len(got.good))
	}
	for i, says := range map[int]string{0: `the key "amount" stands twice`, 4: `the key "b" stands twice in a nested value at offset 19`} {
		if got.rejected[i].Detail != says {
			t.Errorf("line %d: %q, want %q", got.rejected[i].Line, got.rejected[i].Detail, says)
		}
	}
}

func TestKeysThatStandTwiceAreFoundAmongAnyNumber(t *testing.T) {
	var b strings.Builder
	for i := range 60_000 {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	for tail, rejected := range map[string]int{`"k":1`: 0, `"k59999":1`: 1} {
		got := readJSON(t, `{"id":"1","o":{`+b.String()+tail+"}}\n", 0)
		if len(got.rejected) != rejected {
			t.Errorf("%s: %v", tail, got.faults())
		}
	}
}

func TestTheTextOfALongLineIsFound(t *testing.T) {
	long := `{"id":"1","text":"` + strings.Repeat("x", 900<<10) + `"}`
	got := readJSON(t, "{\"id\":\"0\"}\n"+long+"\n{\"id\":\"2\"}\n", 0)
	if len(got.good) != 3 || got.good[1].raw != long[:source.MaxRawBytes] || got.good[2].raw != `{"id":"2"}` {
		t.Errorf("%d lines, %v", len(got.good), got.faults())
	}
}

func TestANewKeyGetsItsColumnWhereverItTurnsUp(t *testing.T) {
	var b strings.Builder
	for i := range 25_000 {
		fmt.Fprintf(&b, `{"id":"%d","text":"%0600d"`, i, i)
		if i%110 == 0 && i < 23_000 {
			fmt.Fprintf(&b, `,"k%d":%d`, i, i)
		}
		b.WriteString("}\n")
	}
	got := readJSON(t, b.String(), 0)
	if len(got.good) != 25_000 || len(got.rejected) != 0 {
		t.Fatalf("%d good, %v", len(got.good), got.faults()[:1])
	}
	last := got.result.Columns
	for _, chunk := range got.chunks {
		if diff := cmp.Diff(last[:len(chunk.Columns)], chunk.Columns); diff != "" {
			t.Errorf("chunk %d does not begin as the last one does:\n%s", chunk.Number, diff)
		}
	}
	if len(last) != 2+210 || len(got.chunks) > 6 {
		t.Errorf("%d columns, %d chunks", len(last), len(got.chunks))
	}
	for i := 0; i < 23_000; i += 110 {
		if row := got.good[i].fields; row[2+i/110] != fmt.Sprint(i) {
			t.Fatalf("record %d: %q", i, row)
		}
	}
}

func TestRandomObjectsComeBack(t *testing.T) {
	value := rapid.OneOf(
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Float64Range(-1e9, 1e9), func(f float64) any { return f }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Just[any](nil),
		rapid.Map(rapid.SliceOfN(rapid.String(), 0, 3), func(s []string) any { return s }),
	)
	object := rapid.MapOfN(rapid.StringMatching(`[a-f]`), value, 1, 4)
	rapid.Check(t, func(t *rapid.T) {
		objects := rapid.SliceOfN(object, 1, 10).Draw(t, "objects")
		var b strings.Builder
		for _, o := range objects {
			line, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(line), `\u0000`) {
				t.Skip("holds a zero byte")
			}
			b.Write(append(line, '\n'))
		}
		got := readJSON(t, b.String(), rapid.SampledFrom([]int64{0, 1}).Draw(t, "chunk"))
		if len(got.good) != len(objects) {
			t.Fatalf("%d of %d objects, %v", len(got.good), len(objects), got.faults())
		}
		for i, o := range objects {
			for column, text := range got.good[i].fields {
				if diff := cmp.Diff(asText(t, o[got.result.Columns[column]]), strings.ReplaceAll(text, "\r\n", "\n")); diff != "" {
					t.Fatalf("object %d, column %d:\n%s", i, column, diff)
				}
			}
		}
	})
}

// asText is what a column shows of a value.
func asText(t failer, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.ReplaceAll(v, "\r\n", "\n") // as encoding/csv reads it
	default:
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
}

func FuzzJSONLine(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, `{"a":"\u00e9","b":[{"c":null}]}`, `{"a":`, `{"a":"\"}`, `{"a":-0.1E+2,}`, `{"a":{"b":"}"}}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n\r") || strings.TrimSpace(line) == "" || len(line) > mib {
			t.Skip()
		}
		got := readJSON(t, "{\"first\":1}\n"+line+"\n", 0)
		if got.result.Records+got.result.Rejected != 2 {
			t.Fatalf("%+v", got.result)
		}
		var object map[string]any
		valid := json.Unmarshal([]byte(line), &object) == nil && len(object) > 0
		if good := got.result.Records == 2; good && !valid {
			t.Fatalf("%q was taken for an object", line)
		} else if !good && valid && got.rejected[0].Reason == source.InvalidJSON {
			t.Fatalf("%q was refused: %s", line, got.rejected[0].Detail)
		}
	})
}
