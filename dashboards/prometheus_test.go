//go:build prometheus

package dashboards_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
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
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("NOT CHECKED: prometheus is not installed (apt-get install prometheus)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 110*time.Second)
	defer cancel()
	server := serveDemo(ctx, t)
	address := scrape(ctx, t, prometheus, server)

	for _, dimension := range []string{"channel", "region", "tier"} {
		fill := strings.NewReplacer("$instance", server, "$dimension", dimension, "$cohort", ".*")
		for where, q := range queries(t) {
			if strings.HasPrefix(where, "rules/") {
				continue // An alert that is quiet finds nothing.
			}
			if found := ask(ctx, t, address, fill.Replace(q.expr)); len(found) == 0 {
				t.Errorf("by %s: %s: no series for %s", dimension, where, fill.Replace(q.expr))
			}
		}
	}
	for name, expr := range ruleExpressions(t) {
		ask(ctx, t, address, expr) // It runs.
		t.Log(name, "runs")
	}
}

// serveDemo makes up a small shop, refuses a row of it, and serves it. It
// returns where.
func serveDemo(ctx context.Context, t *testing.T) (address string) {
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
	for address == "" && lines.Scan() {
		if found := metrics.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	if address == "" {
		t.Fatal("serve told no address")
	}
	go func() { _, _ = io.Copy(io.Discard, serve) }() // Its log must not stop it.
	return address
}

// scrape runs a Prometheus until the test ends, and returns where, once it has
// seen the server.
func scrape(ctx context.Context, t *testing.T, prometheus, server string) (address string) {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs: [{job_name: churnwatch, scrape_interval: 1s, static_configs: [{targets: ['%s']}]}]\n", server)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = free.Addr().String()
	_ = free.Close()
	output := start(ctx, t, prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	go func() { _, _ = io.Copy(io.Discard, output) }()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			t.Fatal("Prometheus saw no server in time")
		case <-every.C:
			if found, err := series(ctx, address, fmt.Sprintf("churnwatch_build_info{instance=%q}", server)); err == nil && len(found) > 0 {
				return address
			}
		}
	}
}

func ask(ctx context.Context, t *testing.T, address, expr string) []any {
	t.Helper()
	found, err := series(ctx, address, expr)
	if err != nil {
		t.Errorf("%s: %v", expr, err)
	}
	return found
}

// series asks Prometheus for the series of an expression, now.
func series(ctx context.Context, address, expr string) ([]any, error) {
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
		Data          struct{ Result []any }
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
