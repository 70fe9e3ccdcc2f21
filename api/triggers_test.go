package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// desk holds triggers in memory.
type desk struct {
	triggers []model.Trigger
	asked    []model.TriggerQuery
	notes    []string
}

func (d *desk) List(_ context.Context, q model.TriggerQuery) ([]model.Trigger, error) {
	d.asked = append(d.asked, q)
	out := slices.Clone(d.triggers)
	out = slices.DeleteFunc(out, func(t model.Trigger) bool {
		return t.Sequence <= q.UpdatedSince || len(q.Statuses) > 0 && !slices.Contains(q.Statuses, t.Status)
	})
	return out[:min(len(out), q.Top)], nil
}

func (d *desk) Count(ctx context.Context, q model.TriggerQuery) (int64, error) {
	q.Top = len(d.triggers)
	found, err := (&desk{triggers: d.triggers}).List(ctx, q)
	return int64(len(found)), err
}

func (d *desk) Sequence(context.Context) (newest model.Sequence, err error) {
	for _, t := range d.triggers {
		newest = max(newest, t.Sequence)
	}
	return newest, nil
}

func (d *desk) Show(_ context.Context, id string) (model.Trigger, error) {
	for _, t := range d.triggers {
		if t.ID == id {
			return t, nil
		}
	}
	return model.Trigger{}, model.Errorf(model.KindNotFound, "there is no trigger %s", id)
}

func (d *desk) Acknowledge(ctx context.Context, id, owner, note string) (model.Trigger, error) {
	d.notes = append(d.notes, id+" "+owner+" "+note)
	t, err := d.Show(ctx, id)
	t.Status, t.Owner = model.TriggerAcknowledged, owner
	return t, err
}

func (d *desk) Resolve(ctx context.Context, id, note string) (model.Trigger, error) {
	t, err := d.Show(ctx, id)
	if err == nil && t.Status.Final() {
		return t, model.Errorf(model.KindConflict, "trigger %s is %s", id, t.Status)
	}
	d.notes = append(d.notes, id+" "+note)
	t.Status = model.TriggerDone
	return t, err
}

func waiting(id string, sequence model.Sequence, status model.TriggerStatus) model.Trigger {
	due := noon.Add(2 * time.Hour)
	opened := noon
	return model.Trigger{
		ID: id, CustomerID: "ann", Playbook: "detractor", Reason: "NPS answer of 2", Urgency: model.UrgencyHigh, Status: status,
		OpenedAt: &opened, DueAt: &due, Action: "message", Template: "detractor_empathy", Channel: "email", Step: "first_touch", Owner: "care",
		Experiment: &model.TriggerExperiment{Name: "holdout", Variant: "treated"}, Evidence: []model.Evidence{{What: "nps", At: noon, Value: new(2.0)}},
		Sequence: sequence, Cause: "answer:r1", CausedAt: noon, PlannedAt: noon, Personal: map[string]string{"first_name": "Ann"},
		History: []model.TriggerLife{{TriggerID: id, Sequence: 1, Status: model.TriggerOpen, At: noon}},
	}
}

func TestATriggerHasTheContractsKeys(t *testing.T) {
	d := &desk{triggers: []model.Trigger{waiting("t1", 7, model.TriggerOpen)}}
	got := decode(t, serve(t, &shelf{desk: d}, api.Options{}).ask(t, http.MethodGet, "/v1/triggers/t1"))
	want := map[string]any{
		"trigger_id": "t1", "customer_id": "ann", "playbook": "detractor", "reason": "NPS answer of 2", "urgency": "high", "status": "open",
		"opened_at": "2026-03-01T12:00:00Z", "due_at": "2026-03-01T14:00:00Z", "overdue": false, "action": "message",
		"template": "detractor_empathy", "channel": "email", "step": "first_touch", "owner": "care",
		"experiment": map[string]any{"name": "holdout", "variant": "treated"}, "holdout": false, "suppressed_by": nil,
		"evidence": []any{map[string]any{
			"what": "nps", "at": "2026-03-01T12:00:00Z", "order_id": nil, "ticket_id": nil, "promised_at": nil, "delivered_at": nil, "value": 2.0,
			"file": nil, "line": nil, "known_at": nil,
		}},
		"sequence": "7", "cause": "answer:r1", "caused_at": "2026-03-01T12:00:00Z", "planned_at": "2026-03-01T12:00:00Z", "offer": "", "ask": "",
		"personal": map[string]any{"first_name": "Ann"}, "value": nil,
		"history": []any{map[string]any{
			"sequence": "1", "status": "open", "at": "2026-03-01T12:00:00Z", "code": "", "reason": "", "planned_at": nil,
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trigger (-want +got):\n%s", diff)
	}
}

func TestPagesOfTriggersFollowOnEachOther(t *testing.T) {
	d := &desk{}
	for i := range 7 {
		d.triggers = append(d.triggers, waiting(string(rune('a'+i)), model.Sequence(i+1), model.TriggerOpen))
	}
	s := serve(t, &shelf{desk: d}, api.Options{})
	var got []string
	for token, pages := "", 0; pages < 9; pages++ {
		page := decode(t, s.ask(t, http.MethodGet, "/v1/triggers?page_size=3&page_token="+token))
		for _, trigger := range page["triggers"].([]any) {
			got = append(got, trigger.(map[string]any)["trigger_id"].(string))
		}
		if token = page["next_page_token"].(string); token == "" {
			if page["sequence"] != "7" || pages != 2 {
				t.Errorf("page %d ends at sequence %v", pages, page["sequence"])
			}
			break
		}
		if answer := s.ask(t, http.MethodGet, "/v1/triggers?status=done&page_token="+token); answer.status != http.StatusBadRequest {
			t.Errorf("a token for other filters: %d", answer.status)
		}
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d", "e", "f", "g"}, got); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
}

func TestFiltersOfTriggersReachTheStore(t *testing.T) {
	actionable := []model.TriggerStatus{model.TriggerOpen, model.TriggerAcknowledged, model.TriggerEscalated}
	for query, want := range map[string]model.TriggerQuery{
		"":                                   {Top: 101, Statuses: actionable},
		"status=all":                         {Top: 101},
		"status=done,expired&page_size=5":    {Top: 6, Statuses: []model.TriggerStatus{model.TriggerDone, model.TriggerExpired}},
		"updated_since=12":                   {Top: 101, UpdatedSince: 12, Statuses: model.TriggerStatuses()[1:]},
		"updated_since=2026-02-03T04:05:06Z": {Top: 101, UpdatedAfter: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), Statuses: model.TriggerStatuses()[1:]},
		"customer_id=ann&playbook=passive":   {Top: 101, Statuses: actionable, Customer: "ann", Playbook: "passive"},
	} {
		d := &desk{}
		answer := serve(t, &shelf{desk: d}, api.Options{}).ask(t, http.MethodGet, "/v1/triggers?"+query)
		if answer.status != http.StatusOK || len(d.asked) != 1 {
			t.Fatalf("%s: %d %s", query, answer.status, answer.body)
		}
		if diff := cmp.Diff(want, d.asked[0]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	s := serve(t, &shelf{desk: &desk{}}, api.Options{})
	for _, query := range []string{"status=waiting", "status=open,", "updated_since=yesterday", "page_size=-1", "page_token=x", "band=high"} {
		if answer := s.ask(t, http.MethodGet, "/v1/triggers?"+query); answer.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, answer.status, answer.body)
		}
	}
}

func TestATriggerIsAcknowledgedAndResolved(t *testing.T) {
	d := &desk{triggers: []model.Trigger{waiting("t1", 7, model.TriggerOpen), waiting("t2", 8, model.TriggerDone)}}
	s := serve(t, &shelf{desk: d}, api.Options{})
	for _, tt := range []struct {
		target, body string
		status       int
		says         string
	}{
		{"/v1/triggers/t1:ack", `{"owner":"zoe","note":"mine"}`, http.StatusOK, `"acknowledged"`},
		{"/v1/triggers/t1:resolve", `{"note":"called"}`, http.StatusOK, `"done"`},
		{"/v1/triggers/t1:resolve", ``, http.StatusOK, `"done"`},
		{"/v1/triggers/t2:resolve", `{}`, http.StatusConflict, "is done"},
		{"/v1/triggers/t3:ack", `{}`, http.StatusNotFound, "no trigger t3"},
		{"/v1/triggers/t1:ack", `{"boss":"zoe"}`, http.StatusBadRequest, "boss"},
		{"/v1/triggers/t1:forget", `{}`, http.StatusMethodNotAllowed, ""},
	} {
		answer := s.ask(t, http.MethodPost, tt.target, func(r *http.Request) {
			*r = *httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080"+tt.target, strings.NewReader(tt.body))
			r.RemoteAddr = "127.0.0.1:50000"
			r.Header.Set("Content-Type", "application/json")
		})
		if answer.status != tt.status || !strings.Contains(answer.body, tt.says) {
			t.Errorf("%s %s: %d %s", tt.target, tt.body, answer.status, answer.body)
		}
	}
	if diff := cmp.Diff([]string{"t1 zoe mine", "t1 called", "t1 ", "t3  "}, d.notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}
