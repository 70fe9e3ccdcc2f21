package service_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// request sends a request without a body and returns the answer.
func (r *running) request(method, target string) (status int, body string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.HTTP+target, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// TestACustomerIsExportedAndErasedByREST trains and scores a shop, so that
// scores, reasons, triggers and a model's evidence are there to be erased.
func TestACustomerIsExportedAndErasedByREST(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	a := open(t, func() time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC) })
	shop(t, a, 300)
	const erased = "wanda-erasable-77"
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte("order_id,customer_id,ordered_at,amount\nw1,"+erased+",2025-03-01,5\nw2,"+erased+",2026-06-20,6\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t.Context(), t, a, "orders", path)
	fitted(t, a)
	if _, err := a.Retention.Run(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	r := start(t, a, nothing)

	status, body := r.request(http.MethodGet, "/v1/customers/"+erased+":export")
	var export struct {
		Tables      map[string][]map[string]any
		Explanation *struct {
			Score map[string]any
		}
	}
	if err := json.Unmarshal([]byte(body), &export); err != nil || status != http.StatusOK {
		t.Fatalf("export: %d %s (%v)", status, body, err)
	}
	if len(export.Tables["orders"]) != 2 || len(export.Tables["scores"]) == 0 || len(export.Tables["score_reasons"]) == 0 || export.Explanation == nil {
		t.Errorf("export: %s", body)
	}
	// An answer that is held in memory names drifting customers.
	if status, body := r.request(http.MethodGet, "/v1/drift?page_size=1000"); status != http.StatusOK && status != http.StatusBadRequest {
		t.Errorf("drift: %d %s", status, body)
	}

	status, body = r.request(http.MethodDelete, "/v1/customers/"+erased)
	var receipt struct {
		Compacted bool
		Tables    []struct {
			Table string
			Rows  int
		}
	}
	if err := json.Unmarshal([]byte(body), &receipt); err != nil || status != http.StatusOK || !receipt.Compacted {
		t.Fatalf("erase: %d %s (%v)", status, body, err)
	}
	for _, target := range []string{":export", "/score", "/explanation"} {
		if status, body := r.request(http.MethodGet, "/v1/customers/"+erased+target); status != http.StatusNotFound {
			t.Errorf("%s after the erasure: %d %s", target, status, body)
		}
	}
	if status, body := r.request(http.MethodGet, "/v1/scores?page_size=1000"); status != http.StatusOK || strings.Contains(body, erased) {
		t.Errorf("scores after the erasure: %d, named %v", status, strings.Contains(body, erased))
	}
	r.stop()
	entries, err := a.Store.Audited(t.Context(), model.AuditQuery{CustomerID: erased})
	if err != nil || len(entries) < 2 {
		t.Errorf("audit: %+v, %v", entries, err)
	}
	if strings.Contains(r.log.String(), erased) {
		t.Error("the log names the customer")
	}
	onDisk(t, filepath.Dir(a.Config.Database.Path), erased)
}

// onDisk fails where a file below a folder holds a text.
func onDisk(t *testing.T, dir, text string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			t.Errorf("%s holds it still", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
