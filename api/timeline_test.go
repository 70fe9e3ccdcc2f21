package api_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// diary holds one customer's days, newest first.
type diary struct {
	entries []model.TimelineEntry
	asked   []model.TimelineQuery
}

func (d *diary) Timeline(_ context.Context, q model.TimelineQuery) ([]model.TimelineEntry, error) {
	d.asked = append(d.asked, q)
	var out []model.TimelineEntry
	for _, e := range d.entries {
		if q.Customer == "ann" && (q.After == nil || e.At.Before(q.After.At)) {
			out = append(out, e)
		}
	}
	return out[:min(len(out), q.Top)], nil
}

func TestATimelineComesInPagesOfOneInstant(t *testing.T) {
	d := &diary{}
	for i := range 5 {
		d.entries = append(d.entries, model.TimelineEntry{At: noon.Add(-time.Duration(i) * time.Hour), KnownAt: noon, Kind: "orders", What: "ordered", ID: fmt.Sprint(i)})
	}
	d.entries[0].Value, d.entries[0].OrderID = new(9.5), new("o1")
	s := serveParts(t, api.Parts{Timelines: d}, api.Options{})
	var ids []string
	for token, pages := "", 0; pages < 9; pages++ {
		page := decode(t, s.ask(t, http.MethodGet, "/v1/customers/ann/timeline?page_size=2&page_token="+token))
		for _, e := range page["entries"].([]any) {
			ids = append(ids, e.(map[string]any)["id"].(string))
		}
		if pages == 0 {
			want := map[string]any{
				"at": "2026-03-01T12:00:00Z", "known_at": "2026-03-01T12:00:00Z", "kind": "orders", "what": "ordered", "id": "0", "order_id": "o1",
				"ticket_id": nil, "trigger_id": nil, "value": 9.5, "channel": nil, "text": nil,
			}
			if diff := cmp.Diff(want, page["entries"].([]any)[0]); diff != "" {
				t.Errorf("entry (-want +got):\n%s", diff)
			}
			if answer := s.ask(t, http.MethodGet, fmt.Sprint("/v1/customers/bob/timeline?page_token=", page["next_page_token"])); answer.status != 400 {
				t.Errorf("another customer's token: %d", answer.status)
			}
		}
		if token = page["next_page_token"].(string); token == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, ids); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for _, q := range d.asked {
		if !q.AsOf.Equal(noon) {
			t.Errorf("asked as of %v", q.AsOf)
		}
	}
	for target, status := range map[string]int{
		"/v1/customers/bob/timeline":                              404,
		"/v1/customers/bob/timeline?kind=orders":                  200,
		"/v1/customers/ann/timeline?kind=orders,shoes":            400,
		"/v1/customers/ann/timeline?page_size=1001":               400,
		"/v1/customers/ann/timeline?page_token=e30":               400,
		"/v1/customers/ann/timeline?as_of=2026-01-01T00:00:00Z":   200,
		"/v1/customers/ann/timeline?as_of=now":                    400,
		"/v1/customers/ann/timeline?kind=triggers,scores,tickets": 200,
	} {
		if answer := s.ask(t, http.MethodGet, target); answer.status != status {
			t.Errorf("%s: %d %s", target, answer.status, answer.body)
		}
	}
}
