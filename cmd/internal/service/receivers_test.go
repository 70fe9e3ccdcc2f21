package service_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// asked makes a request and reads the answer, with its JSON.
func (r *running) asked(method, target, body string) (status int, text string, read map[string]any) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.HTTP+target, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = json.Unmarshal(all, &read)
	return answer.StatusCode, string(all), read
}

func TestReceiversAreKeptOverREST(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	var busy atomic.Bool
	h := newHook(t, func(int) int {
		if busy.Load() {
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	status, text, added := r.asked(http.MethodPost, "/v1/webhooks", fmt.Sprintf(`{"name":"tool","url":%q,"events":["trigger.*"]}`, h.URL))
	about, _ := added["receiver"].(map[string]any)
	id, _ := about["receiver_id"].(string)
	if secret, _ := added["secret"].(string); status != http.StatusOK || !strings.HasPrefix(secret, "whsec_") || about["state"] != "active" || id == "" {
		t.Fatalf("add: %d %s", status, text)
	}
	for _, tt := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{http.MethodPost, "/v1/webhooks", `{"name":"tool","url":"https://169.254.169.254/"}`, http.StatusBadRequest, "is a private address"},
		{http.MethodPost, "/v1/webhooks", `{"name":"tool","url":"https://tool.example","secret":"mine"}`, http.StatusBadRequest, "secret"},
		{http.MethodGet, "/v1/webhooks", "", http.StatusOK, `"events":["trigger.*"]`},
		{http.MethodPost, "/v1/webhooks/" + id + ":test", `{}`, http.StatusOK, `"delivered":true`},
		{http.MethodPost, "/v1/webhooks/wh_none:test", `{}`, http.StatusNotFound, "there is no receiver"},
		{http.MethodPost, "/v1/webhooks/" + id + ":rotate", `{"overlap":"3600s"}`, http.StatusOK, `"secret":"whsec_`},
		{http.MethodPost, "/v1/webhooks/" + id + ":rotate", `{"overlap":"-1s"}`, http.StatusBadRequest, "overlap: want a time such as 86400s"},
		{http.MethodPost, "/v1/webhooks/" + id + ":enable", `{}`, http.StatusOK, `"state":"active"`},
		{http.MethodPost, "/v1/webhooks/" + id + ":replay", `{}`, http.StatusBadRequest, "want one of failed, event_id, and feed"},
		{http.MethodPost, "/v1/webhooks/" + id + ":replay", `{"feed":"orders"}`, http.StatusBadRequest, "want one of failed, event_id, and feed"},
		{http.MethodPost, "/v1/webhooks/" + id + ":replay", `{"feed":"triggers","since":"first"}`, http.StatusBadRequest, "want a sequence number such as 12"},
		{http.MethodPost, "/v1/webhooks/" + id + ":replay", `{"failed":true}`, http.StatusOK, `"events":0`},
		{http.MethodPost, "/v1/webhooks/" + id + ":replay", `{"event_id":"trigger-9-0"}`, http.StatusNotFound, "is not on its feed any more"},
		{http.MethodGet, "/v1/webhooks/" + id + "/undelivered", "", http.StatusOK, `"events":[]`},
	} {
		if status, text, _ := r.asked(tt.method, tt.target, tt.body); status != tt.status || !strings.Contains(strings.ReplaceAll(text, `": `, `":`), tt.says) {
			t.Errorf("%s %s %s: %d %s, want %d %s", tt.method, tt.target, tt.body, status, text, tt.status, tt.says)
		}
	}
	// What was not taken is told with its reason.
	busy.Store(true)
	if _, err := a.EraseCustomer(t.Context(), "somebody"); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the event is kept", func() bool {
		_, text, _ := r.asked(http.MethodGet, "/v1/webhooks/"+id+"/undelivered", "")
		return strings.Contains(text, "it answered 503 Service Unavailable") && strings.Contains(text, "customer.erased")
	})
	if status, text, _ := r.asked(http.MethodDelete, "/v1/webhooks/"+id, ""); status != http.StatusOK || !strings.Contains(text, id) {
		t.Errorf("remove: %d %s", status, text)
	}
	if _, text, _ := r.asked(http.MethodGet, "/v1/webhooks", ""); strings.Contains(text, id) {
		t.Errorf("after it: %s", text)
	}
}
