package ingest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

const header = "order_id,customer_id,ordered_at,amount,status\n"

// rows returns orders from o<from> on.
func rows(from, n int) string {
	var out strings.Builder
	for i := range n {
		fmt.Fprintf(&out, "o%d,c%d,2024-01-%02d,%d.50,paid\n", from+i, i%7, i%28+1, i)
	}
	return out.String()
}

// outcome is what a report counts, and why rows were refused.
type outcome struct {
	Read, Loaded, Replaced, Unchanged, Quarantined int64
	Reasons                                        map[string]int64
}

func outcomeOf(r model.ImportReport) outcome {
	return outcome{Read: r.Read, Loaded: r.Loaded, Replaced: r.Replaced, Unchanged: r.Unchanged, Quarantined: r.Quarantined, Reasons: r.Reasons}
}

func packed(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func utf16le(text string) []byte {
	out := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestBrokenFilesAreAccountedForRowByRow(t *testing.T) {
	wide := strings.TrimSuffix(header, "\n")
	for i := range 1000 {
		wide += fmt.Sprintf(",extra_%d", i)
	}
	whole := packed(t, header+rows(0, 20_000))
	none := map[string]int64{}
	for _, c := range []struct {
		name, file string
		content    []byte
		want       outcome
	}{
		{
			"an unterminated quote in the middle", "a.csv", []byte(header + rows(0, 5) + "o90,c1,2024-01-01,1,\"paid\n" + rows(5, 5)),
			outcome{Read: 11, Loaded: 10, Quarantined: 1, Reasons: map[string]int64{"unclosed_quote": 1}},
		},
		{
			"rows with too few and too many fields", "a.csv", []byte(header + rows(0, 3) + "o90,c1\no91,c1,2024-01-01,1,paid,more\n" + rows(3, 3)),
			outcome{Read: 8, Loaded: 6, Quarantined: 2, Reasons: map[string]int64{"too_few_fields": 1, "too_many_fields": 1}},
		},
		{
			"a wrong encoding", "a.csv", []byte(header + rows(0, 3) + "o90,M\xfcller,2024-01-01,1,paid\n" + rows(3, 3)),
			outcome{Read: 7, Loaded: 6, Quarantined: 1, Reasons: map[string]int64{"invalid_encoding": 1}},
		},
		{"UTF-16", "a.csv", utf16le(header + rows(0, 3)), outcome{Read: 3, Loaded: 3, Reasons: none}},
		{"a byte order mark", "a.csv", []byte("\ufeff" + header + rows(0, 3)), outcome{Read: 3, Loaded: 3, Reasons: none}},
		{"CRLF", "a.csv", []byte(strings.ReplaceAll(header+rows(0, 3), "\n", "\r\n")), outcome{Read: 3, Loaded: 3, Reasons: none}},
		{
			"NUL bytes", "a.csv", []byte(header + rows(0, 3) + "o90,c\x001,2024-01-01,1,paid\n"),
			outcome{Read: 4, Loaded: 3, Quarantined: 1, Reasons: map[string]int64{"nul_byte": 1}},
		},
		{"a header alone", "a.csv", []byte(header), outcome{Reasons: none}},
		{
			"dates in another format", "a.csv", []byte(header + rows(0, 3) + "o90,c1,31/12/2024,1,paid\n"),
			outcome{Read: 4, Loaded: 3, Quarantined: 1, Reasons: map[string]int64{"not_a_time": 1}},
		},
		{
			"1,000 columns more", "a.csv", []byte(wide + "\n" + strings.ReplaceAll(rows(0, 3), "\n", strings.Repeat(",x", 1000)+"\n")),
			outcome{Read: 3, Loaded: 3, Reasons: none},
		},
		{
			"a field of 10 MB", "a.csv", []byte(header + rows(0, 3) + "o90,c1,2024-01-01,1," + strings.Repeat("x", 10<<20) + "\n" + rows(3, 3)),
			outcome{Read: 7, Loaded: 6, Quarantined: 1, Reasons: map[string]int64{"field_too_large": 1}},
		},
		{
			"the same key twice", "a.csv", []byte(header + rows(0, 3) + "o1,c1,2024-01-02,99,paid\no2,c2,2024-01-03,2.50,paid\n"),
			outcome{Read: 5, Loaded: 3, Replaced: 1, Unchanged: 1, Reasons: none},
		},
		{
			"NDJSON with a broken line", "a.ndjson", []byte(`{"order_id":"o1","customer_id":"c1","ordered_at":"2024-01-01","amount":5}` + "\n{\"order_id\":\"o2\",\n" +
				`{"order_id":"o3","customer_id":"c1","ordered_at":"2024-01-01","amount":5,"tags":["a"]}` + "\n"),
			outcome{Read: 3, Loaded: 2, Quarantined: 1, Reasons: map[string]int64{"invalid_json": 1}},
		},
		{"gzip", "a.csv.gz", whole, outcome{Read: 20_000, Loaded: 20_000, Reasons: none}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			take := func() model.ImportReport {
				reports, err := s.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.File(path)}})
				if err != nil {
					t.Fatal(err)
				}
				return reports[0]
			}
			if diff := cmp.Diff(c.want, outcomeOf(take())); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			checkQuarantine(t, s, path, c.want.Quarantined)
			again := c.want
			again.Loaded, again.Replaced, again.Unchanged = 0, 0, c.want.Read-c.want.Quarantined
			if diff := cmp.Diff(again, outcomeOf(take())); diff != "" {
				t.Errorf("outcome of the second import (-want +got):\n%s", diff)
			}
			checkQuarantine(t, s, path, c.want.Quarantined)
		})
	}
}

// checkQuarantine sees that every refused row can be found again in its file.
func checkQuarantine(t *testing.T, s *shop, path string, want int64) {
	t.Helper()
	refused := s.quarantined(t)
	if int64(len(refused)) != want {
		t.Errorf("%d rows in the quarantine, want %d: %+v", len(refused), want, refused)
	}
	for _, q := range refused {
		if q.File != path || q.Line < 2 || q.Reason == "" || q.Detail == "" || q.Raw == "" || q.Kind != model.Orders {
			t.Errorf("quarantined row lacks something: %+.300v", q)
		}
	}
}

func TestATruncatedGzipGivesWhatCameThrough(t *testing.T) {
	s := newShop(t)
	whole := packed(t, header+rows(0, 20_000))
	path := filepath.Join(t.TempDir(), "a.csv.gz")
	if err := os.WriteFile(path, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	reports, err := s.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.File(path)}})
	if err != nil {
		t.Fatal(err)
	}
	r := reports[0]
	if r.Read != r.Loaded+r.Quarantined || r.Loaded < 5000 || r.Quarantined > 1 || len(r.Warnings) == 0 {
		t.Errorf("%+v", r)
	}
	checkQuarantine(t, s, path, r.Quarantined)
}

func TestFilesOfWhichNothingCanBeUsedSayWhy(t *testing.T) {
	parquet := parquetFile(t, "SELECT 'o1' AS order_id, 'c1' AS customer_id, DATE '2024-01-01' AS ordered_at, 1 AS amount FROM range(5000)")
	for _, c := range []struct {
		name, file string
		content    []byte
		want       string
	}{
		{"empty", "a.csv", nil, "empty"},
		{
			"a missing required column", "a.csv", []byte("order_id,client,ordered_on,amount\no1,c1,2024-01-01,1\n"),
			`required column customer_id is missing; found: order_id, client, ordered_on, amount`,
		},
		{"a near miss", "a.csv", []byte("order_id,customer_idd,ordered_at,amount\n"), "perhaps --map customer_id=customer_idd"},
		{"a truncated Parquet", "a.parquet", parquet[:len(parquet)/2], "Parquet"},
		{"only rows that can't be used", "a.csv", []byte(header + "o1,,2024-01-01,1,\n"), "none of 1 rows could be used, most often for missing_value"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newShop(t)
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := s.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.File(path)}})
			if model.KindOf(err) != model.KindInvalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one of kind invalid with %q", err, c.want)
			}
		})
	}
}

func TestNothingIsLoadedWhenALaterFileLacksAColumn(t *testing.T) {
	s := newShop(t)
	_, err := s.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{
		ingest.Stream("good", strings.NewReader(header+rows(0, 3))), ingest.Stream("bad", strings.NewReader("order_id,amount\no1,1\n")),
	}})
	if err == nil || !strings.Contains(err.Error(), "bad") {
		t.Errorf("error %v, want one that names the file", err)
	}
	if r := s.take(t, model.Orders, header+rows(0, 3)); r.Loaded != 3 {
		t.Errorf("%d rows loaded afterwards, want 3: the good file was loaded", r.Loaded)
	}
}

// parquetFile returns the bytes of a Parquet file with the rows of a query.
func parquetFile(t *testing.T, query string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.parquet")
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), "COPY ("+query+") TO '"+path+"' (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestParquetAndNDJSONGiveTheSameRowsAsCSV(t *testing.T) {
	s := newShop(t)
	s.take(t, model.Responses, "response_id,customer_id,answered_at,kind,score,comment,tags\n"+
		"r1,c1,2024-01-01T10:00:00Z,nps,9,\"two\nlines\",a;b\nr2,c2,2024-01-02T00:00:00Z,ces,6.5,,\n")
	parquet := parquetFile(t, `SELECT * FROM (VALUES
		('r1', 'c1', TIMESTAMPTZ '2024-01-01 11:00:00+01', 'nps', 9.0, 'two' || chr(10) || 'lines', ['b', 'a']),
		('r2', 'c2', TIMESTAMPTZ '2024-01-02 00:00:00+00', 'ces', 6.5, NULL, NULL)) AS t (response_id, customer_id, answered_at, kind, score, comment, tags)`)
	ndjson := `{"response_id":"r1","customer_id":"c1","answered_at":"2024-01-01T10:00:00Z","kind":"nps","score":9,"comment":"two\nlines","tags":["b","a"]}
{"response_id":"r2","customer_id":"c2","answered_at":"2024-01-02T00:00:00Z","kind":"ces","score":6.5,"comment":null}
`
	for name, content := range map[string]string{"rows.parquet": string(parquet), "rows.ndjson": ndjson} {
		reports, err := s.Import(t.Context(), ingest.Request{Kind: model.Responses, Files: []ingest.Input{ingest.Stream(name, strings.NewReader(content))}})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r := reports[0]; r.Unchanged != 2 || r.Read != 2 {
			t.Errorf("%s: %+v, want two rows unchanged", name, r)
		}
	}
}

func TestBadRowsOfAParquetFileAreFoundByTheirNumber(t *testing.T) {
	s := newShop(t)
	content := parquetFile(t, `SELECT 'o' || i AS order_id, CASE WHEN i <> 4000 THEN 'c1' END AS customer_id, DATE '2024-01-01' AS ordered_at,
		CASE WHEN i = 4500 THEN -1 ELSE 1 END AS amount FROM range(5000) AS t (i)`)
	reports, err := s.Import(t.Context(), ingest.Request{Kind: model.Orders, Files: []ingest.Input{ingest.Stream("a.parquet", bytes.NewReader(content))}})
	if err != nil {
		t.Fatal(err)
	}
	want := outcome{Read: 5000, Loaded: 4998, Quarantined: 2, Reasons: map[string]int64{"missing_value": 1, "out_of_range": 1}}
	if diff := cmp.Diff(want, outcomeOf(reports[0])); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	var found []string
	for _, q := range s.quarantined(t) {
		found = append(found, fmt.Sprintf("%d %s %s %s", q.Line, q.Column, q.Reason, q.Raw))
	}
	if diff := cmp.Diff([]string{
		`4001 customer_id missing_value {"order_id":"o4000","customer_id":null,"ordered_at":"2024-01-01","amount":1}`,
		`4501 amount out_of_range {"order_id":"o4500","customer_id":"c1","ordered_at":"2024-01-01","amount":-1}`,
	}, found); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
}
