package service_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

// scoredAlone asks a server for a customer's score and for its change, and
// checks that the second ends at the first.
func scoredAlone(t *testing.T, r *running, who string, since time.Time) (score, change map[string]any) {
	t.Helper()
	read := func(what string) map[string]any {
		t.Helper()
		status, body := r.get("/v1/customers/" + who + what)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", what, status, body)
		}
		return fromJSON(t, body).(map[string]any)
	}
	score, change = read("/score"), read("/change?since="+since.Format(time.RFC3339))
	after := change["after"].(map[string]any)
	for _, key := range []string{"as_of", "model", "status", "churn_probability"} {
		if after[key] != score[key] {
			t.Errorf("since %s %s is %v, published %v", since, key, after[key], score[key])
		}
	}
	if change["as_of"] != score["as_of"] {
		t.Errorf("since %s: to %v, published as of %v", since, change["as_of"], score["as_of"])
	}
	return score, change
}

// After an answer of his own a customer is scored by himself, and it is that
// score of which the change speaks, down to the last bit.
func TestAChangeEndsAtTheScoreOfACustomerRescoredAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	now := midsummer
	a := open(t, func() time.Time { return now })
	shop(t, a, 200)
	fitted(t, a)
	now = midsummer.Add(time.Minute)
	if _, err := a.Scoring.Score(t.Context(), midsummer); err != nil {
		t.Fatal(err)
	}
	all, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 2})
	if err != nil || len(all) != 2 {
		t.Fatalf("%d scores, %v", len(all), err)
	}
	who, other := all[0].CustomerID, all[1].CustomerID
	answered := midsummer.Add(time.Hour)
	now = midsummer.Add(2 * time.Hour)
	rows(t, a, "responses", fmt.Sprintf("response_id,customer_id,answered_at,kind,score\nzz,%s,%s,nps,0\n", who, answered.Format(time.RFC3339)))
	now = now.Add(time.Minute)
	service.NewTouchedRescorer(a, slog.New(slog.DiscardHandler))(t.Context())
	published, err := a.Store.ScoreOf(t.Context(), who)
	if err != nil || !published.AsOf.Equal(now) || *published.ChurnProbability == *all[0].ChurnProbability {
		t.Fatalf("rescored: %+v, %v", published, err)
	}

	r := start(t, a, nil)
	for name, since := range map[string]time.Time{
		"weeks before": midsummer.Add(-20 * model.Day), "the instant of everybody's scores": midsummer,
		"between the two": midsummer.Add(30 * time.Minute), "a second before": now.Add(-time.Second),
	} {
		change, err := a.Scoring.ExplainSince(t.Context(), who, since, time.Time{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if change.After.Probability != *published.ChurnProbability || !change.AsOf.Equal(now) {
			t.Errorf("%s: published %v, explained %+v", name, *published.ChurnProbability, change)
		}
		_, served := scoredAlone(t, r, who, since)
		facts := served["parts"].([]any)[3].(map[string]any)
		if heard := len(facts["facts"].([]any)) > 0; heard != since.Before(answered) || heard != (facts["log_odds"].(float64) != 0) {
			t.Errorf("%s: new facts %v", name, facts)
		}
	}
	if status, body := r.get("/v1/customers/" + who + "/change?since=" + now.Format(time.RFC3339)); status != http.StatusBadRequest || !strings.Contains(body, "the instant of the score") {
		t.Errorf("since the score itself: %d %s", status, body)
	}
	if score, _ := scoredAlone(t, r, other, midsummer.Add(-model.Day)); score["as_of"] != midsummer.Format(time.RFC3339) {
		t.Errorf("who was not rescored is as of %v", score["as_of"])
	}
}
