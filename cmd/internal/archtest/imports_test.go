package archtest_test

import (
	"fmt"
	"go/ast"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

const module = "github.com/churnwatch/churnwatch"

// rules states policy: what the packages below pkg (the longest one wins) may
// import besides the standard library, and what of that is denied to them. A
// folder's own internal/ packages need no leave. The data flow one way: ingest,
// warehouse, scoring, api; model is below all of them, cmd above.
//
// DO NOT EDIT TO FIX A BUILD: change the design, or say why in the commit.
var rules = []rule{
	// The vocabulary, and the type of a number with its uncertainty.
	{pkg: "model", ours: []string{"model/estimate"}, deny: impure},
	{pkg: "model/estimate", deny: slices.Concat(impure, []string{"context", "time"})},

	// Estimators: pure maths on slices, which know no customer, context or clock.
	{pkg: "model/*", ours: []string{"model/*"}, theirs: []string{gonum}, deny: slices.Concat(impure, []string{"context", "time"})},
	{pkg: "model/regression", ours: []string{"model/*"}, theirs: []string{gonum, "github.com/sajari/regression"}, deny: slices.Concat(impure, []string{"context", "time"})},

	// In: files and batches to facts.
	{pkg: "ingest", ours: slices.Concat(vocabulary, []string{"ingest/source", "ingest/preset"}), theirs: []string{prometheus, "github.com/klauspost/compress", "github.com/agnivade/levenshtein", yaml}, deny: []string{"database/sql", "net.", "net/http"}},
	{pkg: "ingest/source", ours: vocabulary, theirs: []string{"github.com/klauspost/compress", yaml}, deny: []string{"database/sql", "net.", "net/http"}},
	{pkg: "ingest/preset", ours: vocabulary, theirs: []string{yaml, "github.com/knadh/koanf/parsers/yaml"}, deny: []string{"database/sql", "net.", "net/http"}},
	{pkg: "ingest/warehouse", ours: vocabulary, deny: []string{"net.", "net/http"}},
	{pkg: "ingest/warehouse/*", ours: slices.Concat(vocabulary, []string{"ingest/warehouse"}), theirs: []string{prometheus}, deny: []string{"net.", "net/http"}},
	{pkg: "ingest/warehouse/duckdb", ours: slices.Concat(vocabulary, []string{"ingest/warehouse"}), theirs: []string{prometheus, "github.com/duckdb/duckdb-go"}, deny: []string{"net.", "net/http"}},
	{pkg: "ingest/warehouse/warehousetest", ours: vocabulary, theirs: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}, deny: []string{"database/sql", "net.", "net/http"}},

	// Through: the use cases, which see the warehouse as a contract.
	{pkg: "scoring", ours: slices.Concat(vocabulary, []string{"model/*", "scoring/comment", "scoring/journey"}), theirs: []string{prometheus, "golang.org/x/sync"}, deny: []string{"database/sql", "net.", "net/http"}},

	// The moments of the journey, which are a table.
	{pkg: "scoring/journey", ours: vocabulary, deny: []string{"database/sql", "os", "net.", "net/http"}},

	// What people who run a shop look at together.
	{pkg: "scoring/board", ours: slices.Concat(vocabulary, []string{"model/*", "scoring/retention/known"}), deny: []string{"database/sql", "os", "net.", "net/http", "log"}},

	// What is done about a risk: playbooks as data, their decision as a pure function, and the bounds of messages.
	{pkg: "scoring/retention", ours: slices.Concat(vocabulary, []string{"model/*", "scoring/retention"}), theirs: []string{prometheus}, deny: []string{"database/sql", "os", "net.", "net/http"}},
	{pkg: "scoring/retention/playbook", ours: vocabulary, theirs: []string{yaml}, deny: []string{"database/sql", "os", "net.", "net/http", "log"}},
	{pkg: "scoring/retention/guard", ours: vocabulary, deny: []string{"database/sql", "os", "net.", "net/http", "log"}},
	{pkg: "scoring/retention/known", ours: slices.Concat(vocabulary, []string{"scoring/retention/guard"}), deny: []string{"context", "database/sql", "os", "net.", "net/http", "log"}},
	{pkg: "scoring/retention/survey", ours: slices.Concat(vocabulary, []string{"scoring/retention/guard", "scoring/retention/known"}), deny: []string{"context", "database/sql", "os", "net.", "net/http", "log"}},
	{pkg: "scoring/retention/decide", ours: slices.Concat(vocabulary, []string{"scoring/retention/guard", "scoring/retention/known", "scoring/retention/playbook"}), deny: []string{"context", "database/sql", "os", "net.", "net/http", "log"}},

	// What comments say: lexicons, and the sentiment of English by one library.
	{pkg: "scoring/comment", ours: slices.Concat(vocabulary, []string{"model/theme"}), theirs: []string{"github.com/jonreiter/govader"}, deny: []string{"database/sql", "os", "net.", "net/http"}},

	// Out: they reach scoring through small interfaces of their own.
	{pkg: "api", ours: slices.Concat(vocabulary, []string{"api/access", "api/gen", "api/page", "api/webhook."}), theirs: []string{
		"google.golang.org", "github.com/grpc-ecosystem", prometheus, "buf.build", "go.opentelemetry.io",
		"github.com/fullstorydev/grpchan", "github.com/klauspost/compress", "github.com/parquet-go/parquet-go", "golang.org/x/time", "golang.org/x/sync",
	}, deny: []string{"database/sql"}},
	// Who may do what, for the API and for the commands on keys.
	{pkg: "api/access", ours: slices.Concat(vocabulary, []string{"api/gen"}), theirs: []string{"google.golang.org"}, deny: []string{"database/sql", "net.", "net/http", "os"}},
	// What people see at the HTTP address: files, and a page made of the OpenAPI document.
	{pkg: "api/page", deny: []string{"database/sql", "os"}},
	// What receivers are told of changes: the rows of the feeds as events, calls out of the program, and who gets what.
	{pkg: "api/webhook", ours: slices.Concat(vocabulary, []string{"api/webhook"}), theirs: []string{prometheus, "github.com/cenkalti/backoff"}, deny: []string{"database/sql", "os", "net.", "net/http"}},
	{pkg: "api/webhook/feed", ours: vocabulary, deny: []string{"database/sql", "os", "net.", "net/http"}},
	{pkg: "api/webhook/post", ours: vocabulary, theirs: []string{"github.com/standard-webhooks/standard-webhooks"}, deny: []string{"database/sql", "os"}},
	{pkg: "api/gen", ours: []string{"api/gen"}, theirs: []string{"google.golang.org", "github.com/grpc-ecosystem"}, deny: []string{"database/sql", "net.", "net/http"}},
	{pkg: "dashboards", theirs: []string{"github.com/grafana/grafana-foundation-sdk"}, deny: []string{"database/sql", "net.", "net/http"}},
	{pkg: "deploy", deny: []string{"database/sql", "net.", "net/http"}},

	// The program: commands over their wiring.
	// A command asks for a use case and prints its result, so it speaks the words of both.
	{pkg: "cmd", ours: slices.Concat(vocabulary, []string{"scoring", "cmd/internal"}), theirs: []string{""}, deny: []string{"database/sql"}},
	{pkg: "cmd/internal", ours: []string{""}, theirs: []string{""}, deny: []string{"database/sql"}},
}

const (
	gonum      = "gonum.org/v1/gonum"
	prometheus = "github.com/prometheus/client_golang"
	yaml       = "go.yaml.in/yaml"
)

var (
	// vocabulary is what a package gets that may import model: the estimate is
	// the type of a field there.
	vocabulary = []string{"model.", "model/estimate"}
	// impure is input, output, and randomness that no seed decides.
	impure = []string{"os", "net", "database/sql", "log", "math/rand.", "crypto/rand", "embed"}
)

// rule is one line of the policy. In each list a path stands for itself and all
// below it; with a dot at its end for itself alone; with /* for all below it.
type rule struct {
	pkg    string
	ours   []string // of the module; "" is everything
	theirs []string // of other modules; "" is everything
	deny   []string // of the standard library
}

// imports tells which imports break the rules. Tests may import anything.
func imports(fsys fs.FS) (faults []string, err error) {
	err = eachSource(fsys, func(name string, file *ast.File) {
		pkg := path.Dir(name)
		r, ok := ruleFor(pkg)
		if !ok {
			faults = append(faults, name+" has no rule: say in rules what its package may import")
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				panic(err) // the parser has accepted it
			}
			if why := r.forbids(pkg, imported); why != "" {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s", name, imported, why))
			}
		}
	})
	return faults, err
}

func ruleFor(pkg string) (best rule, ok bool) {
	for _, r := range rules {
		if matches(pkg, r.pkg) && (!ok || specific(r.pkg) > specific(best.pkg)) {
			best, ok = r, true
		}
	}
	return best, ok
}

// specific orders the patterns that match one package: model, model/*,
// model/regression.
func specific(pattern string) int {
	if parent, found := strings.CutSuffix(pattern, "*"); found {
		return 2*len(parent) - 1
	}
	return 2 * len(pattern)
}

func (r rule) forbids(pkg, imported string) string {
	ours, isOurs := strings.CutPrefix(imported, module+"/")
	switch {
	case isOurs:
		if !anyMatches(ours, r.ours) && !internalOf(pkg, ours) {
			return "not below it in the data flow"
		}
	case strings.Contains(strings.SplitN(imported, "/", 2)[0], "."):
		if !anyMatches(imported, r.theirs) {
			return "third-party package not allowed here"
		}
	case anyMatches(imported, r.deny):
		return "standard package denied here"
	}
	return ""
}

// internalOf tells whether imported is one of the internal packages of the
// folder that pkg is, or is in.
func internalOf(pkg, imported string) bool {
	parent, _, found := strings.Cut(imported, "/internal/")
	return found && matches(pkg, parent)
}

func anyMatches(p string, patterns []string) bool {
	for _, pattern := range patterns {
		if matches(p, pattern) {
			return true
		}
	}
	return false
}

func matches(p, pattern string) bool {
	if exact, found := strings.CutSuffix(pattern, "."); found {
		return p == exact
	}
	if parent, found := strings.CutSuffix(pattern, "/*"); found {
		return strings.HasPrefix(p, parent+"/")
	}
	return pattern == "" || p == pattern || strings.HasPrefix(p, pattern+"/")
}
