package api_test

import (
	"net/http"
	"testing"

	"github.com/churnwatch/churnwatch/api"
)

// What a client is told of a request that can't be read are words for people, not
// those of the libraries that read it.
func TestAnUnreadableRequestIsExplainedInOurWords(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	for target, want := range map[string]string{
		"/v1/scores?page_size=abc":                  `page_size: "abc" is no whole number, or too large`,
		"/v1/scores?page_size=99999999999999999999": `page_size: "99999999999999999999" is no whole number, or too large`,
		"/v1/scores?min_risk=high":                  `min_risk: "high" is no number`,
		"/v1/hotspots?all=maybe":                    `all: "maybe" is neither true nor false`,
		"/v1/customers/a/explanation?as_of=2011-08": `as_of: "2011-08" is no time: write it as 2026-06-29T12:00:00Z`,
	} {
		answer := s.ask(t, http.MethodGet, target)
		if got := decode(t, answer)["detail"]; answer.status != http.StatusBadRequest || got != want {
			t.Errorf("%s: %d %s, want %s", target, answer.status, got, want)
		}
	}
	for target, ask := range map[string]struct{ body, want string }{
		"/v1/scores:run":     {`{"as_of":"2011-09-01"}`, `line 1:10: "2011-09-01" is no time: write it as 2026-06-29T12:00:00Z`},
		"/v1/models:train":   {`{"foo":1}`, `line 1:2: unknown field "foo"`},
		"/v1/triggers/x:ack": {`{"owner":7}`, "line 1:10: invalid value for string field owner: 7"},
	} {
		answer := s.post(t, target, "", ask.body)
		if got := decode(t, answer)["detail"]; answer.status != http.StatusBadRequest || got != ask.want {
			t.Errorf("%s: %d %s, want %s", target, answer.status, got, ask.want)
		}
	}
}
