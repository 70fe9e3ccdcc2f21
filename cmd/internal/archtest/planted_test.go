package archtest_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const ours = module + "/"

// planted holds one made-up file for each way to break a rule, and what the
// rule must say about it.
var planted = []struct{ rule, file, text, want string }{
	{"imports follow the architecture", "model/a.go", imported(ours + "scoring"), "not below it"},
	{"imports follow the architecture", "model/a.go", imported(ours + "model/logistic"), "not below it"},
	{"imports follow the architecture", "model/a.go", imported("os"), "standard package denied"},
	{"imports follow the architecture", "model/a.go", imported("log/slog"), "standard package denied"},
	{"imports follow the architecture", "model/a.go", imported("gonum.org/v1/gonum/stat"), "third-party"},
	{"imports follow the architecture", "model/estimate/a.go", imported(ours + "model"), "not below it"},
	{"imports follow the architecture", "model/logistic/a.go", imported(ours + "model"), "not below it"},
	{"imports follow the architecture", "model/logistic/a.go", imported("github.com/sajari/regression"), "third-party"},
	{"imports follow the architecture", "model/logistic/a.go", imported("time"), "standard package denied"},
	{"imports follow the architecture", "model/logistic/a.go", imported("math/rand"), "standard package denied"},
	{"imports follow the architecture", "model/regression/a.go", imported("context"), "standard package denied"},
	{"imports follow the architecture", "ingest/a.go", imported(ours + "ingest/warehouse/duckdb"), "not below it"},
	{"imports follow the architecture", "ingest/a.go", imported("database/sql"), "standard package denied"},
	{"imports follow the architecture", "ingest/source/a.go", imported(ours + "ingest"), "not below it"},
	{"imports follow the architecture", "ingest/preset/a.go", imported(ours + "ingest"), "not below it"},
	{"imports follow the architecture", "ingest/warehouse/a.go", imported("github.com/duckdb/duckdb-go/v2"), "third-party"},
	{"imports follow the architecture", "ingest/warehouse/duckdb/a.go", imported(ours + "ingest"), "not below it"},
	{"imports follow the architecture", "ingest/warehouse/other/a.go", imported("github.com/duckdb/duckdb-go/v2"), "third-party"},
	{"imports follow the architecture", "ingest/warehouse/warehousetest/a.go", imported(ours + "ingest/warehouse/duckdb"), "not below it"},
	{"imports follow the architecture", "scoring/a.go", imported(ours + "ingest"), "not below it"},
	{"imports follow the architecture", "scoring/a.go", imported("net/http"), "standard package denied"},
	{"imports follow the architecture", "scoring/retention/a.go", imported(ours + "scoring"), "not below it"},
	{"imports follow the architecture", "scoring/retention/a.go", imported("os"), "standard package denied"},
	{"imports follow the architecture", "scoring/retention/playbook/a.go", imported(ours + "scoring/retention"), "not below it"},
	{"imports follow the architecture", "scoring/retention/guard/a.go", imported("go.yaml.in/yaml/v3"), "third-party"},
	{"imports follow the architecture", "scoring/retention/decide/a.go", imported("context"), "standard package denied"},
	{"imports follow the architecture", "scoring/retention/survey/a.go", imported("context"), "standard package denied"},
	{"imports follow the architecture", "scoring/retention/known/a.go", imported(ours + "scoring/retention/decide"), "not below it"},
	{"imports follow the architecture", "scoring/comment/a.go", imported("os"), "standard package denied"},
	{"imports follow the architecture", "scoring/journey/a.go", imported("os"), "standard package denied"},
	{"imports follow the architecture", "scoring/board/a.go", imported(ours + "scoring"), "not below it in the data flow"},
	{"imports follow the architecture", "api/a.go", imported(ours + "scoring"), "not below it"},
	{"imports follow the architecture", "api/a.go", imported(ours + "model/logistic"), "not below it"},
	{"imports follow the architecture", "api/access/a.go", imported(ours + "scoring"), "not below it"},
	{"imports follow the architecture", "api/page/a.go", imported(ours + "model"), "not below it"},
	{"imports follow the architecture", "api/webhook/a.go", imported(ours + "api"), "not below it"},
	{"imports follow the architecture", "api/webhook/feed/a.go", imported(ours + "api/webhook"), "not below it"},
	{"imports follow the architecture", "api/webhook/post/a.go", imported(ours + "api/webhook/feed"), "not below it"},
	{"imports follow the architecture", "api/gen/churnwatch/v1/a.go", imported(ours + "api"), "not below it"},
	{"imports follow the architecture", "dashboards/a.go", imported(ours + "model"), "not below it"},
	{"imports follow the architecture", "deploy/a.go", imported("github.com/spf13/cobra"), "third-party"},
	{"imports follow the architecture", "cmd/churnwatch/a.go", imported(ours + "ingest/warehouse/duckdb"), "not below it"},
	{"imports follow the architecture", "cmd/internal/app/a.go", imported("database/sql"), "standard package denied"},
	{"imports follow the architecture", "tools/a.go", imported("fmt"), "has no rule"},

	{"SQL lives in files", "scoring/a.go", inGo("const q = `SELECT 1 FROM orders`"), `holds SQL "SELECT 1 FROM orders"`},
	{"SQL lives in files", "ingest/warehouse/duckdb/a.go", inGo(`var q = "COPY (FROM t) TO 'x'"`), "holds SQL"},
	{"SQL lives in files", "ingest/warehouse/duckdb/a.go", inGo(`var q = "FROM t SELECT x"`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo(`var q = "SELECT " + columns + " FROM " + table`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo(`func f() { db.ExecContext(ctx, "ATTACH 'x'") }`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo(`func f() { db.Query("from orders") }`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo(`func f() { db.PrepareContext(ctx, "alter table t " + what) }`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo(`func f() { db.Exec("CHECKPOINT") }`), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo("const limit = `SET memory_limit = '1GB'`\nfunc f() { db.Exec(limit) }"), "holds SQL"},
	{"SQL lives in files", "api/a.go", inGo("func f() { q := `merge into t`; db.QueryRow(q) }"), "holds SQL"},

	{"SQL files live with their engine", "scoring/sql/a.sql", "SELECT 1", "outside"},
	{"SQL files live with their engine", "ingest/warehouse/a.sql.tmpl", "SELECT 1", "outside"},

	{"queries take their time as an argument", "ingest/warehouse/duckdb/a.sql", "SELECT now()", "reads the clock"},
	{"queries take their time as an argument", "ingest/warehouse/duckdb/sql/queries/deep/a.sql.tmpl", "WHERE d < CURRENT_DATE", "reads the clock"},
	{"queries take their time as an argument", "ingest/warehouse/duckdb/migrations/a.sql", "at TIMESTAMP DEFAULT current_timestamp", "reads the clock"},
	{"queries take their time as an argument", "ingest/warehouse/other/a.sql", "SELECT today ()", "reads the clock"},
	{"queries take their time as an argument", "ingest/warehouse/duckdb/a.sql", "SELECT TIMESTAMP 'now'", "reads the clock"},
	{"queries take their time as an argument", "ingest/warehouse/duckdb/a.sql", "SELECT age(ordered_at)", "reads the clock"},

	{"every package says what it is", "model/btyd/a.go", "package btyd", "model/btyd has no package comment"},
	{"no file is too long to oversee", "model/a.go", "package model\n" + strings.Repeat("// x\n", 500), "501 lines"},
	{"no file is too long to oversee", "model/a_test.go", "package model\n" + strings.Repeat("// x\n", 500), "501 lines"},
	{"no file is too long to oversee", "ingest/warehouse/duckdb/a.sql", strings.Repeat("-- x\n", 501), "501 lines"},
}

func TestAPlantedFaultIsFound(t *testing.T) {
	for _, tt := range planted {
		t.Run(tt.rule+"/"+tt.want+" "+tt.file, func(t *testing.T) {
			faults, err := checks[tt.rule](fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if err != nil {
				t.Fatal(err)
			}
			if len(faults) != 1 || !strings.Contains(faults[0], tt.want) || !strings.HasPrefix(faults[0], tt.file) && !strings.HasPrefix(tt.file, strings.Fields(faults[0])[0]) {
				t.Errorf("in\n%s\nfound %q, want one fault of %s with %q", tt.text, faults, tt.file, tt.want)
			}
		})
	}
}

// innocent holds what looks like a fault and is none.
var innocent = []struct{ file, text string }{
	{"model/a.go", imported(ours+"model/estimate", "time", "context", "errors")},
	{"model/btyd/a.go", imported(ours+"model/estimate", ours+"model/regression", "gonum.org/v1/gonum/mat", "math/rand/v2")},
	{"model/regression/a.go", imported("github.com/sajari/regression")},
	{"model/internal/series/a.go", imported("math")},
	{"model/drift/a.go", imported(ours + "model/internal/series")},
	{"ingest/warehouse/duckdb/a.go", imported(ours+"model", ours+"ingest/warehouse", "net/url", "database/sql", "github.com/duckdb/duckdb-go/v2")},
	{"ingest/warehouse/duckdb/render/a.go", imported(ours + "model")},
	{"ingest/warehouse/warehousetest/a.go", imported(ours+"model", "testing", "github.com/google/go-cmp/cmp", "pgregory.net/rapid")},
	{"scoring/retention/a.go", imported(ours+"model", ours+"model/logistic", "log/slog")},
	{"api/a.go", imported(ours+"api/gen/churnwatch/v1", "google.golang.org/grpc", "net/http")},
	{"cmd/churnwatch/a.go", imported(ours+"cmd/internal/app", ours+"scoring", "github.com/spf13/cobra")},
	{"cmd/internal/app/a.go", imported(ours+"ingest/warehouse/duckdb", "time")},
	{"scoring/a_test.go", "package scoring_test\nimport _ \"" + ours + "ingest/warehouse/duckdb\"\nvar q = `SELECT 1 FROM t`"},
	{"api/gen/churnwatch/v1/a.pb.go", "// Code generated by a tool. DO NOT EDIT.\npackage v1\nimport _ \"" + ours + "model\"\n" + strings.Repeat("//\n", 600)},
	{"deploy/tools/go.mod", "module tools"},
	{"deploy/tools/a.go", imported("github.com/spf13/cobra")},
	{"api/a.go", inGo("var help = `select the customers from a table where orders are late, then update the set`")},
	{"api/a.go", inGo(`var methods = "GET, HEAD, POST, PUT, DELETE"`)},
	{"api/a.go", inGo(`func f() { q.Exec(ctx, "insert_facts", rows); u.Query().Get("page size") }`)},
	{"ingest/warehouse/duckdb/a.sql", "-- not now(), and no current_date\nSELECT age(a, b), known_now FROM t /* today() */\n"},
	{"scoring/testdata/golden.sql", "SELECT now()"},
	{"model/a.go", "// Package model is the vocabulary.\npackage model\n" + strings.Repeat("// x\n", 498)},
}

func TestWhatLooksLikeAFaultIsLeftAlone(t *testing.T) {
	for _, tt := range innocent {
		for name, check := range checks {
			faults, err := check(fstest.MapFS{tt.file: {Data: []byte(tt.text)}, "deploy/tools/go.mod": {}})
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults {
				t.Errorf("%s: %s", name, fault)
			}
		}
	}
}

func TestEveryRuleHasAPlantedFault(t *testing.T) {
	for name := range checks {
		if !slices.ContainsFunc(planted, func(p struct{ rule, file, text, want string }) bool { return p.rule == name }) {
			t.Errorf("%s: nothing is planted", name)
		}
	}
	for _, r := range rules {
		if !slices.ContainsFunc(planted, func(p struct{ rule, file, text, want string }) bool {
			best, ok := ruleFor(p.file[:strings.LastIndex(p.file, "/")])
			return ok && best.pkg == r.pkg
		}) {
			t.Errorf("the line for %s: nothing is planted", r.pkg)
		}
	}
}

func TestWhatDoesNotBelongAtTheTopIsFound(t *testing.T) {
	got := misplaced([]string{
		".ci/run", ".gitignore", "README.md", "api/a.go", "cmd/a.go", "dashboards/a.go", "deploy/a", "go.mod", "go.sum",
		"ingest/a.go", "internal/a.go", "internal/b.go", "main.go", "model/a.go", "scoring/a.go",
	})
	want := []string{
		"internal does not belong at the top of the repository",
		"main.go does not belong at the top of the repository",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("misplaced (-want +got):\n%s", diff)
	}
}

// imported is a documented package that imports paths.
func imported(paths ...string) string {
	var b strings.Builder
	b.WriteString("// Package p is made up.\npackage p\n")
	for _, p := range paths {
		b.WriteString("import _ \"" + p + "\"\n")
	}
	return b.String()
}

// inGo is a documented package of declarations.
func inGo(declarations string) string { return imported() + declarations + "\n" }
