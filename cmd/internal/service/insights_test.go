package service_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

// asJSON is a value as its JSON is read.
func asJSON(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return fromJSON(t, string(text))
}

func fromJSON(t *testing.T, text string) (out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// missing names what stands in want and not, or otherwise, in got. REST may
// say more, and says [] where a command says null.
func missing(path string, want, got any) (out []string) {
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		for key, value := range want {
			found, ok := have[key]
			if !ok {
				out = append(out, path+"."+key)
				continue
			}
			out = append(out, missing(path+"."+key, value, found)...)
		}
		return out
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			return []string{path + ": length"}
		}
		for i := range want {
			out = append(out, missing(path+"[]", want[i], have[i])...)
		}
		return out
	case nil:
		if list, ok := got.([]any); ok && len(list) == 0 {
			return nil
		}
	}
	if !reflect.DeepEqual(want, got) {
		return []string{path + ": " + cmp.Diff(want, got)}
	}
	return nil
}

// What a command prints, REST answers: the same keys with the same values.
func TestInsightsAreServedAsCommandsPrintThem(t *testing.T) {
	if testing.Short() {
		t.Skip("trains a model")
	}
	// Commands and REST write fractions of a second differently, when they end in 0.
	a := open(t, func() time.Time { return time.Now().Truncate(time.Second) })
	shop(t, a, 250)
	fitted(t, a)
	r := start(t, a, nothing)
	snapshot, err := a.Store.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at := snapshot.AsOf
	for target, compute := range map[string]func(ctx context.Context) (any, error){
		"/v1/painpoints": func(ctx context.Context) (any, error) {
			part, err := a.Scoring.PainPoints(ctx, 0, time.Time{})
			return map[string]any{"painpoints": part.Weights, "answers": part.Answers, "status": part.Status}, err
		},
		"/v1/drift?top=10000": func(ctx context.Context) (any, error) { return a.Scoring.Drift(ctx, time.Time{}) },
		"/v1/cohorts": func(ctx context.Context) (any, error) {
			rows, err := a.Scoring.CohortsAt(ctx, time.Time{}, a.Config.Cohorts.MaxPerDimension)
			return map[string]any{"cohorts": model.ShownCohorts(rows, a.Config.Cohorts.MinimumCell).Cohorts, "as_of": at}, err
		},
		"/v1/segments": func(ctx context.Context) (any, error) {
			return a.Boards.Segments(ctx, at, []string{"tier", "industry"})
		},
		"/v1/hotspots?all=true&window_days=120&min_exposures=20": func(ctx context.Context) (any, error) {
			return a.Scoring.Hotspots(ctx, scoring.HotspotRequest{AsOf: at, All: true, Window: 120 * model.Day, Least: 20})
		},
		"/v1/touchpoints": func(ctx context.Context) (any, error) { return a.Scoring.Touchpoints(ctx, at) },
	} {
		status, body := r.get(target)
		for tries := 0; status == http.StatusGatewayTimeout && tries < 3; tries++ { // The machine is busy.
			status, body = r.get(target)
		}
		if status != http.StatusOK {
			t.Errorf("%s: %d %s", target, status, body)
			continue
		}
		want, err := compute(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if lost := missing("", asJSON(t, want), fromJSON(t, body)); len(lost) > 0 {
			t.Errorf("%s lacks %d: %v", target, len(lost), lost[:min(len(lost), 10)])
		}
	}
	explained(t, a, r)
	overviewed(t, a, r, snapshot)
	if status, body := r.get("/v1/segments?by=shoe"); status != http.StatusBadRequest || !strings.Contains(body, "shoe") {
		t.Errorf("by an unknown column: %d %s", status, body)
	}
	listed(t, a, r)
	computedOnce(t, a, r, snapshot)
	wellMannered(t, a, r)
}

// listed checks that a list in bulk, and one of some customers, are what is
// stored.
func listed(t *testing.T, a *app.App, r *running) {
	t.Helper()
	held, err := a.Store.Scores(t.Context(), model.ScoreQuery{Order: model.BySequence})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.HTTP+"/v1/scores", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/csv")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(answer.Body).ReadAll()
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	for i, s := range held {
		if rows[i+1][0] != s.CustomerID {
			t.Errorf("row %d is of %s, want %s", i+1, rows[i+1][0], s.CustomerID)
		}
	}
	some, err := post(r.HTTP, "/v1/scores:batchGet", "application/json", "", fmt.Sprintf(`{"customer_ids":[%q,"nobody"]}`, held[0].CustomerID))
	if err != nil || len(rows) != len(held)+1 || strings.Count(some.text, `"customer_id":`) != 1 || !strings.Contains(some.text, `"not_found":["nobody"]`) {
		t.Errorf("%d rows of %d; some: %v %s", len(rows)-1, len(held), err, some.text)
	}
	status, body := r.get("/v1/customers/" + held[0].CustomerID + "/timeline?page_size=1000")
	if status != http.StatusOK || !strings.Contains(body, `"what":"ordered"`) || !strings.Contains(body, `"what":"scored"`) {
		t.Errorf("timeline: %d %.500s", status, body)
	}
}

// explained compares explanations.
func explained(t *testing.T, a *app.App, r *running) {
	t.Helper()
	listed, err := a.Store.Scores(t.Context(), model.ScoreQuery{Top: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range listed {
		want, err := a.Scoring.Explain(t.Context(), s.CustomerID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		_, body := r.get("/v1/customers/" + s.CustomerID + "/explanation")
		if lost := missing("", asJSON(t, want), fromJSON(t, body)); len(lost) > 0 {
			t.Errorf("explanation lacks %v", lost[:min(len(lost), 10)])
		}
		if want.DataShare == nil || len(want.Groups) == 0 {
			t.Errorf("nothing to compare: %v, %v", want.DataShare, want.Groups)
		}
	}
}

// computedOnce checks that an answer is held until another snapshot is
// published.
func computedOnce(t *testing.T, a *app.App, r *running, snapshot model.Snapshot) {
	t.Helper()
	timed := func(target string) (time.Duration, string) {
		began := time.Now()
		status, body := r.get(target)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", target, status, body)
		}
		return time.Since(began), body
	}
	first, before := timed("/v1/touchpoints?as_of=" + snapshot.AsOf.Format(time.RFC3339))
	again, same := timed("/v1/touchpoints")
	if again > first/2 || same != before {
		t.Errorf("first %v, then %v; the same: %v", first, again, same == before)
	}
	t.Logf("first %v, then %v", first, again)
	if _, err := a.Scoring.Score(t.Context(), snapshot.AsOf.Add(-10*model.Day)); err != nil {
		t.Fatal(err)
	}
	if _, after := timed("/v1/touchpoints"); after == before {
		t.Error("the answer is that of the snapshot before")
	}
	if _, then := timed("/v1/touchpoints?as_of=" + snapshot.AsOf.Format(time.RFC3339)); then != before {
		t.Error("as of the snapshot before, the answer is another one")
	}
}

func TestAWrongQuestionIsToldByName(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	for target, want := range map[string]string{
		"/v1/drift?top=-1":                 "top -1",
		"/v1/drift?limit=5":                `query parameter "limit"`,
		"/v1/hotspots?dimension=colour":    `dimension "colour"`,
		"/v1/hotspots?window_days=-1":      "window_days -1",
		"/v1/hotspots?min_exposures=1":     "min_exposures 1",
		"/v1/cohorts?as_of=yesterday":      "as_of",
		"/v1/touchpoints?as_of=2026-13-01": "as_of",
	} {
		status, body := r.get(target)
		if problem := fromJSON(t, body).(map[string]any); status != http.StatusBadRequest || !strings.Contains(problem["detail"].(string), want) {
			t.Errorf("%s: %d %s", target, status, body)
		}
	}
	var codes []int
	for _, target := range []string{"/v1/painpoints", "/v1/drift", "/v1/cohorts", "/v1/hotspots", "/v1/segments", "/v1/touchpoints", "/v1/overview", "/v1/retention", "/v1/models/0"} {
		status, _ := r.get(target)
		codes = append(codes, status)
	}
	if slices.Contains(codes, 200) || slices.Contains(codes, 500) {
		t.Errorf("without data: %v", codes)
	}
}
