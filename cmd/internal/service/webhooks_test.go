package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// told is what a receiver of webhooks was sent.
type told struct {
	ID, Type, Subject string
	Data              map[string]any
	Raw               json.RawMessage

	at time.Time
}

// hook is a receiver that answers by a function and keeps what came.
type hook struct {
	*httptest.Server

	mu  sync.Mutex
	got []told
}

func newHook(t *testing.T, answer func(n int) int) *hook {
	t.Helper()
	h := &hook{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var e struct {
			Type, Subject string
			Data          json.RawMessage
		}
		_ = json.Unmarshal(body, &e)
		one := told{ID: r.Header.Get("webhook-id"), Type: e.Type, Subject: e.Subject, Raw: e.Data, at: time.Now()}
		_ = json.Unmarshal(e.Data, &one.Data)
		h.mu.Lock()
		h.got = append(h.got, one)
		n := len(h.got)
		h.mu.Unlock()
		w.WriteHeader(answer(n))
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *hook) all() []told {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]told{}, h.got...)
}

// ofType waits until that many messages of a type came, and returns them.
func (h *hook) ofType(t *testing.T, kind string, n int) (out []told) {
	t.Helper()
	waitFor(t, fmt.Sprintf("%d messages of %s", n, kind), func() bool {
		out = nil
		for _, m := range h.all() {
			if m.Type == kind {
				out = append(out, m)
			}
		}
		return len(out) >= n
	})
	return out
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it never came about: %s", what)
		}
	}
}

// receives adds a receiver to a database, which lets it be on this machine.
func receives(t *testing.T, a *app.App, h *hook, all bool, events ...string) string {
	t.Helper()
	issued, err := a.AddReceiver(t.Context(), app.Receive{Name: "tool", URL: h.URL, All: all, Types: events})
	if err != nil {
		t.Fatal(err)
	}
	return issued.Receiver.ID
}

func TestAReceiverHearsWhatRESTShows(t *testing.T) {
	if testing.Short() {
		t.Skip("trains models")
	}
	a := open(t, time.Now)
	shop(t, a, 300)
	fitted(t, a)
	r := start(t, a, nothing)
	h := newHook(t, func(int) int { return http.StatusOK })
	receives(t, a, h, true, "score.*")
	var listed struct{ Scores []map[string]any }
	_, text := r.get("/v1/scores?updated_since=0&page_size=1000")
	if err := json.Unmarshal([]byte(text), &listed); err != nil || len(listed.Scores) < 100 {
		t.Fatalf("%d scores: %v", len(listed.Scores), err)
	}
	byNumber := map[any]map[string]any{}
	for _, m := range h.ofType(t, "score.changed", len(listed.Scores)) {
		byNumber[m.Data["sequence"]] = m.Data
	}
	for _, score := range listed.Scores {
		if diff := cmp.Diff(score, byNumber[score["sequence"]]); diff != "" {
			t.Fatalf("score %v (-REST +webhook):\n%s", score["sequence"], diff)
		}
	}
	if len(byNumber) != len(listed.Scores) {
		t.Errorf("%d numbers came, %d are listed", len(byNumber), len(listed.Scores))
	}
	// Who is erased over REST is told to who was told of him.
	customer := fmt.Sprint(listed.Scores[0]["customer_id"])
	var subject string
	for _, m := range h.all() {
		if m.Data["customer_id"] == customer {
			subject = m.Subject
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://"+r.HTTP+"/v1/customers/"+customer, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("erase: %v, %v", answer, err)
	}
	_ = answer.Body.Close()
	if m := h.ofType(t, "customer.erased", 1)[0]; m.Subject != subject || m.Data["customer_id"] != customer {
		t.Errorf("told %s, want subject %s", m.Raw, subject)
	}
	if _, text := r.get("/v1/erasures"); !strings.Contains(text, subject) || strings.Contains(text, customer) {
		t.Errorf("REST tells %s, want subject %s", text, subject)
	}
	matched, err := http.Post("http://"+r.HTTP+"/v1/erasures:match", "application/json", strings.NewReader(`{"customer_ids":["nobody","`+customer+`"]}`))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(matched.Body)
	if err = errors.Join(err, matched.Body.Close()); err != nil || !strings.Contains(string(body), customer) || strings.Contains(string(body), "nobody") {
		t.Errorf("matched %s, %v", body, err)
	}
	r.stop()
}

// detractor posts an answer that sets off a playbook.
func detractor(address string, n int) error {
	now := time.Now().UTC()
	orders := fmt.Sprintf(`{"order_id":"o%d","customer_id":"c%d","ordered_at":%q,"amount":5}`, n, n, now.Add(-48*time.Hour).Format(time.RFC3339))
	answers := fmt.Sprintf(`{"response_id":"r%d","customer_id":"c%d","answered_at":%q,"kind":"nps","score":2}`, n, n, now.Format(time.RFC3339Nano))
	for target, body := range map[string]string{"/v1/orders:import": orders, "/v1/responses:import": answers} {
		if got, err := post(address, target, "application/x-ndjson", "", body+"\n"); err != nil || got.status != http.StatusOK {
			return fmt.Errorf("%s: %d %s %w", target, got.status, got.text, err)
		}
	}
	return nil
}

func TestAReceiverHearsOfEachChangeThroughKills(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	hearThroughKills(t, 3)
}

// hearThroughKills kills a server that often while triggers come up and are told
// to a receiver that takes two of three. In the end each trigger was told as it
// stands, and each change under one id.
func hearThroughKills(t *testing.T, rounds int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.duckdb")
	h := newHook(t, func(n int) int {
		if n%3 == 0 {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	a := reopen(t, path)
	id := receives(t, a, h, false)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	sent := 0
	for range rounds {
		child := serveAside(t, path)
		kill := time.AfterFunc(time.Duration(1500+random.IntN(2500))*time.Millisecond, func() { _ = child.Process.Kill() })
		for detractor(child.address, sent) == nil {
			sent++
		}
		kill.Stop()
		_ = child.Process.Kill()
		_ = child.Wait() // It was killed.
	}
	child := serveAside(t, path)
	if err := detractor(child.address, sent); err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	waitFor(t, "each trigger was told as it stands", func() bool {
		want = listedTriggers(t, child.address)
		heard := map[any]bool{}
		for _, m := range h.all() {
			heard[m.Data["sequence"]] = true
		}
		for sequence := range want {
			if !heard[sequence] {
				return false
			}
		}
		return len(want) > sent/2
	})
	_ = child.input.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	ids, again := map[any]string{}, 0
	for _, m := range h.all() {
		was, known := ids[m.Data["sequence"]]
		if known && was != m.ID {
			t.Errorf("change %v came as %s and as %s", m.Data["sequence"], was, m.ID)
		}
		if known {
			again++
		}
		ids[m.Data["sequence"]] = m.ID
	}
	t.Logf("%d kills, %d answers, %d triggers, %d changes told, %d calls were repeated", rounds, sent+1, len(want), len(ids), again)
	receivers, err := reopen(t, path).Webhooks.List(t.Context())
	if err != nil || len(receivers) != 1 || receivers[0].ID != id || receivers[0].State != model.ReceiverActive || receivers[0].LastSuccessAt == nil {
		t.Errorf("receivers: %+v, %v", receivers, err)
	}
	http.DefaultClient.CloseIdleConnections()
}

// listedTriggers are all that were not only planned, by number.
func listedTriggers(t *testing.T, address string) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/v1/triggers?updated_since=0", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/x-ndjson")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	for line := range strings.Lines(string(text)) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprint(row["sequence"])] = row["status"]
	}
	return out
}
