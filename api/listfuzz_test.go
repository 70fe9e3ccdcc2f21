package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// FuzzListCalls asks the lists for anything at all, with several filters at once: it
// is answered, or refused as wrong, and never a fault of the server.
func FuzzListCalls(f *testing.F) {
	targets := []string{"/v1/scores", "/v1/triggers"}
	for i := range targets {
		for _, query := range []string{
			"", "page_size=2&page_token=x", "page_size=0", "page_size=-1", "page_size=99999999999999999999", "cohort=channel=web&band=high&min_risk=0.5", "min_risk=NaN", "min_risk=1e400",
			"order_by=churn_probability desc", "order_by=revenue_at_risk,customer_id", "updated_since=1&order_by=sequence", "updated_since=2026-01-01T00:00:00Z", "status=open&status=done", "status=open,done",
			"kind=orders,triggers", "as_of=2026-01-01T00:00:00Z", "overdue=maybe", "urgency=high&playbook=a", "page_size=1&page_size=2", "%zz", ";", "a=%00", "cohort=" + strings.Repeat("=", 100), "&&&", "cohort[]=x",
		} {
			f.Add(byte(i), query)
		}
	}
	f.Fuzz(func(t *testing.T, which byte, query string) {
		s := serve(t, &shelf{scores: []model.Score{scored("a", 0.5, 1)}, desk: &desk{}}, api.Options{})
		target := targets[int(which)%len(targets)]
		answer := s.ask(t, http.MethodGet, target, func(r *http.Request) {
			r.URL = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: target, RawQuery: query}
		})
		wellAnswered(t, target+"?"+query, answer, 200, 400, 404)
	})
}
