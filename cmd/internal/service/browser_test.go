//go:build browser

package service_test

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// walk runs one of testdata/browser in Node, against an address, and makes a
// test of each of its steps.
func walk(t *testing.T, script, address string, settings ...string) {
	t.Helper()
	modules := os.Getenv("BROWSER_MODULES")
	if modules == "" {
		t.Fatal("BROWSER_MODULES names no folder of modules: npm ci in testdata/browser makes one")
	}
	node := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "browser", script))
	node.Env = append(append(os.Environ(), "BASE=http://"+address, "BROWSER_MODULES="+modules), settings...)
	node.Stderr = os.Stderr
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("node: %v", err)
	}
	steps := 0
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var step struct{ Name, Fault, Said string }
		if err := json.Unmarshal(lines.Bytes(), &step); err != nil {
			t.Errorf("%s: %v", lines.Text(), err)
			continue
		}
		if step.Said != "" {
			t.Log(step.Said)
			continue
		}
		steps++
		t.Run(step.Name, func(t *testing.T) {
			if step.Fault != "" {
				t.Error(step.Fault)
			}
		})
	}
	if err := node.Wait(); err != nil || steps == 0 {
		t.Errorf("%s: %d steps, %v", script, steps, err)
	}
}

// hostiles are customers who try to be more than text.
func hostiles() []map[string]string {
	return []map[string]string{
		{"id": `<script>window.pwned=1</script>`, "comment": `<img src=x onerror="window.pwned=1">`},
		{"id": `"><img src=x onerror=alert(1)>`, "comment": `${window.pwned=1} {{window.pwned=1}} <svg/onload=alert(1)>`},
		{"id": `' OR 1=1; --%2e%2e/..?#&=+`, "comment": `</li></ol><script src="//example.com/x.js"></script>`},
		{"id": `javascript:alert(1)`, "comment": `<a href="javascript:window.pwned=1">click</a>`},
		{"id": "Zoë \u202eمرحبا 👩‍🔧 " + strings.Repeat("x", 200), "comment": "a comment\nof two lines & an ampersand"},
	}
}

// hostileFacts loads an order and an answer of each of them.
func hostileFacts(t *testing.T, a *app.App, at time.Time) {
	t.Helper()
	var orders, answers strings.Builder
	for i, h := range hostiles() {
		for n := range 3 {
			row := map[string]any{"order_id": fmt.Sprintf("H%d-%d", i, n), "customer_id": h["id"], "ordered_at": at.AddDate(0, 0, -30*(n+1)), "amount": 20 + i}
			writeLine(t, &orders, row)
		}
		writeLine(t, &answers, map[string]any{
			"response_id": fmt.Sprintf("H%d", i), "customer_id": h["id"], "answered_at": at.AddDate(0, 0, -20), "kind": "nps", "score": 3, "comment": h["comment"],
		})
	}
	for kind, text := range map[string]string{"orders": orders.String(), "responses": answers.String()} {
		path := filepath.Join(t.TempDir(), kind+".ndjson")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		load(t.Context(), t, a, kind, path)
	}
}

func writeLine(t *testing.T, to *strings.Builder, row any) {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	to.Write(append(text, '\n'))
}

func TestThePageWorksInARealBrowser(t *testing.T) {
	a := open(t, time.Now)
	shop(t, a, 600)
	newest, err := a.Store.Watermark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hostileFacts(t, a, newest)
	fitted(t, a)
	for _, days := range []int{84, 56, 28, 14, 0} {
		if _, err := a.Scoring.Score(t.Context(), newest.AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	for _, days := range []int{8, 0} {
		if _, err := a.Retention.Run(t.Context(), newest.AddDate(0, 0, -days)); err != nil {
			t.Fatal(err)
		}
	}
	names, err := json.Marshal(hostiles())
	if err != nil {
		t.Fatal(err)
	}
	walk(t, "walk.cjs", start(t, a, nothing).HTTP, "HOSTILE="+string(names), "SINCE="+newest.AddDate(0, 0, -30).Format(time.DateOnly))
}

func TestThePageSaysWhatToDoWhereThereIsNothing(t *testing.T) {
	walk(t, "doors.cjs", start(t, open(t, time.Now), nothing).HTTP)
}

func TestThePageAsksForAKeyWhereOneIsNeeded(t *testing.T) {
	a := open(t, time.Now)
	issued, err := a.CreateKey(t.Context(), "page", []string{string(model.ScopeInsightsRead)}, 0)
	if err != nil {
		t.Fatal(err)
	}
	walk(t, "doors.cjs", start(t, a, nothing).HTTP, "KEY="+issued.Text)
}

// Each scored customer of a small shop becomes 200, with the reasons and
// numbers of his score, and a profile.
func TestTheFirstViewOf100000CustomersIsReadyWithinASecond(t *testing.T) {
	a := open(t, time.Now)
	shop(t, a, 600)
	fitted(t, a)
	cfg := a.Config
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	multiply(t, cfg.Database.Path, 200)
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{})
	if err != nil || len(scores) < 100_000 {
		t.Fatalf("%d scores, %v", len(scores), err)
	}
	t.Logf("%d scored customers", len(scores))
	r := start(t, a, nothing)
	r.metricsOnceComputed() // What a server computes once it has started is not the page's.
	walk(t, "large.cjs", r.HTTP)
}

// multiply copies what stands in a closed database on each customer.
func multiply(t *testing.T, path string, times int) {
	t.Helper()
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"scores", "score_reasons", "score_sequences", "customers"} {
		_, err := db.ExecContext(t.Context(), fmt.Sprintf(
			`INSERT INTO %[1]s SELECT was.* REPLACE (was.customer_id || '-' || copy AS customer_id) FROM %[1]s AS was, range(1, %[2]d) AS copies(copy)`, table, times))
		if err != nil {
			t.Fatal(errors.Join(fmt.Errorf("%s: %w", table, err), db.Close()))
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
