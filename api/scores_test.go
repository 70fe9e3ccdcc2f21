package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

func TestAScoreHasTheContractsKeysAndNullsForWhatIsNotKnown(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{unknown("b", 7)}}, api.Options{})
	got := decode(t, s.ask(t, http.MethodGet, "/v1/customers/b/score"))
	want := map[string]any{
		"customer_id": "b", "status": "not_eligible", "status_reason": "no order within the lookback", "churn_probability": nil,
		"interval": nil, "band": nil, "percentile": nil, "horizon_days": 90.0, "as_of": "2026-03-01T12:00:00Z",
		"scored_at": "2026-03-01T12:00:00Z", "sequence": "7", "model": nil, "label_definition": "", "satisfaction_index": nil,
		"satisfaction_standard_error": nil, "satisfaction_answers": 0.0, "nps_segment": nil, "drift": "silent", "pain_index": nil,
		"value_basis": nil, "p_alive": nil, "p_no_order": nil, "expected_orders": nil, "expected_order_value": nil,
		"expected_value": nil, "revenue_at_risk": nil, "data_quality": nil, "expected_value_interval": nil, "revenue_at_risk_interval": nil, "expected_date_of_next_order": nil, "contributions": []any{}, "holdout": false,
		"open_triggers": []any{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("score (-want +got):\n%s", diff)
	}
}

func TestAnExplanationAddsUpAndSaysHow(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.4378, 1)}}, api.Options{})
	got := decode(t, s.ask(t, http.MethodGet, "/v1/customers/a/explanation"))
	if got["base_log_odds"] != -1.0 || got["log_odds"] != -0.25 || got["churn_probability"] != 0.4378 {
		t.Errorf("explanation: %v", got)
	}
	if diff := cmp.Diff(map[string]any{"method": "slope", "slope": 1.25, "intercept": 0.0}, got["calibration"]); diff != "" {
		t.Errorf("calibration (-want +got):\n%s", diff)
	}
	want := []any{map[string]any{
		"name": "recency_days", "label": "days since the last order", "log_odds": 0.75, "value": 41.0,
		"evidence": []any{}, "family": "rhythm", "unit": "days",
	}}
	if diff := cmp.Diff(want, got["contributions"]); diff != "" {
		t.Errorf("contributions (-want +got):\n%s", diff)
	}
}

func TestAScoreCarriesItsDataQualityAndWhatItsMoneyRestsOn(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.4378, 1)}}, api.Options{})
	for _, path := range []string{"/v1/customers/a/score", "/v1/customers/a/explanation"} {
		got := decode(t, s.ask(t, http.MethodGet, path))
		want := map[string]any{"status": "yellow", "reasons": []any{"old"}, "customer_reasons": []any{"odd"}}
		if diff := cmp.Diff(want, got["data_quality"]); diff != "" {
			t.Errorf("%s: data quality (-want +got):\n%s", path, diff)
		}
		if diff := cmp.Diff(map[string]any{"low": 12.0, "high": 40.0, "level": 0.9}, got["revenue_at_risk_interval"]); diff != "" {
			t.Errorf("%s: revenue at risk (-want +got):\n%s", path, diff)
		}
	}
}

func TestWithoutAProbabilityNothingAddsUp(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{unknown("a", 1)}}, api.Options{})
	got := decode(t, s.ask(t, http.MethodGet, "/v1/customers/a/explanation"))
	for _, name := range []string{"base_log_odds", "log_odds", "calibration"} {
		if v, ok := got[name]; v != nil || !ok {
			t.Errorf("%s is %v, want null", name, v)
		}
	}
}

func TestAnExplanationCanBeOfAnEarlierInstant(t *testing.T) {
	held := &shelf{scores: []model.Score{scored("a", 0.5, 1)}}
	s := serve(t, held, api.Options{})
	s.ask(t, http.MethodGet, "/v1/customers/a/explanation?as_of=2026-01-02T03:04:05%2B01:00")
	s.ask(t, http.MethodGet, "/v1/customers/a/explanation")
	if want := []time.Time{time.Date(2026, 1, 2, 2, 4, 5, 0, time.UTC), {}}; !slices.EqualFunc(want, held.asOf, time.Time.Equal) {
		t.Errorf("asked as of %v, want %v", held.asOf, want)
	}
}

func TestAnIdMayHoldAnyCharacter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		id := rapid.OneOf(
			rapid.StringN(1, 20, 60),
			rapid.SampledFrom([]string{"a/b", "a%2Fb", "..", ".", "a:b", "ü ö", "?x=1", "a+b", "//", "score", "%"}),
		).Draw(rt, "id")
		s := serve(t, &shelf{scores: []model.Score{scored(id, 0.5, 1)}}, api.Options{})
		got := decode(t, s.ask(t, http.MethodGet, "/v1/customers/"+url.PathEscape(id)+"/score"))
		if got["customer_id"] != id {
			rt.Errorf("%q: %v", id, got)
		}
	})
}

func TestAListIsOfTheMostLikelyFirst(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{unknown("d", 4), scored("b", 0.2, 1), scored("c", 0.9, 2), scored("a", 0.9, 3)}}, api.Options{})
	got := decode(t, s.ask(t, http.MethodGet, "/v1/scores"))
	if diff := cmp.Diff([]string{"a", "c", "b", "d"}, names(got["scores"])); diff != "" {
		t.Errorf("scores (-want +got):\n%s", diff)
	}
	if got["next_page_token"] != "" || got["sequence"] != "4" {
		t.Errorf("token %v, sequence %v", got["next_page_token"], got["sequence"])
	}
}

func TestFiltersReachTheStore(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	for query, want := range map[string]model.ScoreQuery{
		"":                                            {Top: 101, Reasons: 5},
		"page_size=7":                                 {Top: 8, Reasons: 5},
		"band=high&min_risk=0.25":                     {Top: 101, Reasons: 5, Band: model.BandHigh, MinRisk: 0.25},
		"cohort=channel%3Dweb%3D2":                    {Top: 101, Reasons: 5, Dimension: "channel", Cohort: "web=2"},
		"cohort=channel%3D":                           {Top: 101, Reasons: 5, Dimension: "channel"},
		"updated_since=12":                            {Top: 101, Reasons: 5, UpdatedSince: 12, Order: model.BySequence},
		"updated_since=2026-02-03T04:05:06Z":          {Top: 101, Reasons: 5, UpdatedAfter: at, Order: model.BySequence},
		"updated_since=18446744073709551615":          {Top: 101, Reasons: 5, UpdatedSince: 1<<64 - 1, Order: model.BySequence},
		"order_by=sequence":                           {Top: 101, Reasons: 5, Order: model.BySequence},
		"order_by=churn_probability&min_risk=1":       {Top: 101, Reasons: 5, MinRisk: 1},
		"order_by=churn_probability%20desc":           {Top: 101, Reasons: 5},
		"order_by=revenue_at_risk&band=high":          {Top: 101, Reasons: 5, Band: model.BandHigh, Order: model.ByRevenue},
		"order_by=revenue_at_risk%20desc":             {Top: 101, Reasons: 5, Order: model.ByRevenue},
		"updated_since=12&order_by=revenue_at_risk":   {Top: 101, Reasons: 5, UpdatedSince: 12, Order: model.ByRevenue},
		"updated_since=0&page_size=1000&band=":        {Top: 1001, Reasons: 5, Order: model.BySequence},
		"updated_since=12&order_by=churn_probability": {Top: 101, Reasons: 5, UpdatedSince: 12},
	} {
		held := &shelf{}
		if answer := serve(t, held, api.Options{}).ask(t, http.MethodGet, "/v1/scores?"+query); answer.status != http.StatusOK {
			t.Errorf("%s: %v", query, decode(t, answer))
			continue
		}
		if diff := cmp.Diff([]model.ScoreQuery{want}, held.asked); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

func TestAWrongFilterIsToldByName(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	for query, want := range map[string]string{
		"page_size=1001":      "page_size 1001: want 1 to 1000, or 0 for 100",
		"page_size=-1":        "page_size -1: want 1 to 1000, or 0 for 100",
		"page_size=x":         `page_size: "x" is no whole number, or too large`,
		"band=red":            `band "red": want low, medium or high`,
		"min_risk=1.1":        "min_risk 1.1: want 0 to 1",
		"min_risk=NaN":        "min_risk NaN: want 0 to 1",
		"cohort=web":          `cohort "web": want dimension=cohort, such as channel=web`,
		"cohort=%3Dweb":       `cohort "=web": want dimension=cohort, such as channel=web`,
		"updated_since=today": `updated_since "today": want a sequence number such as 1234, or a time such as 2026-08-01T00:00:00Z`,
		"updated_since=-1":    `updated_since "-1": want a sequence number such as 1234, or a time such as 2026-08-01T00:00:00Z`,
		"order_by=name":       `order_by "name": want churn_probability, revenue_at_risk or sequence`,
		"page_token=%21":      "page_token is none of ours: take next_page_token as it was given, or leave it out",
		"page_token=e30":      "page_token was given for other filters: keep band, min_risk, cohort, drift, customer_prefix, updated_since and order_by from page to page",
		"top=5":               `query parameter "top": want one of page_size, page_token, updated_since, band, min_risk, cohort, order_by, drift, customer_prefix, reasons`,
		"pageSize=5":          `query parameter "pageSize": want one of page_size, page_token, updated_since, band, min_risk, cohort, order_by, drift, customer_prefix, reasons`,
		"band=low&band=high":  `query parameter "band" is given 2 times`,
		"band=low;x=1":        "query: invalid semicolon separator in query",
	} {
		answer := s.ask(t, http.MethodGet, "/v1/scores?"+query)
		got := decode(t, answer)
		if answer.status != http.StatusBadRequest || got["code"] != "invalid" || got["detail"] != want {
			t.Errorf("%s: %d %v\nwant %s", query, answer.status, got, want)
		}
	}
	got := decode(t, s.ask(t, http.MethodGet, "/v1/customers/a/score?x=1"))
	if got["detail"] != `query parameter "x": there are none here` {
		t.Errorf("a route without parameters: %v", got)
	}
}

func TestPagesHoldEveryScoreOnceWhateverTheirSizes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		held := &shelf{}
		for i := range rapid.IntRange(0, 40).Draw(rt, "scores") {
			id := fmt.Sprintf("c%02d", i)
			if rapid.Bool().Draw(rt, "known") {
				held.scores = append(held.scores, scored(id, rapid.SampledFrom([]float64{0, 0.1, 1.0 / 3, 1}).Draw(rt, "p"), model.Sequence(i+1)))
				if revenue := rapid.SampledFrom([]float64{-1, 0, 1.0 / 3, 20}).Draw(rt, "revenue"); revenue >= 0 {
					held.scores[i].RevenueAtRisk = &revenue
				}
			} else {
				held.scores = append(held.scores, unknown(id, model.Sequence(i+1)))
			}
		}
		filter := rapid.SampledFrom([]string{"", "&order_by=sequence", "&order_by=revenue_at_risk", "&updated_since=3", "&min_risk=0.1"}).Draw(rt, "filter")
		s := serve(t, held, api.Options{})
		all := decode(t, s.ask(t, http.MethodGet, "/v1/scores?page_size=1000"+filter))

		var got []string
		for token := ""; ; {
			size := rapid.IntRange(1, 15).Draw(rt, "size")
			page := decode(t, s.ask(t, http.MethodGet, fmt.Sprintf("/v1/scores?page_size=%d%s&page_token=%s", size, filter, token)))
			got = append(got, names(page["scores"])...)
			if token, _ = page["next_page_token"].(string); token == "" {
				break
			}
		}
		if diff := cmp.Diff(names(all["scores"]), got); diff != "" {
			rt.Errorf("pages (-all +got):\n%s", diff)
		}
	})
}

func TestATokenStaysRightWhileScoresChange(t *testing.T) {
	held := &shelf{scores: []model.Score{scored("a", 0.9, 1), scored("b", 0.8, 2), scored("c", 0.7, 3), scored("d", 0.6, 4)}}
	s := serve(t, held, api.Options{})
	first := decode(t, s.ask(t, http.MethodGet, "/v1/scores?page_size=2"))
	// One that was given sinks to the end, a new one comes before the place.
	held.scores[0] = scored("a", 0.1, 5)
	held.scores = append(held.scores, scored("e", 0.95, 6))
	second := decode(t, s.ask(t, http.MethodGet, fmt.Sprint("/v1/scores?page_size=9&page_token=", first["next_page_token"])))
	if diff := cmp.Diff([]string{"c", "d", "a"}, names(second["scores"])); diff != "" {
		t.Errorf("second page (-want +got):\n%s", diff)
	}
	// What moved out of the pages meanwhile is behind the number that they gave.
	held.scores[2] = scored("c", 0.99, 7)
	for _, page := range []map[string]any{first, second} {
		next := decode(t, s.ask(t, http.MethodGet, fmt.Sprint("/v1/scores?updated_since=", page["sequence"])))
		if diff := cmp.Diff([]string{"a", "e", "c"}, names(next["scores"])); diff != "" {
			t.Errorf("behind %v (-want +got):\n%s", page["sequence"], diff)
		}
	}
}

func TestATokenIsForItsFiltersAlone(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.9, 1), scored("b", 0.8, 2)}}, api.Options{})
	page := decode(t, s.ask(t, http.MethodGet, "/v1/scores?page_size=1&min_risk=0.5"))
	for _, query := range []string{"", "min_risk=0.4", "min_risk=0.5&band=high", "min_risk=0.5&order_by=sequence", "min_risk=0.5&updated_since=0"} {
		answer := s.ask(t, http.MethodGet, fmt.Sprintf("/v1/scores?%s&page_token=%s", query, page["next_page_token"]))
		if answer.status != http.StatusBadRequest {
			t.Errorf("%s: %d", query, answer.status)
		}
	}
	if answer := s.ask(t, http.MethodGet, fmt.Sprintf("/v1/scores?min_risk=0.5&page_token=%s", page["next_page_token"])); answer.status != http.StatusOK {
		t.Errorf("the same filters: %v", decode(t, answer))
	}
}
