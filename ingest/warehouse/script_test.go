package warehouse_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
)

func TestAScriptIsSplitAtItsOwnSemicolonsOnly(t *testing.T) {
	for _, c := range []struct {
		text string
		want []warehouse.Statement
	}{
		{"", nil},
		{" ;\n; -- nothing here; not even this\n", nil},
		{"SELECT 1", []warehouse.Statement{{Text: "SELECT 1"}}},
		{"SELECT ';' ; SELECT 2;", []warehouse.Statement{{Text: "SELECT ';'"}, {Text: "SELECT 2"}}},
		{`SELECT 'it''s; $no' AS "a;$b"`, []warehouse.Statement{{Text: `SELECT 'it''s; $no' AS "a;$b"`}}},
		{"SELECT 1 -- a; $b\n + 1; /* ; $c */ SELECT 2", []warehouse.Statement{
			{Text: "SELECT 1 -- a; $b\n + 1"}, {Text: "/* ; $c */ SELECT 2"},
		}},
		{"SELECT $$ ; $x $$, $q$ ; $$ $q$, $to, $from, $to", []warehouse.Statement{
			{Text: "SELECT $$ ; $x $$, $q$ ; $$ $q$, $to, $from, $to", Parameters: []string{"from", "to"}},
		}},
		{"SELECT 'open; SELECT 2", []warehouse.Statement{{Text: "SELECT 'open; SELECT 2"}}},
	} {
		if diff := cmp.Diff(c.want, warehouse.Split("q", c.text).Statements); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestQuotedTextNeverSplitsAScript(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		raw := strings.ReplaceAll(rapid.String().Draw(r, "text"), "\x00", "")
		quoted, err := warehouse.Text(raw)
		if err != nil {
			r.Fatal(err)
		}
		script := warehouse.Split("q", "SELECT "+quoted+" AS x; SELECT 2")
		if len(script.Statements) != 2 || len(script.Statements[0].Parameters) != 0 {
			r.Fatalf("%q became %v", quoted, script.Statements)
		}
	})
}
