//go:build grafana

package deploy_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/dashboards"
)

// grafana is a real one, started by deploy/compose/compose.yml; GRAFANA_URL says
// where, without it on this machine.
type grafana struct {
	t       *testing.T
	address string
}

// Every dashboard opens in a real Grafana, and each of its queries is answered
// without an error by the Prometheus behind it.
func TestEveryDashboardOpensInGrafana(t *testing.T) {
	g := grafana{t, cmp.Or(os.Getenv("GRAFANA_URL"), "http://127.0.0.1:3000")}
	g.until(5*time.Minute, "Grafana is there", func() error {
		var health struct{ Database string }
		err := g.get("/api/health", &health)
		if err == nil && health.Database != "ok" {
			err = fmt.Errorf("database %q", health.Database)
		}
		return err
	})
	g.until(15*time.Minute, "Prometheus has scraped the shop", func() error {
		found, err := g.query("churnwatch_model_input_shift and on () up{job=\"churnwatch\"} == 1", "shop")
		if err == nil && found == 0 {
			err = fmt.Errorf("no series")
		}
		return err
	})
	var source struct{ Status, Message string }
	if err := g.get("/api/datasources/uid/prometheus/health", &source); err != nil || source.Status != "OK" {
		t.Errorf("data source: %+v, %v", source, err)
	}
	files, err := dashboards.Files()
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, ".json") {
			t.Run(name, func(t *testing.T) { grafana{t, g.address}.open(files[name]) })
			opened++
		}
	}
	if opened < 7 {
		t.Errorf("%d dashboards, want 7", opened)
	}
}

// shown is what is read of a dashboard.
type shown struct {
	UID    string `json:"uid"`
	Title  string
	Panels []struct {
		Title   string
		Targets []struct{ Expr, RefID string }
	}
}

// open asks for a provisioned dashboard, holds it against the file that it came
// from, and runs its queries.
func (g grafana) open(file []byte) {
	var want shown
	if err := json.Unmarshal(file, &want); err != nil {
		g.t.Fatal(err)
	}
	var got struct {
		Dashboard shown
		Meta      struct{ Provisioned bool }
	}
	if err := g.get("/api/dashboards/uid/"+want.UID, &got); err != nil {
		g.t.Fatal(err)
	}
	if !got.Meta.Provisioned || got.Dashboard.Title != want.Title || len(got.Dashboard.Panels) != len(want.Panels) {
		g.t.Errorf("%q with %d panels, provisioned %t; want %q with %d", got.Dashboard.Title, len(got.Dashboard.Panels), got.Meta.Provisioned, want.Title, len(want.Panels))
	}
	queries, answered := 0, 0
	for _, p := range got.Dashboard.Panels {
		for _, target := range p.Targets {
			queries++
			found, err := g.query(plain(target.Expr), target.RefID)
			if err != nil {
				g.t.Errorf("%s: %s: %v", p.Title, target.Expr, err)
			}
			if found > 0 {
				answered++
			}
		}
	}
	g.t.Logf("%s: %d panels, %d queries, %d with series", want.Title, len(got.Dashboard.Panels), queries, answered)
	if queries == 0 || answered == 0 {
		g.t.Errorf("%s: %d queries, %d with series", want.Title, queries, answered)
	}
}

// plain fills the variables that a browser would fill in.
func plain(expr string) string {
	return strings.NewReplacer("$instance", ".+", "$job", ".+", "$dimension", "channel", "$cohort", ".+", "$__rate_interval", "1m", "$__range", "1h").Replace(expr)
}

// query asks Prometheus through Grafana and counts the series that come back.
func (g grafana) query(expr, ref string) (series int, err error) {
	body, err := json.Marshal(map[string]any{
		"from": "now-1h", "to": "now",
		"queries": []any{map[string]any{
			"refId": ref, "expr": expr, "instant": true, "range": false, "format": "time_series",
			"datasource": map[string]string{"type": "prometheus", "uid": "prometheus"}, "intervalMs": 15000, "maxDataPoints": 200,
		}},
	})
	if err != nil {
		return 0, err
	}
	var out struct {
		Message string
		Results map[string]struct {
			Error  string
			Status int
			Frames []json.RawMessage
		}
	}
	if err := g.call(http.MethodPost, "/api/ds/query", body, &out); err != nil {
		return 0, err
	}
	result, ok := out.Results[ref]
	if !ok || result.Error != "" || result.Status >= http.StatusBadRequest {
		return 0, fmt.Errorf("status %d: %s%s", result.Status, result.Error, out.Message)
	}
	return len(result.Frames), nil
}

func (g grafana) get(path string, into any) error {
	return g.call(http.MethodGet, path, nil, into)
}

func (g grafana) call(method, path string, body []byte, into any) error {
	ctx, cancel := context.WithTimeout(g.t.Context(), 30*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, g.address+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %.300s", method, path, answer.Status, text)
	}
	return json.Unmarshal(text, into)
}

// until waits for what is to come.
func (g grafana) until(most time.Duration, what string, holds func() error) {
	g.t.Helper()
	every := time.NewTicker(2 * time.Second)
	defer every.Stop()
	deadline := time.After(most)
	for err := holds(); err != nil; err = holds() {
		select {
		case <-every.C:
		case <-deadline:
			g.t.Fatalf("%s: not in %s: %v", what, most, err)
		}
	}
}
