package service_test

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// wellMannered asks for every address that the OpenAPI document has. Each refuses
// a parameter that it does not know by its name, before it does anything, and
// each read has an ETag with which it is not sent again.
func wellMannered(t *testing.T, a *app.App, r *running) {
	t.Helper()
	ids := known(t, a, r)
	var document struct {
		Paths map[string]map[string]any
	}
	_, text := r.get("/openapi.json")
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	reads := 0
	for path, methods := range document.Paths {
		target := regexp.MustCompile(`\{\w+\}`).ReplaceAllStringFunc(path, func(name string) string { return ids[name] })
		for method := range methods {
			method = strings.ToUpper(method)
			if got := r.do(method, target+"?colour=red", ""); got.status != http.StatusBadRequest || !strings.Contains(got.body, `query parameter \"colour\"`) {
				t.Errorf("%s %s with an unknown parameter: %d %s", method, path, got.status, got.body)
			}
			if method != http.MethodGet {
				continue
			}
			if path == "/v1/customers/{customer_id}/change" {
				target += "?since=2026-01-01T00:00:00Z"
			}
			reads++
			first := r.do(method, target, "")
			for tries := 0; first.status == http.StatusGatewayTimeout && tries < 3; tries++ { // The machine is busy.
				first = r.do(method, target, "")
			}
			if first.status != http.StatusOK || first.tag == "" || first.body == "" {
				t.Errorf("%s: %d, ETag %q: %.200s", target, first.status, first.tag, first.body)
				continue
			}
			if strings.HasSuffix(path, ":export") { // It says when it was made.
				continue
			}
			if again := r.do(method, target, first.tag); again.status != http.StatusNotModified || again.body != "" || again.tag != first.tag {
				t.Errorf("%s asked again: %d, %d bytes, ETag %q, was %q", target, again.status, len(again.body), again.tag, first.tag)
			}
		}
	}
	if reads < 15 {
		t.Errorf("only %d reads were found", reads)
	}
	if status, _ := r.get("/v1/customers/" + ids["{customer_id}"] + "/score"); status != http.StatusOK {
		t.Errorf("a refused deletion has deleted: %d", status)
	}
}

// known are values for the parameters of paths.
func known(t *testing.T, a *app.App, r *running) map[string]string {
	t.Helper()
	scores, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Retention.Run(t.Context(), scores[0].AsOf); err != nil {
		t.Fatal(err)
	}
	triggers, err := a.Store.Triggers(t.Context(), model.TriggerQuery{Top: 1})
	if err != nil || len(triggers) == 0 {
		t.Fatalf("%d triggers, %v", len(triggers), err)
	}
	receiver := model.Receiver{ID: "wh_1", Name: "tool", URL: "https://example.com/", CreatedAt: time.Now(), State: model.ReceiverDisabled}
	if err := a.Store.SaveReceiver(t.Context(), receiver); err != nil {
		t.Fatal(err)
	}
	operation := r.begun("/v1/models:train", `{"as_of": "2001-01-01T00:00:00Z"}`) // There are no data of then.
	for r.running("/v1/operations/" + operation) {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{
		"{customer_id}": scores[0].CustomerID, "{trigger_id}": triggers[0].ID, "{receiver_id}": receiver.ID, "{operation_id}": operation, "{version}": "1", "{kind}": "orders",
	}
}

// answered is what came of a request.
type answered struct {
	status    int
	body, tag string
}

func (r *running) do(method, target, tag string) answered {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.HTTP+target, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	if tag != "" {
		request.Header.Set("If-None-Match", tag)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answered{answer.StatusCode, string(body), answer.Header.Get("ETag")}
}

// begun begins a job and returns its operation.
func (r *running) begun(target, body string) string {
	r.t.Helper()
	got := r.post(target, "", body)
	id, _ := fromJSON(r.t, got.text).(map[string]any)["operation_id"].(string)
	if id == "" {
		r.t.Fatalf("%s: %d %s", target, got.status, got.text)
	}
	return id
}

// running says whether an operation goes on.
func (r *running) running(target string) bool {
	r.t.Helper()
	status, _ := fromJSON(r.t, r.do(http.MethodGet, target, "").body).(map[string]any)["status"].(string)
	return slices.Contains([]string{"running", "cancelling", "pending"}, status) && r.patience(10*time.Millisecond)
}

// patience lets a little time pass, as long as the test lasts.
func (r *running) patience(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-r.t.Context().Done():
		return false
	}
}
