package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// wellAnswered says that an answer is JSON and no fault of the server.
func wellAnswered(t *testing.T, what string, answer reply, allowed ...int) {
	t.Helper()
	if !slices.Contains(allowed, answer.status) || !json.Valid([]byte(answer.body)) {
		t.Fatalf("%s: %d %.300s", what, answer.status, answer.body)
	}
}

// naughty are texts that have broken programs: formulas, escapes, other scripts,
// controls, paths, markup, numbers at their bounds.
var naughty = []string{
	"", "0", "-1", "1e309", "NaN", "-Infinity", "9223372036854775808", "18446744073709551616", "0x10", "١٢", "1/0", "true", "null", "undefined",
	"=1+1", "' OR 1=1 --", "'; DROP TABLE scores; --", "%", "%00", "a\x00b", "\u202e", "\ufeff", "\u0000", "ﷺ", "👩‍👩‍👧", "e\u0301", "\xff\xfe", "\n", "\r\nX: y",
	"../../etc/passwd", "..", ".", "/", "\\", "<script>alert(1)</script>", "${jndi:ldap://x}", "{{7*7}}", "%s%n%x", "channel=", "=web", "channel=web=x",
	"2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00+99:99", strings.Repeat("a", 5000), strings.Repeat("[", 5000),
}

func TestNaughtyTextsInAQueryOrAPathAreAnsweredPlainly(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.5, 1)}, desk: &desk{}}, api.Options{})
	for _, text := range naughty {
		for _, name := range []string{"page_size", "page_token", "updated_since", "band", "min_risk", "cohort", "order_by", "drift", "customer_prefix"} {
			wellAnswered(t, name+"="+text, s.ask(t, http.MethodGet, "/v1/scores?"+name+"="+url.QueryEscape(text)), 200, 400)
		}
		wellAnswered(t, "a customer "+text, s.ask(t, http.MethodGet, "/v1/customers/"+url.PathEscape(text)+"/score"), 200, 400, 404)
		wellAnswered(t, "a trigger "+text, s.ask(t, http.MethodGet, "/v1/triggers/"+url.PathEscape(text)), 200, 400, 404)
	}
}

// malformed are texts that are no JSON, or JSON that many readers take otherwise
// than it says.
var malformed = []string{
	"", " ", "[", "]", "{", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "nul", "tru", "[NaN]", "[-]", "[01]", "[1.]", "[.5]", "[1e]", "[+1]", "[0x1]",
	"[\"\\x\"]", "[\"\\u12\"]", "[\"\t\"]", "[\"a", "\ufeff[]", "[]]", "[]{}", "/**/[]", "[1]//", "{\"a\"}", "{\"a\":}", "{:1}", "[\"\xff\"]", "\x00", strings.Repeat("[", 20_000),
	strings.Repeat("{\"a\":", 20_000), "[" + strings.Repeat("9", 5000) + "]",
}

func TestMalformedBodiesAreRefusedPlainly(t *testing.T) {
	for _, text := range malformed {
		d := &dock{}
		s := serve(t, &shelf{dock: d, desk: &desk{}}, api.Options{})
		for _, target := range []string{"/v1/orders:import", "/v1/outreach", "/v1/scores:batchGet", "/v1/triggers/t:ack"} {
			answer := s.post(t, target, "application/json", text)
			allowed := []int{400, 413}
			switch {
			case strings.TrimSpace(text) == "" && target == "/v1/triggers/t:ack": // It may be acknowledged without a word.
				allowed = append(allowed, 200, 404)
			case strings.HasPrefix(text, "[99") || !utf8.ValidString(text): // Rows are judged one by one where they are loaded.
				allowed = append(allowed, 200)
			}
			wellAnswered(t, target+" "+text[:min(len(text), 40)], answer, allowed...)
		}
	}
}

// FuzzQuery asks for scores by anything at all.
func FuzzQuery(f *testing.F) {
	for _, text := range naughty {
		f.Add("page_token", text)
		f.Add("cohort", text)
		f.Add("updated_since", text)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		s := serve(t, &shelf{scores: []model.Score{scored("a", 0.5, 1)}}, api.Options{})
		query := url.Values{name: {value}}.Encode()
		wellAnswered(t, query, s.ask(t, http.MethodGet, "/v1/scores?"+query), 200, 400)
	})
}

// FuzzBatch imports anything at all in every form.
func FuzzBatch(f *testing.F) {
	for _, text := range append(slices.Clone(malformed), `[{"a":1}]`, `{"rows":[{"a":1}],"dry_run":true}`, "a,b\n1,2\n", "{\"a\":1}\n{\"b\":2}\n") {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := serve(t, &shelf{dock: &dock{}}, api.Options{})
		for _, form := range []string{"application/json", "application/x-ndjson", "text/csv"} {
			answer := s.post(t, "/v1/orders:import", form, "", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(string(text))) })
			wellAnswered(t, form, answer, 200, 400, 413)
		}
	})
}
