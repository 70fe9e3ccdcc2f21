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

// ofTheCommandLine are texts that have no place in an answer over the wire.
var ofTheCommandLine = regexp.MustCompile(`(^|[ (])--[a-z]|churnwatch (train|score|import|models|webhooks)`)

func TestAnswersOverTheWireNameNoFlags(t *testing.T) {
	a := open(t, func() time.Time { return noon })
	r := start(t, a, nothing)
	failed := func(target, body string) string {
		t.Helper()
		text := r.post(target, "", body).text
		var begun operation
		if err := json.Unmarshal([]byte(text), &begun); err != nil || begun.OperationID == "" {
			return text
		}
		ended := r.operation(begun.OperationID, over)
		if ended.Error == nil {
			t.Fatalf("%s did not fail: %+v", target, ended)
		}
		return *ended.Error
	}
	got := func(target string) string {
		_, text := r.get(target)
		return text
	}
	// The empty database first, then one with a single order.
	answers := map[string][2]string{
		"scores":           {got("/v1/scores"), "POST /v1/scores:run"},
		"retention":        {got("/v1/retention"), "POST /v1/scores:run"},
		"scoring":          {failed("/v1/scores:run", "{}"), "POST /v1/models/"},
		"training":         {failed("/v1/models:train", "{}"), "import some first"},
		"a receiver":       {failed("/v1/webhooks/nobody:test", "{}"), "GET /v1/webhooks"},
		"a bad cell":       {r.post("/v1/orders:import", "", `[{"order_id":"1","customer_id":"c","ordered_at":"1st of May","amount":1}]`).text, "RFC 3339"},
		"a column missing": {r.post("/v1/orders:import", "", `[{"order_id":"1","customer_idd":"c","ordered_at":"2026-02-01","amount":1}]`).text, "rename customer_idd to customer_id"},
		"another missing":  {r.post("/v1/orders:import", "", `[{"order_id":"1","customer_id":"c","ordered_at":"2026-02-01"}]`).text, "name the column that holds it so"},
	}
	r.post("/v1/orders:import", "", `[{"order_id":"1","customer_id":"c","ordered_at":"2026-02-01","amount":1}]`)
	answers["no model then"] = [2]string{got("/v1/customers/c/explanation?as_of=2026-02-01T12:00:00Z"), "/v1/"}
	answers["no change"] = [2]string{got("/v1/customers/c/change?since=2026-01-01T00:00:00Z"), "/v1/"}
	for name, answer := range answers {
		if found := ofTheCommandLine.FindString(answer[0]); found != "" || !strings.Contains(answer[0], answer[1]) {
			t.Errorf("%s: want %q and no %q: %s", name, answer[1], found, answer[0])
		}
	}
}
