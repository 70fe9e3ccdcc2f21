package dashboards_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/dashboards"
)

// board is what these tests read of a dashboard.
type board struct {
	UID, Title, Description string
	Panels                  []panel
	Templating              struct {
		List []struct{ Name, Label, Description, Type, Definition string }
	}
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               struct{ Type, UID string }
	Targets                  []struct{ Expr, LegendFormat string }
	FieldConfig              struct {
		Defaults struct {
			Unit, NoValue string
			Thresholds    struct {
				Mode  string
				Steps []struct {
					Value *float64
					Color string
				}
			}
		}
	}
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]board{}
	for name, text := range files {
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		out[name] = b
	}
	if len(out) == 0 {
		t.Fatal("no dashboards")
	}
	return out
}

// filled replaces the variables of a query by values.
func filled(expr string) string {
	return strings.NewReplacer("$instance", "a:1", "$dimension", "channel", "$cohort", ".*", "$__rate_interval", "5m").Replace(expr)
}

func TestEveryPanelSaysWhatItShows(t *testing.T) {
	for name, b := range boards(t) {
		if b.UID == "" || b.Title == "" || b.Description == "" {
			t.Errorf("%s: uid, title or description is missing", name)
		}
		for _, p := range b.Panels {
			d := p.FieldConfig.Defaults
			switch {
			case p.Title == "":
				t.Errorf("%s: panel %d has no title", name, p.ID)
			case p.Type == "row":
			case p.Description == "" || !strings.HasSuffix(p.Description, "."):
				t.Errorf("%s: %s: description %q", name, p.Title, p.Description)
			case d.Unit == "" || d.NoValue == "":
				t.Errorf("%s: %s: unit %q, text without data %q", name, p.Title, d.Unit, d.NoValue)
			case d.Thresholds.Mode != "absolute" || len(d.Thresholds.Steps) == 0 || d.Thresholds.Steps[0].Value != nil:
				t.Errorf("%s: %s: thresholds %+v", name, p.Title, d.Thresholds)
			case p.Datasource.Type != "prometheus" || p.Datasource.UID != "${datasource}":
				t.Errorf("%s: %s: data source %+v", name, p.Title, p.Datasource)
			case len(p.Targets) == 0 || p.Targets[0].LegendFormat == "":
				t.Errorf("%s: %s: no query, or one without a legend", name, p.Title)
			}
		}
		for _, v := range b.Templating.List {
			if v.Label == "" || v.Description == "" {
				t.Errorf("%s: variable %s: label %q, description %q", name, v.Name, v.Label, v.Description)
			}
		}
	}
}

func TestThresholdsAscend(t *testing.T) {
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			steps := p.FieldConfig.Defaults.Thresholds.Steps
			for i := 2; i < len(steps); i++ {
				if *steps[i].Value <= *steps[i-1].Value {
					t.Errorf("%s: %s: threshold %v after %v", name, p.Title, *steps[i].Value, *steps[i-1].Value)
				}
			}
		}
	}
}

func TestPanelsHaveTheirOwnNumbersAndPlaces(t *testing.T) {
	for name, b := range boards(t) {
		ids, taken := map[int]string{}, map[[2]int]string{}
		for _, p := range b.Panels {
			if other, found := ids[p.ID]; found {
				t.Errorf("%s: %s and %s are both panel %d", name, p.Title, other, p.ID)
			}
			ids[p.ID] = p.Title
			if p.GridPos.X+p.GridPos.W > 24 {
				t.Errorf("%s: %s reaches beyond the right edge", name, p.Title)
			}
			for x := range p.GridPos.W {
				for y := range p.GridPos.H {
					at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
					if other, found := taken[at]; found {
						t.Fatalf("%s: %s lies on %s", name, p.Title, other)
					}
					taken[at] = p.Title
				}
			}
		}
	}
}

func TestEveryQueryParsesAndNamesWhatTheServerRegisters(t *testing.T) {
	known, all := registered(t), queries(t)
	if len(all) < 30 {
		t.Errorf("only %d queries were seen", len(all))
	}
	for where, q := range all {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(filled(q.expr))
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		for _, selector := range selectors(expr) {
			name, used := "", []string{}
			for _, m := range selector {
				if m.Name == "__name__" {
					name = m.Value
				} else if m.Name != "instance" {
					used = append(used, m.Name)
				}
			}
			has, found := known[name]
			if !found {
				t.Errorf("%s: nothing registers %s", where, name)
			}
			for _, label := range append(used, q.labels...) {
				if found && !slices.Contains(has, label) {
					t.Errorf("%s: %s has no label %s, only %v", where, name, label, has)
				}
			}
		}
	}
}

func selectors(expr parser.Expr) (out [][]*labels.Matcher) {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v.LabelMatchers)
		}
		return nil
	})
	return out
}

// query is an expression with the labels that its legend or text names.
type query struct {
	expr   string
	labels []string
}

// queries are those of all panels, variables and rules, by where they stand.
func queries(t *testing.T) map[string]query {
	t.Helper()
	out := map[string]query{}
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for i, target := range p.Targets {
				out[fmt.Sprintf("%s: %d %s: %d", name, p.ID, p.Title, i)] = query{target.Expr, legendLabels(target.LegendFormat)}
			}
		}
		for _, v := range b.Templating.List {
			if inside, ok := strings.CutPrefix(v.Definition, "label_values("); ok {
				selector, label, _ := cutLast(strings.TrimSuffix(inside, ")"), ", ")
				q := query{expr: selector, labels: []string{label}}
				if label == "instance" {
					q.labels = nil
				}
				out[name+": variable "+v.Name] = q
			}
		}
	}
	for name, expr := range ruleExpressions(t) {
		out[name] = query{expr: expr}
	}
	return out
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func legendLabels(legend string) (out []string) {
	for part := range strings.SplitSeq(legend, "{{") {
		if label, _, ok := strings.Cut(part, "}}"); ok {
			out = append(out, strings.TrimSpace(label))
		}
	}
	return out
}

func ruleExpressions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths, err := filepath.Glob("rules/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Groups []struct {
				Rules []struct{ Alert, Record, Expr string }
			}
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, group := range file.Groups {
			for _, r := range group.Rules {
				out[path+": "+r.Alert+r.Record] = r.Expr
			}
		}
	}
	return out
}
