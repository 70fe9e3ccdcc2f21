package dashboards_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/churnwatch/churnwatch/dashboards"
)

// board is what these tests read of a dashboard.
type board struct {
	UID, Title, Description string
	Editable                bool
	Tags                    []string
	Panels                  []panel
	Links                   []struct {
		Title, Type, URL, Tooltip string
		Tags                      []string
		IncludeVars, KeepTime     bool
	}
	Templating struct{ List []variable }

	raw []json.RawMessage // the panels as they are written
}

type variable struct {
	Name, Label, Description, Type, AllValue string
	Query                                    any
	Multi, IncludeAll                        bool
	Refresh                                  int
}

type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               struct{ Type, UID string }
	Targets                  []target
	Transformations          []struct {
		ID      string
		Options map[string]any
	}
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Links         []struct{ Title, URL string }
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

type target struct {
	Expr, LegendFormat, RefID, Format string
	Datasource                        struct{ Type, UID string }
}

func boards(t *testing.T) map[string]board {
	t.Helper()
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]board{}
	for name, text := range files {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		var b board
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var written struct{ Panels []json.RawMessage }
		if err := json.Unmarshal(text, &written); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		b.raw = written.Panels
		out[name] = b
	}
	if len(out) == 0 {
		t.Fatal("no dashboards")
	}
	return out
}

// filled replaces the variables of a query by values.
func filled(expr string) string {
	return strings.NewReplacer("$instance", ".+", "$job", ".+", "$dimension", "channel", "$cohort", ".+", "$__rate_interval", "5m", "$__range", "5m").Replace(expr)
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
			case len(p.Targets) == 0 || slices.ContainsFunc(p.Targets, func(q target) bool { return q.LegendFormat == "" }):
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
	if len(all) < 100 {
		t.Errorf("only %d queries were seen", len(all))
	}
	for where, q := range all {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(filled(q.expr))
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		all := map[string]bool{}
		for _, selector := range selectors(expr) {
			name := nameOf(selector)
			has, found := known[name]
			if !found && !isRecorded(t, name) {
				t.Errorf("%s: nothing registers %s", where, name)
			}
			for _, m := range selector {
				if m.Name != "__name__" && m.Name != "instance" && m.Name != "job" && found && !slices.Contains(has, m.Name) {
					t.Errorf("%s: %s has no label %s, only %v", where, name, m.Name, has)
				}
			}
			for _, label := range has {
				all[label] = true
			}
		}
		for _, label := range q.labels {
			if label != "instance" && !all[label] {
				t.Errorf("%s: nothing in it has the label %s", where, label)
			}
		}
	}
}

// unused are the metrics that nothing shows or warns of, and why.
var unused = map[string]string{
	"churnwatch_retention_customers":            "the size of a month in the triangle, for whoever weighs its rates",
	"churnwatch_grpc_server_msg_received_total": "messages of streams: calls and their times tell more",
	"churnwatch_grpc_server_msg_sent_total":     "the same",
	"churnwatch_http_request_duration_seconds":  "its buckets are",
	"churnwatch_grpc_server_handling_seconds":   "its buckets are",
	"churnwatch_job_duration_seconds":           "its sum and count are",
	"churnwatch_trigger_latency_seconds":        "its sum and count are",
}

func TestEveryMetricIsUsedOrSaysWhyNot(t *testing.T) {
	used := map[string]bool{}
	for _, q := range queries(t) {
		expr, err := parser.NewParser(parser.Options{}).ParseExpr(filled(q.expr))
		if err != nil {
			continue // The test above says so.
		}
		for _, selector := range selectors(expr) {
			used[nameOf(selector)] = true
		}
	}
	known := registered(t)
	for name := range known {
		if !isOurs(name) || isPart(name, known) {
			continue
		}
		if _, excused := unused[name]; used[name] == excused {
			t.Errorf("%s: used is %t, excused is %t", name, used[name], excused)
		}
	}
	for name := range unused {
		if _, found := known[name]; !found {
			t.Errorf("%s is excused but not registered", name)
		}
	}
}

// isOurs reports whether a metric is churnwatch's own.
func isOurs(name string) bool { return strings.HasPrefix(name, "churnwatch_") }

// isPart reports whether a name is that of a series of a histogram or summary.
func isPart(name string, known map[string][]string) bool {
	for _, suffix := range []string{"_bucket", "_sum", "_count"} {
		if whole, ok := strings.CutSuffix(name, suffix); ok && known[whole] != nil {
			return true
		}
	}
	return false
}

// nameOf is the metric that a selector names.
func nameOf(selector []*labels.Matcher) string {
	for _, m := range selector {
		if m.Name == "__name__" {
			return m.Value
		}
	}
	return ""
}

func isRecorded(t *testing.T, name string) bool {
	t.Helper()
	for where := range ruleExpressions(t) {
		if strings.HasSuffix(where, ": "+name) {
			return true
		}
	}
	return false
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

// query is an expression with the labels that its legend or text names. Of a
// panel it has the panel's type.
type query struct {
	expr   string
	labels []string
	panel  string
}

// queries are those of all panels, variables and rules, by where they stand.
func queries(t *testing.T) map[string]query {
	t.Helper()
	out := map[string]query{}
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for i, target := range p.Targets {
				out[fmt.Sprintf("%s: %d %s: %d", name, p.ID, p.Title, i)] = query{target.Expr, legendLabels(target.LegendFormat), p.Type}
			}
		}
		for _, v := range b.Templating.List {
			text, _ := v.Query.(string)
			if inside, ok := strings.CutPrefix(text, "label_values("); ok {
				selector, label, _ := cutLast(strings.TrimSuffix(inside, ")"), ", ")
				q := query{expr: selector, labels: []string{label}}
				if label == "instance" || label == "job" {
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
	for path, all := range rules(t) {
		for _, r := range all {
			out[path+": "+r.Alert+r.Record] = r.Expr
		}
	}
	return out
}
