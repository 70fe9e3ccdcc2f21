//go:build prometheus

package dashboards_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/dashboards"
)

const example = "../deploy/alertmanager/alertmanager.yml"

// told is an alert as a receiver gets it.
type told struct {
	receiver            string
	Labels, Annotations map[string]string
}

// A real Prometheus with our rules scrapes a shop with a hotspot and a detractor
// who waits, and a real Alertmanager with the example's routes tells the right
// people. Waiting times are cut; Debian's packages are enough.
func TestARealAlertmanagerTellsTheRightPeople(t *testing.T) {
	prometheus, alertmanager := installed(t, "prometheus"), installed(t, "prometheus-alertmanager")
	ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
	defer cancel()
	const shop = `churnwatch_build_info{version="v1"} 1
churnwatch_hotspot_score{painpoint="late_delivery",dimension="supplier",cohort="S07"} 120
churnwatch_trigger_overdue{playbook="detractor",urgency="high",status="open"} 2
churnwatch_model_age_seconds{model="1"} 60
`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, shop) }))
	t.Cleanup(server.Close)
	alerts := make(chan told, 100)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var message struct{ Alerts []told }
		if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
		for _, a := range message.Alerts {
			a.receiver = strings.TrimPrefix(r.URL.Path, "/")
			alerts <- a
		}
	}))
	t.Cleanup(receiver.Close)

	dir := t.TempDir()
	manager := startAlertmanager(ctx, t, alertmanager, dir, receiver.URL)
	startWithRules(ctx, t, prometheus, dir, strings.TrimPrefix(server.URL, "http://"), manager)

	want := map[string]string{"ChurnwatchSystemicHotspot": "retention", "ChurnwatchDetractorOverdue": "on-duty"}
	for len(want) > 0 {
		select {
		case <-ctx.Done():
			t.Fatalf("nobody was told of %v", want)
		case a := <-alerts:
			name := a.Labels["alertname"]
			if who, expected := want[name]; expected && who != a.receiver {
				t.Errorf("%s was told of %s, not %s", a.receiver, name, who)
			} else if !expected && name != "ChurnwatchSystemicHotspot" && name != "ChurnwatchDetractorOverdue" {
				t.Errorf("%s was told of %v", a.receiver, a.Labels)
			}
			if a.Annotations["summary"] == "" || !strings.HasPrefix(a.Annotations["runbook_url"], runbooks) {
				t.Errorf("%s: %v", name, a.Annotations)
			}
			delete(want, name)
		}
	}
}

// promtool comes with Debian's prometheus.
func TestTheExampleForPrometheusIsSoundWithTheRulesBesideIt(t *testing.T) {
	dir := t.TempDir()
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "churnwatch", "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if strings.HasPrefix(name, "rules/") {
			write(t, filepath.Join(dir, "churnwatch", name), string(text))
		}
	}
	text, err := os.ReadFile("../deploy/prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "prometheus.yml"), string(text))
	out, err := exec.CommandContext(t.Context(), installed(t, "promtool"), "check", "config", filepath.Join(dir, "prometheus.yml")).CombinedOutput()
	if err != nil || strings.Count(string(out), "rules found") != 3 {
		t.Errorf("%v: %s", err, out)
	}
}

// amtool comes with Debian's prometheus-alertmanager.
func TestTheExampleRoutesEveryAlert(t *testing.T) {
	amtool := installed(t, "amtool")
	if out, err := exec.CommandContext(t.Context(), amtool, "check-config", example).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for path, all := range rules(t) {
		for _, r := range all {
			if r.Alert == "" {
				continue
			}
			command := exec.CommandContext(t.Context(), amtool, "config", "routes", "test", "--config.file="+example,
				"alertname="+r.Alert, "severity="+r.Labels["severity"])
			out, err := command.Output()
			want := map[string]string{"critical": "on-duty", "info": "weekly"}[r.Labels["severity"]]
			if want == "" {
				want = map[bool]string{true: "retention", false: "operations"}[strings.HasSuffix(path, "customers.yml")]
			}
			if got := strings.TrimSpace(string(out)); err != nil || got != want {
				t.Errorf("%s goes to %q, %v, want %s", r.Alert, got, err, want)
			}
		}
	}
}

func installed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("NOT CHECKED: %s is not installed (apt-get install prometheus prometheus-alertmanager)", program)
	}
	return path
}

// startAlertmanager runs it on the example, with nothing to wait for and our
// receiver, and returns where.
func startAlertmanager(ctx context.Context, t *testing.T, program, dir, receiver string) (address string) {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	config := regexp.MustCompile(`group_wait: \w+`).ReplaceAllString(string(text), "group_wait: 1s")
	write(t, filepath.Join(dir, "alertmanager.yml"), strings.ReplaceAll(config, "http://127.0.0.1:9099", receiver))
	address = free(t)
	output := start(ctx, t, program, "--config.file="+filepath.Join(dir, "alertmanager.yml"), "--storage.path="+filepath.Join(dir, "alerts"),
		"--web.listen-address="+address, "--cluster.listen-address=")
	go func() { _, _ = io.Copy(io.Discard, output) }()
	return address
}

// startWithRules runs a Prometheus with our rules. Those about customers wait for
// nothing; without a first scrape others would fire.
func startWithRules(ctx context.Context, t *testing.T, program, dir, server, manager string) {
	t.Helper()
	wait := regexp.MustCompile(`(?m)^(\s+for:) \w+$`)
	paths, err := filepath.Glob("rules/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		if name == "customers.yml" {
			text = wait.ReplaceAll(text, []byte("$1 1s"))
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	write(t, filepath.Join(dir, "prometheus.yml"), fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
scrape_configs: [{job_name: churnwatch, static_configs: [{targets: ['%s']}]}]
rule_files: [recording.yml, customers.yml, service.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ['%s']}]}]}
`, server, manager))
	output := start(ctx, t, program, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+free(t))
	go func() { _, _ = io.Copy(io.Discard, output) }()
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// free returns an address that nothing listens on.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}
