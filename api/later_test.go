package api_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

type otherOperations interface{ api.Operations }

// yard begins imports, and knows one operation of each kind by its name.
type yard struct {
	otherOperations

	got      []taken
	by       []string
	replayed bool
	fail     error
	ended    []string
}

func (y *yard) Import(_ context.Context, b model.Batch) (model.Job, bool, error) {
	text, err := io.ReadAll(b.Text)
	if err != nil {
		return model.Job{}, false, err
	}
	y.got, y.by = append(y.got, taken{b.Kind, b.Format, string(text), b.Key, b.DryRun}), append(y.by, b.KeyName)
	return model.Job{ID: "abc", Kind: "import", Status: model.JobRunning, Steps: []string{}, StartedAt: noon, RowsRead: new(int64(7))}, y.replayed, y.fail
}

func (y *yard) Operation(_ context.Context, id string) (model.Job, error) {
	report, err := json.Marshal(model.ImportReport{Kind: model.Orders, Read: 1, Quarantined: 1, Examples: []model.QuarantinedRow{{Line: 1, Reason: "r"}}})
	return model.Job{ID: id, Kind: id, Status: model.JobDone, Steps: []string{}, StartedAt: noon, Result: report}, err
}

func (y *yard) Cancel(ctx context.Context, id string) (model.Job, error) {
	y.ended = append(y.ended, id)
	return y.Operation(ctx, id)
}

func serveYard(t *testing.T, y *yard, o api.Options) *served {
	t.Helper()
	s := &shelf{desk: &desk{}, dock: &dock{}}
	return serveParts(t, api.Parts{Scores: s, Explainer: s, Triggers: s.desk, Ingest: s.dock, Erased: &departed{}, Operations: y}, o)
}

func TestAnImportIsAnsweredByAnOperationWhereThatIsPreferred(t *testing.T) {
	for prefer, async := range map[string]bool{
		"respond-async": true, "Respond-Async, wait=100": true, "return=minimal , respond-async;x=1": true,
		"": false, "wait=10": false, "respond-sync": false, "x=respond-async": false,
	} {
		y := &yard{}
		answer := serveYard(t, y, api.Options{}).post(t, "/v1/orders:import", "text/csv", "a\n1\n", header("Prefer", prefer), header("Idempotency-Key", "k"), header("Dry-Run", "true"))
		if !async {
			if answer.status != http.StatusOK || len(y.got) > 0 || answer.header.Get("Preference-Applied") != "" {
				t.Errorf("%q: %d %s", prefer, answer.status, answer.body)
			}
			continue
		}
		if diff := cmp.Diff([]taken{{"orders", "csv", "a\n1\n", "k", true}}, y.got); diff != "" || y.by[0] != "local" {
			t.Errorf("%q by %v (-want +got):\n%s", prefer, y.by, diff)
		}
		body := decode(t, answer)
		if answer.status != http.StatusAccepted || body["operation_id"] != "abc" || body["status"] != "running" || body["rows_read"] != 7.0 || body["result"] != nil {
			t.Errorf("%q: %d %s", prefer, answer.status, answer.body)
		}
		for name, want := range map[string]string{
			"Location": "/v1/operations/abc", "Preference-Applied": "respond-async", "Content-Type": "application/json", "Idempotent-Replayed": "",
		} {
			if got := answer.header.Get(name); got != want {
				t.Errorf("%q: %s is %q, want %q", prefer, name, got, want)
			}
		}
	}
	y := &yard{replayed: true}
	s := serveYard(t, y, api.Options{})
	async := header("Prefer", "respond-async")
	if answer := s.post(t, "/v1/orders:import", "", `{"rows":[{"a":1}]}`, async); answer.header.Get("Idempotent-Replayed") != "true" || y.got[0].Text != "{\"a\":1}\n" {
		t.Errorf("again: %v, %v", answer.header, y.got)
	}
	// Where it is not for an import, it is passed over.
	if answer := s.post(t, "/v1/outreach", "", `[{"outreach_id":"1"}]`, async); answer.status != http.StatusOK {
		t.Errorf("outreach: %d %s", answer.status, answer.body)
	}
	if answer := s.ask(t, http.MethodGet, "/v1/orders:import", async); answer.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d %s", answer.status, answer.body)
	}
	y.fail = model.Errorf(model.KindConflict, "operation x is under way")
	if answer := s.post(t, "/v1/orders:import", "text/csv", "a\n1\n", async); answer.status != http.StatusConflict || decode(t, answer)["code"] != "conflict" {
		t.Errorf("a second one: %d %s", answer.status, answer.body)
	}
}

func TestWhoImportsMayLookAfterImportsAlone(t *testing.T) {
	keys := keyring(t)
	y := &yard{}
	s := serveYard(t, y, api.Options{Keys: keys.Keyring, Audit: keys.log})
	for scope, want := range map[model.Scope]map[string]int{
		model.ScopeIngestWrite:  {"GET import": 200, "GET train": 403, "POST import": 200, "POST train": 403, "BEGIN": 202},
		model.ScopeInsightsRead: {"GET import": 200, "GET train": 200, "POST import": 403, "POST train": 403, "BEGIN": 403},
		model.ScopeModelsWrite:  {"GET import": 403, "GET train": 403, "POST import": 403, "POST train": 200, "BEGIN": 403},
		model.ScopeAdmin:        {"GET import": 200, "GET train": 200, "POST import": 200, "POST train": 200, "BEGIN": 202},
	} {
		with := header("Authorization", "Bearer "+keys.key(0, scope).Text)
		for what, status := range want {
			verb, kind, _ := strings.Cut(what, " ")
			var answer reply
			switch verb {
			case "GET":
				answer = s.ask(t, http.MethodGet, "/v1/operations/"+kind, with)
			case "POST":
				answer = s.post(t, "/v1/operations/"+kind+":cancel", "", `{}`, with)
			default:
				answer = s.post(t, "/v1/orders:import", "text/csv", "a\n1\n", with, header("Prefer", "respond-async"))
			}
			if answer.status != status || status == 403 && decode(t, answer)["code"] != "scope_missing" {
				t.Errorf("%s with %s: %d %s, want %d", what, scope, answer.status, answer.body, status)
			}
		}
	}
	if diff := cmp.Diff(4, len(y.ended)); diff != "" {
		t.Errorf("cancelled %v", y.ended)
	}
	got := decode(t, s.ask(t, http.MethodGet, "/v1/operations/import", header("Authorization", "Bearer "+keys.key(0, model.ScopeAdmin).Text)))
	result, _ := got["result"].(map[string]any)
	if result["read"] != 1.0 || len(result["refused"].([]any)) != 1 || result["warnings"] == nil || result["examples"] != nil {
		t.Errorf("the result is not what the call that waits tells: %v", got)
	}
}
