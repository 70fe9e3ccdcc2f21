//go:build prometheus

package dashboards_test

import (
	"bufio"
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
	"syscall"
	"testing"
	"time"
)

// A real Prometheus scrapes a real server on a made-up shop, and every panel's
// query finds series. Debian's prometheus is enough; CI installs it.
func TestEveryPanelShowsSomethingOfARealServer(t *testing.T) {
	prometheus := installed(t, "prometheus")
	ctx, cancel := context.WithTimeout(t.Context(), 350*time.Second)
	defer cancel()
	shop, now := serveDemo(ctx, t), time.Now().UTC().Truncate(time.Second)
	shop.scored = shop.end(ctx, t)
	server, history := shop.server, shop.backfill(ctx, t, now)
	address := scrape(ctx, t, prometheus, server, history)

	checkPage(ctx, t, server)
	for _, dimension := range []string{"channel", "category", "tenure"} {
		fill := strings.NewReplacer("$instance", server, "$job", ".+", "$dimension", dimension, "$cohort", ".+", "$__rate_interval", "1m", "$__range", "1m")
		for where, q := range queries(t) {
			if strings.HasPrefix(where, "rules/") {
				continue // An alert that is quiet finds nothing.
			}
			series := ask(ctx, t, address, fill.Replace(q.expr))
			if len(series) == 0 && !mayBeEmpty(q.expr) {
				t.Errorf("by %s: %s: no series for %s", dimension, where, fill.Replace(q.expr))
			}
			checkShape(t, where, q, series)
		}
	}
	fill := strings.NewReplacer("$instance", server, "$job", ".+", "$dimension", "channel", "$cohort", ".+", "$__rate_interval", "1m", "$__range", "1m")
	checkHistory(ctx, t, address, now, fill)
	t.Run("as Grafana draws them", func(t *testing.T) {
		drawPanels(ctx, t, func(expr string) []found { return ask(ctx, t, address, fill.Replace(expr)) })
	})
	for name, expr := range ruleExpressions(t) {
		ask(ctx, t, address, expr) // It runs.
		t.Log(name, "runs")
	}
}

// found is a series with its value.
type found struct {
	Metric map[string]string `json:"metric"`
	Value  []any             `json:"value"`
}

// checkShape holds what comes back against the panel: a figure is one series, a
// table's rows have the labels that it shows and no others, and every label of a
// legend is there, or series would be told apart by nothing.
func checkShape(t *testing.T, where string, q query, series []found) {
	t.Helper()
	if q.panel == "stat" && len(series) > 1 {
		t.Errorf("%s: %d series in a panel of one figure", where, len(series))
	}
	seen := map[string]bool{}
	for _, s := range series {
		legend := ""
		for _, label := range q.labels {
			if q.panel != "" && s.Metric[label] == "" && label != "within" {
				t.Errorf("%s: a series without the label %s: %v", where, label, s.Metric)
			}
			legend += s.Metric[label] + "\x00"
		}
		if q.panel != "" && seen[legend] {
			t.Errorf("%s: two series have the legend %q", where, legend)
		}
		seen[legend] = true
		if q.panel == "table" && len(s.Metric) != len(q.labels) && !strings.Contains(q.expr, "_model_info") {
			t.Errorf("%s: a row has the labels %v, want %v", where, s.Metric, q.labels)
		}
	}
}

// checkPage holds what the server shows against its bounds, and asks promtool
// whether it is well put.
func checkPage(ctx context.Context, t *testing.T, server string) {
	t.Helper()
	page := page(ctx, t, server)
	series := 0
	for line := range strings.Lines(page) {
		if line[0] != '#' {
			series++
		}
	}
	if series > 5000 || len(page) > 1<<20 {
		t.Errorf("/metrics has %d series in %d bytes, want at most 5,000 in 1 MiB", series, len(page))
	}
	t.Logf("/metrics has %d series in %d bytes", series, len(page))
	check := exec.CommandContext(ctx, installed(t, "promtool"), "check", "metrics")
	check.Stdin = strings.NewReader(page)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}

// quiet are what a young shop has nothing to show of, and why.
var quiet = map[string]string{
	"churnwatch_realised_":                "no forecast's horizon has passed",
	"churnwatch_experiment_":              "no customer's window is over",
	"churnwatch_target_value":             "nobody was contacted",
	"churnwatch_trigger":                  "no playbook has run, or nothing is done or urgent",
	"churnwatch_excellence_score":         "nothing excels beyond chance",
	"churnwatch_hotspot_":                 "nothing stands out beyond chance in a small shop",
	"churnwatch_job_duration_seconds":     "no job has run since the server started",
	"churnwatch_webhook_deliveries_total": "no receiver was added",
	"churnwatch_cohort_silent_customers":  "no survey is known",
	`code=~"[45].."`:                      "no request has failed",
	"churnwatch_grpc_server_":             "nobody calls but Prometheus, which asks for /metrics",
	"churnwatch_theme_complaints":         "few answers have a comment",
}

func mayBeEmpty(expr string) bool {
	for part := range quiet {
		if strings.Contains(expr, part) {
			return true
		}
	}
	return false
}

// demo is a shop that is served.
type demo struct {
	binary, db, server string
	// scored is the instant as of which it was scored first.
	scored time.Time
}

// serveDemo makes up a small shop, refuses a row of it, and serves it.
func serveDemo(ctx context.Context, t *testing.T) demo {
	t.Helper()
	dir := t.TempDir()
	binary := filepath.Join(dir, "churnwatch")
	run(ctx, t, "", "go", "build", "-o", binary, "../cmd/churnwatch")
	run(ctx, t, "", binary, "demo", "--customers", "400", "--dir", filepath.Join(dir, "demo"), "--output", "json")
	db := filepath.Join(dir, "demo", "churnwatch.duckdb")
	run(ctx, t, "order_id,customer_id,ordered_at,amount\nx,C1,yesterday,5\ny,C1,2026-01-01,5\n", binary, "--db", db, "import", "orders", "-")

	serve := start(ctx, t, binary, "--db", db, "serve", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
	lines := bufio.NewScanner(serve)
	metrics := regexp.MustCompile(`http://([0-9.:]+)/metrics`)
	address := ""
	for address == "" && lines.Scan() {
		if found := metrics.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatal("serve told no address")
	}
	go func() { _, _ = io.Copy(io.Discard, serve) }() // Its log must not stop it.
	return demo{binary: binary, db: db, server: address}
}

// scrape runs a Prometheus with a history until the test ends, and returns where,
// once it has seen the server often enough for a rate, and what that takes long to
// compute.
func scrape(ctx context.Context, t *testing.T, prometheus, server, history string) (address string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: churnwatch, scrape_interval: 1s, static_configs: [{targets: ['%s']}]}]\n", server)
	write(t, config, text)
	load(ctx, t, history, filepath.Join(dir, "data"))
	address = free(t)
	output := start(ctx, t, prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	go func() { _, _ = io.Copy(io.Discard, output) }()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			t.Fatal("Prometheus saw no server in time")
		case <-every.C:
			if seen, err := series(ctx, address, fmt.Sprintf("count(rate(churnwatch_http_requests_total{instance=%q}[1m])) and on () count(churnwatch_model_input_shift{instance=%[1]q})", server)); err == nil && len(seen) > 0 {
				return address
			}
		}
	}
}

func ask(ctx context.Context, t *testing.T, address, expr string) []found {
	t.Helper()
	out, err := series(ctx, address, expr)
	if err != nil {
		t.Errorf("%s: %v", expr, err)
	}
	return out
}

// series asks Prometheus for the series of an expression, now.
func series(ctx context.Context, address, expr string) ([]found, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/api/v1/query?query="+url.QueryEscape(expr), http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	var out struct {
		Status, Error string
		Data          struct{ Result []found }
	}
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
		return nil, err
	}
	if out.Status != "success" {
		return nil, fmt.Errorf("%s", out.Error)
	}
	return out.Data.Result, nil
}

// run runs a program to its end.
func run(ctx context.Context, t *testing.T, stdin, name string, args ...string) {
	t.Helper()
	command := exec.CommandContext(ctx, name, args...)
	command.Stdin = strings.NewReader(stdin)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// start runs a program until the test ends, and returns what it tells.
func start(ctx context.Context, t *testing.T, name string, args ...string) io.Reader {
	t.Helper()
	command := exec.CommandContext(ctx, name, args...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = 10 * time.Second
	told, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		_ = command.Wait() // How it ended says nothing here.
	})
	return told
}
