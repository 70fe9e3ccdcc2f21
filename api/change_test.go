package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

func TestAChangeIsSaidWithItsValuesAndFacts(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	answer := s.ask(t, http.MethodGet, "/v1/customers/a%2Fb/change?since=2026-01-01T00:00:00Z")
	got := decode(t, answer)
	if answer.status != http.StatusOK || got["customer_id"] != "a/b" || got["since"] != "2026-01-01T00:00:00Z" {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	part := got["parts"].([]any)[0].(map[string]any)
	one := part["contributions"].([]any)[0].(map[string]any)
	if from, has := one["from"]; one["to"] != "gold" || from != nil || !has || part["facts"].([]any)[0].(map[string]any)["what"] != "late" {
		t.Errorf("%v", part)
	}
	answer = s.ask(t, http.MethodGet, "/v1/customers/a/change")
	if answer.status != http.StatusBadRequest || !strings.Contains(answer.body, "since is missing") {
		t.Errorf("without since: %d %s", answer.status, answer.body)
	}
}

func TestScoresAreSelectedByDriftAndByTheBeginningOfAnID(t *testing.T) {
	on := &shelf{}
	s := serve(t, on, api.Options{})
	if answer := s.ask(t, http.MethodGet, "/v1/scores?drift=drifting&customer_prefix=c%25"); answer.status != http.StatusOK {
		t.Fatalf("%d %s", answer.status, answer.body)
	}
	if q := on.asked[0]; q.Drift != model.Drifting || q.Prefix != "c%" || q.Reasons != 5 {
		t.Errorf("%+v", q)
	}
	answer := s.ask(t, http.MethodGet, "/v1/scores?drift=gone")
	if answer.status != http.StatusBadRequest || !strings.Contains(answer.body, `drift \"gone\"`) {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}

func TestAListCarriesAsManyReasonsAsAreWanted(t *testing.T) {
	on := &shelf{}
	s := serve(t, on, api.Options{})
	if answer := s.ask(t, http.MethodGet, "/v1/scores?reasons=0"); answer.status != http.StatusOK || on.asked[0].Reasons != 0 {
		t.Errorf("%d %s, %+v", answer.status, answer.body, on.asked)
	}
	for _, wrong := range []string{"-1", "6"} {
		if answer := s.ask(t, http.MethodGet, "/v1/scores?reasons="+wrong); answer.status != http.StatusBadRequest || !strings.Contains(answer.body, "want 0 to 5") {
			t.Errorf("%s: %d %s", wrong, answer.status, answer.body)
		}
	}
}

func TestADryRunIsAskedForByAHeaderInAnyForm(t *testing.T) {
	d := &dock{}
	s := serve(t, &shelf{dock: d}, api.Options{})
	for _, form := range []struct{ contentType, body string }{
		{"text/csv", "a\n1\n"}, {"application/x-ndjson", `{"a":1}`}, {"application/json", `[{"a":1}]`},
	} {
		if answer := s.post(t, "/v1/orders:import", form.contentType, form.body, header("Dry-Run", "true")); answer.status != http.StatusOK || !d.got[len(d.got)-1].DryRun {
			t.Errorf("%s: %d %s", form.contentType, answer.status, answer.body)
		}
	}
	if s.post(t, "/v1/orders:import", "text/csv", "a\n1\n", header("Dry-Run", "false")); d.got[3].DryRun {
		t.Error("false is a dry run")
	}
	if answer := s.post(t, "/v1/orders:import", "text/csv", "a\n1\n", header("Dry-Run", "please")); answer.status != http.StatusBadRequest || len(d.got) != 4 {
		t.Errorf("%d %s", answer.status, answer.body)
	}
}
