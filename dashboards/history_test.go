//go:build prometheus

package dashboards_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
)

// pastWeeks is how many weeks the shop was scored in before now.
const pastWeeks = 3

// lasting are the metrics that a scoring of the past makes right again; totals
// and ages are of now.
var lasting = []string{
	"churnwatch_cohort_", "churnwatch_churn_risk", "churnwatch_revenue_at_risk", "churnwatch_risk_band_", "churnwatch_drift_", "churnwatch_painpoint_incidents_30d",
}

func isLasting(metric string) bool {
	for _, prefix := range lasting {
		if strings.HasPrefix(metric, prefix) && metric != "churnwatch_cohort_painpoint_affected_customers" {
			return true
		}
	}
	return false
}

// backfill scores the shop as of each of the weeks before, writes down what its
// server then shows as of as long before now, and returns it in OpenMetrics'
// form. The shop is scored as of its newest data in the end.
func (d demo) backfill(ctx context.Context, t *testing.T, now time.Time) string {
	t.Helper()
	var out strings.Builder
	for week := pastWeeks; week >= 0; week-- {
		args := []string{"--db", d.db, "score"}
		if week > 0 {
			args = append(args, "--as-of", d.end(ctx, t).AddDate(0, 0, -7*week).Format(time.DateOnly))
		}
		run(ctx, t, "", d.binary, args...)
		if week > 0 {
			at := now.AddDate(0, 0, -7*week).Unix()
			for line := range strings.Lines(page(ctx, t, d.server)) {
				if sample := sampleForm.FindStringSubmatch(strings.TrimSpace(line)); sample != nil && isLasting(sample[1]) {
					labels := strings.Trim(fmt.Sprintf("%s,instance=%q,job=%q", sample[2], d.server, "churnwatch"), ",")
					fmt.Fprintf(&out, "%s{%s} %s %d\n", sample[1], labels, sample[3], at)
				}
			}
		}
	}
	return out.String() + "# EOF\n"
}

var sampleForm = regexp.MustCompile(`^(\w+)(?:\{(.*)\})? (\S+)$`)

// end is the instant as of which the shop was scored first.
func (d demo) end(ctx context.Context, t *testing.T) time.Time {
	t.Helper()
	if !d.scored.IsZero() {
		return d.scored
	}
	text, err := exec.CommandContext(ctx, d.binary, "--db", d.db, "scores", "list", "--top", "1", "--output", "json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var scores []struct {
		AsOf time.Time `json:"as_of"`
	}
	if err := json.Unmarshal(text, &scores); err != nil || len(scores) == 0 {
		t.Fatalf("%v: %s", err, text)
	}
	return scores[0].AsOf
}

// page is what a server shows to Prometheus.
func page(ctx context.Context, t *testing.T, server string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// load puts history into the folder of a Prometheus that does not run yet.
func load(ctx context.Context, t *testing.T, history, folder string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "history.om")
	write(t, file, history)
	run(ctx, t, "", installed(t, "promtool"), "tsdb", "create-blocks-from", "openmetrics", file, folder)
}

// checkHistory holds that panels over time show every week of the past, and that
// something moves.
func checkHistory(ctx context.Context, t *testing.T, address string, now time.Time, fill *strings.Replacer) {
	t.Helper()
	seen, moved := 0, false
	for where, q := range queries(t) {
		if q.panel != "timeseries" || !onlyLasting(t, fill.Replace(q.expr)) {
			continue
		}
		for _, s := range seriesOver(ctx, t, address, fill.Replace(q.expr), now) {
			seen++
			if len(s.Values) < pastWeeks && !strings.Contains(q.expr, "_cohort_") && !strings.Contains(q.expr, "painpoint") {
				t.Errorf("%s: %v has %d weeks of %d", where, s.Metric, len(s.Values), pastWeeks)
			}
			for _, v := range s.Values {
				moved = moved || v[1] != s.Values[0][1]
			}
		}
	}
	if seen < 10 || !moved {
		t.Errorf("%d series over time, of which one moves: %t", seen, moved)
	}
	t.Logf("%d series over %d weeks", seen, pastWeeks)
}

func onlyLasting(t *testing.T, query string) bool {
	t.Helper()
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		t.Fatal(err)
	}
	for _, selector := range selectors(expr) {
		if !isLasting(nameOf(selector)) {
			return false
		}
	}
	return true
}

type over struct {
	Metric map[string]string
	Values [][2]any
}

// seriesOver asks Prometheus for an expression in each of the past weeks.
func seriesOver(ctx context.Context, t *testing.T, address, expr string, now time.Time) []over {
	t.Helper()
	question := url.Values{
		"query": {expr}, "step": {"1w"},
		"start": {fmt.Sprint(now.AddDate(0, 0, -7*pastWeeks).Unix())}, "end": {fmt.Sprint(now.AddDate(0, 0, -7).Unix())},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/query_range?"+question.Encode(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var out struct {
		Error string
		Data  struct{ Result []over }
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || out.Error != "" {
		t.Fatalf("%s: %v %s", expr, err, out.Error)
	}
	return out.Data.Result
}
