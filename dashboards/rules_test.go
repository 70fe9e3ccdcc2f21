package dashboards_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is one rule of a file.
type rule struct {
	Alert, Record, Expr, For string
	Labels, Annotations      map[string]string
}

func rules(t *testing.T) map[string][]rule {
	t.Helper()
	paths, err := filepath.Glob("rules/*.yml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no rules: %v", err)
	}
	out := map[string][]rule{}
	for _, p := range paths {
		var file struct{ Groups []struct{ Rules []rule } }
		read(t, p, &file)
		for _, g := range file.Groups {
			out[p] = append(out[p], g.Rules...)
		}
	}
	return out
}

func read(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

const runbooks = "https://github.com/churnwatch/churnwatch/blob/main/dashboards/runbooks/"

func TestEveryAlertSaysHowBadWhatAndWhatToDo(t *testing.T) {
	used := map[string]bool{}
	for file, all := range rules(t) {
		for _, r := range all {
			if r.Alert == "" {
				continue
			}
			if !slices.Contains([]string{"info", "warning", "critical"}, r.Labels["severity"]) {
				t.Errorf("%s: %s: severity %q", file, r.Alert, r.Labels["severity"])
			}
			if r.For == "" || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s: %s: for %q, annotations %v", file, r.Alert, r.For, r.Annotations)
			}
			name, ok := strings.CutPrefix(r.Annotations["runbook_url"], runbooks)
			text, err := os.ReadFile(filepath.Join("runbooks", name))
			if !ok || err != nil {
				t.Errorf("%s: %s: runbook %q: %v", file, r.Alert, r.Annotations["runbook_url"], err)
				continue
			}
			used[name] = true
			for _, part := range []string{"# " + r.Alert + "\n", "\n## What it means\n", "\n## What to look at\n", "\n## What to do\n"} {
				if !strings.Contains(string(text), part) {
					t.Errorf("%s lacks %q", name, part)
				}
			}
		}
	}
	written, err := filepath.Glob("runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range written {
		if !used[path.Base(w)] {
			t.Errorf("no alert leads to %s", w)
		}
	}
}

func TestRecordedNamesSayLevelMetricAndOperations(t *testing.T) {
	form := regexp.MustCompile(`^[a-z_]+:churnwatch_[a-z_]+:[a-z0-9_]+$`)
	for file, all := range rules(t) {
		for _, r := range all {
			if r.Record != "" && !form.MatchString(r.Record) {
				t.Errorf("%s: %s is not level:metric:operations", file, r.Record)
			}
		}
	}
}

// promtool runs these tests; here it is held that there are some for each alert.
func TestEveryAlertIsTestedToFireAndToBeQuiet(t *testing.T) {
	fires, quiet := map[string]bool{}, map[string]bool{}
	paths, err := filepath.Glob("rules/tests/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range paths {
		var file struct {
			Tests []struct {
				Cases []struct {
					Name     string `yaml:"alertname"`
					Expected []any  `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		read(t, p, &file)
		for _, test := range file.Tests {
			for _, c := range test.Cases {
				fires[c.Name] = fires[c.Name] || len(c.Expected) > 0
				quiet[c.Name] = quiet[c.Name] || len(c.Expected) == 0
			}
		}
	}
	alerts := 0
	for file, all := range rules(t) {
		for _, r := range all {
			if r.Alert == "" {
				continue
			}
			if alerts++; !fires[r.Alert] || !quiet[r.Alert] {
				t.Errorf("%s: %s: tested to fire is %t, to be quiet %t", file, r.Alert, fires[r.Alert], quiet[r.Alert])
			}
		}
	}
	if alerts < 10 {
		t.Errorf("only %d alerts were seen", alerts)
	}
}
