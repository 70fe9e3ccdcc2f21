package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

func TestOnlyThisMachineMayCall(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	host := func(h string) func(*http.Request) { return func(r *http.Request) { r.Host = h } }
	from := func(a string) func(*http.Request) { return func(r *http.Request) { r.RemoteAddr = a } }
	for name, tt := range map[string]struct {
		change []func(*http.Request)
		why    string
	}{
		"127.0.0.1":                {[]func(*http.Request){host("127.0.0.1:8080")}, ""},
		"[::1]":                    {[]func(*http.Request){host("[::1]:8080"), from("[::1]:4000")}, ""},
		"a bare [::1]":             {[]func(*http.Request){host("[::1]")}, ""},
		"localhost without a port": {[]func(*http.Request){host("LocalHost")}, ""},
		"an IPv4 in IPv6":          {[]func(*http.Request){from("[::ffff:127.0.0.1]:4000")}, ""},
		"the same site":            {[]func(*http.Request){header("Origin", "http://localhost:3000")}, ""},
		"a link from elsewhere":    {[]func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "navigate"), header("Sec-Fetch-Dest", "document")}, ""},

		"another machine":       {[]func(*http.Request){from("192.168.0.7:4000")}, "the caller is not on this machine"},
		"no address":            {[]func(*http.Request){from("@")}, "the caller is not on this machine"},
		"a name that points us": {[]func(*http.Request){host("rebind.example:8080")}, "the Host header names another server"},
		"a longer name":         {[]func(*http.Request){host("localhost.example")}, "the Host header names another server"},
		"no host":               {[]func(*http.Request){host("")}, "the Host header names another server"},
		"X-Forwarded-For":       {[]func(*http.Request){header("X-Forwarded-For", "1.2.3.4")}, "the request was forwarded"},
		"X-Forwarded-Proto":     {[]func(*http.Request){header("X-Forwarded-Proto", "https")}, "the request was forwarded"},
		"Forwarded":             {[]func(*http.Request){header("Forwarded", "for=1.2.3.4")}, "the request was forwarded"},
		"X-Real-Ip":             {[]func(*http.Request){header("X-Real-Ip", "1.2.3.4")}, "the request was forwarded"},
		"Via":                   {[]func(*http.Request){header("Via", "1.1 proxy")}, "the request was forwarded"},
		"a page elsewhere":      {[]func(*http.Request){header("Origin", "https://evil.example")}, "the request comes from a page of another site"},
		"a page of no site":     {[]func(*http.Request){header("Origin", "null")}, "the request comes from a page of another site"},
		"a file's page":         {[]func(*http.Request){header("Origin", "file://localhost")}, "the request comes from a page of another site"},
		"another loopback name": {[]func(*http.Request){header("Origin", "http://127.0.0.1:8080")}, "the request comes from a page of another site"},
		"an image elsewhere":    {[]func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Sec-Fetch-Mode", "no-cors")}, "the request comes from a page of another site"},
	} {
		for _, target := range []string{"/v1/scores", "/metrics", "/healthz", "/", "/none"} {
			answer := s.ask(t, http.MethodGet, target, tt.change...)
			if tt.why == "" {
				if answer.status == http.StatusForbidden {
					t.Errorf("%s at %s: %v", name, target, decode(t, answer))
				}
				continue
			}
			got := decode(t, answer)
			if answer.status != http.StatusForbidden || got["code"] != "forbidden" || !strings.HasPrefix(fmt.Sprint(got["detail"]), tt.why) {
				t.Errorf("%s at %s: %d %v", name, target, answer.status, got)
			}
		}
	}
}

func TestEachKindOfErrorHasItsStatusAndCode(t *testing.T) {
	for kind, want := range map[model.ErrorKind]int{
		model.KindInvalid: 400, model.KindNotFound: 404, model.KindConflict: 409, model.KindRefused: 422, model.KindNoData: 409,
		model.KindUnavailable: 503, model.KindExhausted: 507, model.KindInternal: 500,
	} {
		s := serve(t, &shelf{fail: fmt.Errorf("read: %w", model.Wrap(kind, "public", errors.New("secret")))}, api.Options{})
		answer := s.ask(t, http.MethodGet, "/v1/scores", header("X-Request-Id", "r-1"))
		got := decode(t, answer)
		detail := "public"
		if kind == model.KindInternal {
			detail = "a fault of the program; its log has the cause under the request id"
		}
		problem := map[string]any{
			"type": "about:blank", "title": http.StatusText(want), "status": float64(want), "detail": detail,
			"code": string(kind), "request_id": "r-1",
		}
		if diff := cmp.Diff(problem, got); diff != "" || answer.status != want || answer.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s (-want +got):\n%s", kind, answer.status, answer.header.Get("Content-Type"), diff)
		}
		if internal := kind == model.KindInternal; strings.Contains(s.log.String(), "secret") != internal {
			t.Errorf("%s: the log has the cause: %v, want %v", kind, !internal, internal)
		}
		if retry := answer.header.Get("Retry-After"); (retry != "") != (want == 503) {
			t.Errorf("%s: Retry-After %q", kind, retry)
		}
	}
}

func TestWhatIsNoAddressOfOursIsAProblem(t *testing.T) {
	s := serve(t, &shelf{scores: []model.Score{scored("a", 0.5, 1)}}, api.Options{})
	for _, tt := range []struct {
		method, target string
		status         int
		code           string
	}{
		{http.MethodGet, "/v2", 404, "not_found"},
		{http.MethodGet, "/v1/none", 404, "not_found"},
		{http.MethodGet, "/v1/customers/x/score", 404, "not_found"},
		{http.MethodGet, "/v1/customers//score", 400, "invalid"},
		{http.MethodPost, "/v1/scores", 405, "method_not_allowed"},
		{http.MethodDelete, "/v1/customers/a/score", 405, "method_not_allowed"},
		{http.MethodPost, "/healthz", 404, "not_found"},
	} {
		answer := s.ask(t, tt.method, tt.target)
		if got := decode(t, answer); answer.status != tt.status || got["code"] != tt.code {
			t.Errorf("%s %s: %d %v, want %d %s", tt.method, tt.target, answer.status, got, tt.status, tt.code)
		}
	}
}

func TestARequestKeepsItsIdOrGetsOne(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	if got := s.ask(t, http.MethodGet, "/v1/scores", header("X-Request-Id", "a.B-c_9")).header.Get("X-Request-Id"); got != "a.B-c_9" {
		t.Errorf("given id became %q", got)
	}
	for _, bad := range []string{"", "a b", strings.Repeat("x", 65), "<script>"} {
		got := s.ask(t, http.MethodGet, "/healthz", header("X-Request-Id", bad)).header.Get("X-Request-Id")
		if len(got) != 16 {
			t.Errorf("for %q the id is %q, want one of ours", bad, got)
		}
	}
}

func TestAReadThatTheClientHasIsNotSentAgain(t *testing.T) {
	held := &shelf{scores: []model.Score{scored("a", 0.5, 1)}}
	s := serve(t, held, api.Options{})
	first := s.ask(t, http.MethodGet, "/v1/scores")
	tag := first.header.Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	for _, match := range []string{tag, strings.TrimPrefix(tag, "W/"), `"x", ` + tag, "*"} {
		again := s.ask(t, http.MethodGet, "/v1/scores", header("If-None-Match", match))
		if again.status != http.StatusNotModified || again.body != "" || again.header.Get("ETag") != tag {
			t.Errorf("%s: %d, %d bytes, ETag %s", match, again.status, len(again.body), again.header.Get("ETag"))
		}
	}
	held.scores = append(held.scores, scored("b", 0.6, 2))
	if answer := s.ask(t, http.MethodGet, "/v1/scores", header("If-None-Match", tag)); answer.status != http.StatusOK || answer.header.Get("ETag") == tag {
		t.Errorf("after a change: %d, ETag %s", answer.status, answer.header.Get("ETag"))
	}
	if answer := s.ask(t, http.MethodHead, "/v1/scores"); answer.status != http.StatusOK || answer.header.Get("ETag") == "" {
		t.Errorf("HEAD: %d, ETag %q", answer.status, answer.header.Get("ETag"))
	}
	if answer := s.ask(t, http.MethodGet, "/v1/customers/x/score"); answer.header.Get("ETag") != "" {
		t.Error("a problem has an ETag")
	}
}

func TestACallThatTakesTooLongEndsWithAProblem(t *testing.T) {
	s := serve(t, &shelf{wait: true}, api.Options{RequestTimeout: time.Millisecond})
	answer := s.ask(t, http.MethodGet, "/v1/scores")
	if got := decode(t, answer); answer.status != http.StatusGatewayTimeout || got["code"] != "timeout" {
		t.Errorf("%d %v", answer.status, got)
	}
}

func TestAPanicIsAProblemOfOneRequest(t *testing.T) {
	broken := serveWith(t, panicking{}, time.Second)
	answer := broken.ask(t, http.MethodGet, "/v1/customers/a/score", header("X-Request-Id", "r-2"))
	got := decode(t, answer)
	if answer.status != http.StatusInternalServerError || got["code"] != "internal" || strings.Contains(fmt.Sprint(got), "boom") {
		t.Errorf("%d %v", answer.status, got)
	}
	if !strings.Contains(broken.log.String(), "boom") || !strings.Contains(broken.log.String(), "r-2") {
		t.Errorf("log: %s", broken.log.String())
	}
	if answer := broken.ask(t, http.MethodGet, "/readyz"); answer.status != http.StatusInternalServerError {
		t.Errorf("a panic outside of gRPC: %d", answer.status)
	}
}

func TestNoCustomerIsInALogLineOrAMetric(t *testing.T) {
	registry := prometheus.NewRegistry()
	s := serve(t, &shelf{scores: []model.Score{scored("mr-secret", 0.5, 1)}}, api.Options{Registry: registry})
	for _, target := range []string{
		"/v1/customers/mr-secret/score", "/v1/customers/mr-secret/explanation", "/v1/customers/mr-secret/score?mr-secret=1",
		"/v1/mr-secret", "/mr-secret", "/v1/scores?page_token=mr-secret",
	} {
		s.ask(t, http.MethodGet, target)
	}
	body := s.ask(t, http.MethodGet, "/metrics").body
	if strings.Contains(s.log.String(), "mr-secret") || strings.Contains(body, "mr-secret") {
		t.Errorf("log: %s\nmetrics: %s", s.log.String(), body)
	}
	for _, want := range []string{
		`churnwatch_http_requests_total{code="200",method="GET",route="/v1/customers/{customer_id}/score"} 1`,
		`churnwatch_http_requests_total{code="404",method="GET",route="other"} 2`,
		`churnwatch_grpc_server_handled_total{grpc_code="OK",grpc_method="GetScore",grpc_service="churnwatch.v1.ScoreService",grpc_type="unary"} 1`,
	} {
		if !strings.Contains(body, want+"\n") {
			t.Errorf("metrics lack %s", want)
		}
	}
	if !strings.Contains(s.log.String(), `"route":"/v1/customers/{customer_id}/score"`) {
		t.Errorf("log: %s", s.log.String())
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if !strings.HasPrefix(p.Metric, "churnwatch_grpc_server") { // Named by their library.
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

func TestTheOpenAPIDocumentListsEveryRoute(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	var document struct {
		Swagger string
		Paths   map[string]any
	}
	answer := s.ask(t, http.MethodGet, "/openapi.json")
	if err := json.Unmarshal([]byte(answer.body), &document); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/v1/scores", "/v1/customers/{customer_id}/score", "/v1/customers/{customer_id}/explanation", "/v1/{kind}:import", "/v1/outreach", "/v1/hotspots",
	} {
		if document.Paths[path] == nil {
			t.Errorf("%s is missing", path)
		}
	}
}

func TestThePageAndItsPartsAreServedAndLoggedByTheirRoute(t *testing.T) {
	s := serve(t, &shelf{}, api.Options{})
	for target, kind := range map[string]string{
		"/": "text/html", "/docs": "text/html", "/assets/app.js": "text/javascript", "/assets/style.css": "text/css", "/assets/icon.svg": "image/svg+xml",
	} {
		answer := s.ask(t, http.MethodGet, target)
		if policy := answer.header.Get("Content-Security-Policy"); answer.status != http.StatusOK || !strings.HasPrefix(answer.header.Get("Content-Type"), kind) ||
			!strings.Contains(policy, "script-src 'self'") || answer.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %v", target, answer.status, answer.header)
		}
	}
	if log := s.log.String(); !strings.Contains(log, `"route":"/assets/{file}"`) || strings.Contains(log, "app.js") {
		t.Error(log)
	}
	if answer := s.ask(t, http.MethodGet, "/assets/page.go"); answer.status != http.StatusNotFound {
		t.Errorf("a file that is no part of the page: %d", answer.status)
	}
}

func TestTheReferenceNamesEveryCallAndEveryCode(t *testing.T) {
	reference, err := os.ReadFile("docs/service.md")
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths map[string]map[string]struct{ OperationID string }
	}
	answer := serve(t, &shelf{}, api.Options{}).ask(t, http.MethodGet, "/openapi.json")
	if err := json.Unmarshal([]byte(answer.body), &document); err != nil {
		t.Fatal(err)
	}
	for path, methods := range document.Paths {
		place := regexp.MustCompile(`\{\w+_id\}`).ReplaceAllString(path, "{id}")
		if verb := strings.LastIndex(place, "{id}:"); verb > 0 {
			place = place[verb+len("{id}"):]
		}
		if !strings.Contains(string(reference), place) {
			t.Errorf("the reference lacks %s", path)
		}
		for _, method := range methods {
			_, call, _ := strings.Cut(method.OperationID, "_")
			if !strings.Contains(string(reference), call) && !strings.HasPrefix(method.OperationID, "InsightService") {
				t.Errorf("the reference lacks %s", call)
			}
		}
	}
	for _, code := range []string{"invalid", "not_found", "conflict", "refused", "no_data", "unavailable", "exhausted", "internal", "too_large", "timeout"} {
		if !strings.Contains(string(reference), "| `"+code+"` |") {
			t.Errorf("the reference lacks the code %s", code)
		}
	}
}
