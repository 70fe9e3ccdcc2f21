package warehouse_test

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
)

func load(t *testing.T, files map[string]string) (*warehouse.Queries, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys["sql/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return warehouse.LoadQueries(fsys, "sql")
}

func TestQueriesAreFoundByTheirPath(t *testing.T) {
	q, err := load(t, map[string]string{
		"ledger/save.sql":      "INSERT INTO a VALUES ($x);",
		"panel/whole.sql.tmpl": `SELECT {{template "panel/part" .}} FROM {{ident .Table}}`,
		"panel/part.sql.tmpl":  `{{range $i, $c := .Columns}}{{if $i}}, {{end}}{{ident $c}}{{end}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := warehouse.Script{Name: "ledger/save", Statements: []warehouse.Statement{
		{Text: "INSERT INTO a VALUES ($x)", Parameters: []string{"x"}},
	}}
	if diff := cmp.Diff(want, q.Script("ledger/save")); diff != "" {
		t.Errorf("script (-want +got):\n%s", diff)
	}
	got, err := q.Render("panel/whole", map[string]any{"Table": "orders", "Columns": []string{"a", "b_2"}})
	if err != nil {
		t.Fatal(err)
	}
	want = warehouse.Script{Name: "panel/whole", Statements: []warehouse.Statement{{Text: `SELECT "a", "b_2" FROM "orders"`}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("template (-want +got):\n%s", diff)
	}
}

func TestATemplateThatPrintsUnquotedDoesNotLoad(t *testing.T) {
	for text, loads := range map[string]bool{
		`SELECT {{.Name}}`:                                       false,
		`SELECT {{printf "%s" .Name}}`:                           false,
		`SELECT {{text .Name | printf "%s"}}`:                    false,
		`{{if .Name}}{{.Name}}{{end}}`:                           false,
		`{{range .List}}{{else}}{{.Name}}{{end}}`:                false,
		`{{with .Name}}{{.}}{{end}}`:                             false,
		`{{define "inner"}}{{.}}{{end}}{{template "inner" .}}`:   false,
		`{{if .Name}}{{template "gone" .}}{{end}}`:               false,
		`SELECT {{add 1 2}}`:                                     false,
		`SELECT {{text .Name}}, {{.Name | ident}}`:               true,
		`{{$n := add 1 2}}SELECT {{integer $n}}`:                 true,
		`{{range .List}}{{number .}}{{else}}{{text "x"}}{{end}}`: true,
	} {
		_, err := load(t, map[string]string{"q.sql.tmpl": text})
		if (err == nil) != loads {
			t.Errorf("%s: loads: want %v, got %v", text, loads, err)
		}
	}
}

func TestAValueThatCannotBeQuotedStopsTheTemplate(t *testing.T) {
	q, err := load(t, map[string]string{
		"ident.sql.tmpl": `{{ident .}}`, "text.sql.tmpl": `{{text .}}`, "integer.sql.tmpl": `{{integer .}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]any{
		"ident": `a" FROM x --`, "text": "a\x00b", "integer": "1; DROP TABLE orders",
	} {
		if got, err := q.Render(name, value); err == nil {
			t.Errorf("%s of %q rendered %v", name, value, got)
		}
	}
	for _, bad := range []string{"", "A", "a-b", "1a", "a b", "ä", "a\n"} {
		if got, err := warehouse.Ident(bad); err == nil {
			t.Errorf("identifier %q became %s", bad, got)
		}
	}
}

func TestLiteralsReadAsTheyWere(t *testing.T) {
	q, err := load(t, map[string]string{
		"all.sql.tmpl": `{{text .Text}} {{texts .Texts}} {{number .Number}} {{numbers .Numbers}} {{integer .Integer}} {{instant .At}} {{boolean .Yes}} {{idents .Names}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := q.Render("all", map[string]any{
		"Text": "it's", "Texts": []string{"a", "b'"}, "Number": 0.1, "Numbers": []float64{math.Inf(-1), 1e-300},
		"Integer": uint64(math.MaxUint64), "Yes": true, "Names": []string{"a", "b"},
		"At": time.Date(2026, 3, 1, 1, 2, 3, 4567, time.FixedZone("", 3600)),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		`'it''s'`, `'a', 'b'''`, `CAST('0.1' AS DOUBLE)`, `CAST('-Inf' AS DOUBLE), CAST('1e-300' AS DOUBLE)`,
		`18446744073709551615`, `TIMESTAMP '2026-03-01 00:02:03.000004'`, `TRUE`, `"a", "b"`,
	}, " ")
	if diff := cmp.Diff(want, got.Statements[0].Text); diff != "" {
		t.Errorf("literals (-want +got):\n%s", diff)
	}
}

func TestAFileThatIsNoQueryDoesNotLoad(t *testing.T) {
	if _, err := load(t, map[string]string{"notes.txt": "hello"}); err == nil {
		t.Error("notes.txt loaded")
	}
	if _, err := load(t, map[string]string{"bad.sql.tmpl": "{{if}}"}); err == nil {
		t.Error("a broken template loaded")
	}
}
