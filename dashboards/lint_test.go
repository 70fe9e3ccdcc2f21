package dashboards_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// These are the rules of Grafana's dashboard linter
// (github.com/grafana/dashboard-linter), which can't be had as a library.

func TestDashboardsAreNotToBeEditedInPlace(t *testing.T) {
	for name, b := range boards(t) {
		if b.Editable {
			t.Errorf("%s can be edited", name)
		}
	}
}

func TestTheDataSourceIsAVariable(t *testing.T) {
	for name, b := range boards(t) {
		v := b.Templating.List[0]
		if v.Name != "datasource" || v.Label != "Data source" || v.Type != "datasource" || v.Query != "prometheus" {
			t.Errorf("%s: the first variable is %+v", name, v)
		}
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				if q.Datasource.UID != "${datasource}" || q.Datasource.Type != "prometheus" {
					t.Errorf("%s: %s: data source %+v", name, p.Title, q.Datasource)
				}
			}
		}
	}
}

func TestJobAndInstanceAreVariables(t *testing.T) {
	for name, b := range boards(t) {
		for _, label := range []string{"job", "instance"} {
			i := slices.IndexFunc(b.Templating.List, func(v variable) bool { return v.Name == label })
			if i < 0 {
				t.Fatalf("%s: no variable %s", name, label)
			}
			if v := b.Templating.List[i]; v.Type != "query" || !v.Multi || !v.IncludeAll || v.AllValue != ".+" {
				t.Errorf("%s: variable %s is %+v, want several values, or all by .+", name, label, v)
			}
		}
	}
}

func TestVariablesAreReadAgainWhenTheTimeChanges(t *testing.T) {
	const onTimeRangeChanged = 2
	for name, b := range boards(t) {
		for _, v := range b.Templating.List {
			if v.Type == "query" && v.Refresh != onTimeRangeChanged {
				t.Errorf("%s: variable %s: refresh %d", name, v.Name, v.Refresh)
			}
		}
	}
}

// constants are selectors without a server: none is meant.
func TestEveryQueryKeepsToTheChosenServers(t *testing.T) {
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				expr, err := parser.NewParser(parser.Options{}).ParseExpr(placeholders.Replace(q.Expr))
				if err != nil {
					t.Errorf("%s: %s: %v", name, p.Title, err)
					continue
				}
				for _, selector := range selectors(expr) {
					text := fmt.Sprint(selector)
					if !strings.Contains(text, `job=~"JOB"`) || !strings.Contains(text, `instance=~"INSTANCE"`) {
						t.Errorf("%s: %s: %s does not keep to the chosen job and instance", name, p.Title, text)
					}
				}
			}
		}
	}
}

// placeholders stand for variables where it matters which one it was.
var placeholders = strings.NewReplacer("$instance", "INSTANCE", "$job", "JOB", "$dimension", "DIMENSION", "$cohort", "COHORT",
	"$__rate_interval", "5m", "$__range", "5m")

// wholeTotals are the panels in which a counter is meant as it stands, and why.
var wholeTotals = map[string]string{
	"Share refused":     "a share of all that was ever read; expired rows change their reason, so that no rate is right",
	"Mean time to done": "of all that are done: a share of two totals",
	"Experiments":       "how many were assigned in all",
}

var ranged = regexp.MustCompile(`(rate|irate|increase)\((\w+)\{`)

func TestCountersAreShownByTheirGrowth(t *testing.T) {
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				grown := map[string]bool{}
				for _, found := range ranged.FindAllStringSubmatch(q.Expr, -1) {
					grown[found[2]] = true
				}
				expr, err := parser.NewParser(parser.Options{}).ParseExpr(placeholders.Replace(q.Expr))
				if err != nil {
					continue // Said above.
				}
				for _, selector := range selectors(expr) {
					metric := nameOf(selector)
					counts := strings.HasSuffix(metric, "_total") || strings.HasSuffix(metric, "_bucket") || strings.HasSuffix(metric, "_sum") || strings.HasSuffix(metric, "_count")
					if counts && !grown[metric] && wholeTotals[p.Title] == "" {
						t.Errorf("%s: %s: %s is a counter: take its rate or increase", name, p.Title, metric)
					}
				}
			}
		}
	}
}

// A rate over less than a few scrapes is empty, over a fixed time too coarse.
func TestRatesAreOverTheIntervalThatGrafanaChooses(t *testing.T) {
	rate := regexp.MustCompile(`rate\(\w+\{[^}]*\}\[([^\]]*)\]`)
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			for _, q := range p.Targets {
				for _, found := range rate.FindAllStringSubmatch(q.Expr, -1) {
					if found[1] != "$__rate_interval" {
						t.Errorf("%s: %s: a rate over %s", name, p.Title, found[1])
					}
				}
			}
		}
	}
}

func TestEveryDashboardLinksToTheOthersThePageAndTheAPI(t *testing.T) {
	for name, b := range boards(t) {
		if path.Base(strings.TrimSuffix(name, ".json")) != b.UID || !slices.Contains(b.Tags, "churnwatch") {
			t.Errorf("%s: uid %s, tags %v", name, b.UID, b.Tags)
		}
		var dashboards, elsewhere []string
		for _, l := range b.Links {
			if l.Title == "" || l.Tooltip == "" {
				t.Errorf("%s: link %+v", name, l)
			}
			if l.Type == "dashboards" && l.IncludeVars && l.KeepTime {
				dashboards = append(dashboards, l.Tags...)
			} else {
				elsewhere = append(elsewhere, l.URL)
			}
		}
		if !slices.Equal(dashboards, []string{"churnwatch"}) || !slices.Equal(elsewhere, []string{"${page}/", "${page}/docs"}) {
			t.Errorf("%s: links to dashboards tagged %v, and to %v", name, dashboards, elsewhere)
		}
	}
}

func TestLinksOfPanelsLeadToDashboardsWithVariablesThatTheyHave(t *testing.T) {
	all := boards(t)
	target, variables := regexp.MustCompile(`^/d/([\w-]+)\?`), regexp.MustCompile(`var-(\w+)=|\$\{(\w+):queryparam\}`)
	seen := 0
	for name, b := range all {
		for _, p := range b.Panels {
			for _, l := range p.FieldConfig.Defaults.Links {
				found := target.FindStringSubmatch(l.URL)
				if found == nil || all[found[1]+".json"].UID != found[1] {
					t.Errorf("%s: %s: link to %s", name, p.Title, l.URL)
					continue
				}
				seen++
				for _, v := range variables.FindAllStringSubmatch(l.URL, -1) {
					wanted := v[1] + v[2]
					if !slices.ContainsFunc(all[found[1]+".json"].Templating.List, func(have variable) bool { return have.Name == wanted }) {
						t.Errorf("%s: %s: %s has no variable %s", name, p.Title, found[1], wanted)
					}
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no panel links to another dashboard")
	}
}

func TestTablesSayWhatTheirColumnsAre(t *testing.T) {
	tables := 0
	for name, b := range boards(t) {
		for _, p := range b.Panels {
			if p.Type != "table" {
				continue
			}
			tables++
			if len(p.Transformations) == 0 {
				t.Errorf("%s: %s: a table without transformations", name, p.Title)
			}
			for _, q := range p.Targets {
				if q.Format != "table" {
					t.Errorf("%s: %s: query %s has the format %q", name, p.Title, q.RefID, q.Format)
				}
			}
			if last := p.Transformations[len(p.Transformations)-1]; last.ID == "groupingToMatrix" {
				for _, field := range []string{"rowField", "columnField"} {
					label, _ := last.Options[field].(string)
					if !strings.Contains(p.Targets[0].LegendFormat, "{{"+label+"}}") {
						t.Errorf("%s: %s: %s is %q, which is not among %s", name, p.Title, field, label, p.Targets[0].LegendFormat)
					}
				}
			}
		}
	}
	if tables < 8 {
		t.Errorf("only %d tables were seen", tables)
	}
}
