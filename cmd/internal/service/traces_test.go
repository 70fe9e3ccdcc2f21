package service_test

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	otlp "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

// receiver takes spans as a collector does.
type receiver struct {
	*httptest.Server

	mu    sync.Mutex
	raw   strings.Builder
	spans []*otlp.Span
	fail  bool
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		body, err := io.ReadAll(request.Body)
		if err != nil || request.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", request.URL, err)
		}
		if r.fail {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		var sent collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &sent); err != nil {
			t.Error(err)
		}
		_, _ = r.raw.Write(body)
		for _, resource := range sent.GetResourceSpans() {
			for _, scope := range resource.GetScopeSpans() {
				r.spans = append(r.spans, scope.GetSpans()...)
			}
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// named returns the spans of a name, with their attributes as text.
func (r *receiver) named(name string) (out []*otlp.Span, attributes []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.spans {
		if s.GetName() != name {
			continue
		}
		out = append(out, s)
		for _, a := range s.GetAttributes() {
			attributes = append(attributes, a.GetKey()+"="+a.GetValue().GetStringValue())
		}
	}
	return out, attributes
}

// Requests over both doors are spans below their caller's, by template, with the id
// that the log has; and nothing of what is sent names a customer.
func TestRequestsAreTracedWithoutCustomers(t *testing.T) {
	const secret, parent = "secret-customer", "4bf92f3577b34da6a3ce929d0e0e4736"
	r := newReceiver(t)
	a := open(t, time.Now)
	a.Config.Telemetry.Endpoint, a.Config.Telemetry.Share = r.URL, 1
	s := start(t, a, nothing)

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.HTTP+"/v1/customers/"+secret+"/score?x="+secret, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Traceparent", "00-"+parent+"-00f067aa0ba902b7-01")
	request.Header.Set("X-Request-Id", "req-7")
	request.Header.Set("User-Agent", secret)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	s.get("/v1/customers/" + secret + "/score")
	s.get("/" + secret)
	s.get("/healthz")
	ask(t, s.GRPC, secret)
	s.stop()
	r.Config.SetKeepAlivesEnabled(false)

	spans, attributes := r.named("GET /v1/customers/{customer_id}/score")
	if len(spans) != 2 {
		t.Fatalf("%d spans of the route: %v", len(spans), r.spans)
	}
	if got := spans[0].GetTraceId(); len(spans[0].GetParentSpanId()) == 0 || hex.EncodeToString(got) != parent {
		t.Errorf("the span is of the trace %x, want its caller's %s", got, parent)
	}
	for _, want := range []string{"http.route=/v1/customers/{customer_id}/score", "churnwatch.request_id=req-7"} {
		if !slices.Contains(attributes, want) {
			t.Errorf("no %s: %q", want, attributes)
		}
	}
	if spans, _ := r.named("GET other"); len(spans) != 1 {
		t.Errorf("%d spans of no route", len(spans))
	}
	calls, attributes := r.named("churnwatch.v1.ScoreService/GetScore")
	if len(calls) != 1 || calls[0].GetStatus().GetMessage() != "" || !slices.Contains(attributes, "churnwatch.request_id=call-9") {
		t.Errorf("gRPC: %v, %q", calls, attributes)
	}
	if strings.Contains(r.raw.String(), secret) {
		t.Errorf("a customer was sent: %q", r.spans)
	}
	if strings.Contains(r.raw.String(), "healthz") {
		t.Error("a health check is traced")
	}
	if log := s.log.String(); !strings.Contains(log, "request_id=req-7 trace_id="+parent) || strings.Contains(log, secret) {
		t.Errorf("log: %s", log)
	}
}

// Once there are keys, only who has one decides by his own trace what is traced.
func TestStrangersDecideOnNoTrace(t *testing.T) {
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	r := newReceiver(t)
	a := open(t, time.Now)
	a.Config.Telemetry.Endpoint, a.Config.Telemetry.Share = r.URL, 0
	key, err := a.CreateKey(t.Context(), "reader", []string{"scores:read"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, a, nothing)
	for caller, authorization := range map[string]string{"nobody": "", "a liar": "Bearer cw_none", "reader": "Bearer " + key.Text} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.HTTP+"/v1/customers/"+url.PathEscape(caller)+"/score", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		ask(t, s.GRPC, "c1", "traceparent", "00-"+trace+"-00f067aa0ba902b7-01", "authorization", authorization)
	}
	s.stop()
	for _, name := range []string{"GET /v1/customers/{customer_id}/score", "churnwatch.v1.ScoreService/GetScore"} {
		if spans, _ := r.named(name); len(spans) != 1 || hex.EncodeToString(spans[0].GetTraceId()) != trace {
			t.Errorf("%s: want one span, on the trace of who has a key: %v", name, spans)
		}
	}
	if len(r.spans) != 2 {
		t.Errorf("%d spans: %v", len(r.spans), r.spans)
	}
}

// ask asks for a score by gRPC.
func ask(t *testing.T, address, customer string, with ...string) {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), append([]string{"x-request-id", "call-9"}, with...)...)
	if _, err := churnwatchv1.NewScoreServiceClient(conn).GetScore(ctx, &churnwatchv1.GetScoreRequest{CustomerId: customer}); err == nil {
		t.Error("there is a score")
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// A collector that is broken is a line in the log, and nothing waits for it.
func TestACollectorThatFailsStopsNothing(t *testing.T) {
	r := newReceiver(t)
	r.fail = true
	a := open(t, time.Now)
	a.Config.Telemetry.Endpoint, a.Config.Telemetry.Share = r.URL, 1
	s := start(t, a, nothing)
	if status, _ := s.get("/v1/models"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	s.stop()
	if !strings.Contains(s.log.String(), "traces were not taken") {
		t.Errorf("log: %s", s.log)
	}
}

// Profiles have a listener of their own, for this machine alone until there is a
// key and then for the scope admin.
func TestProfilesAreServedToThoseWhoRunTheProgram(t *testing.T) {
	a := open(t, time.Now)
	a.Config.Server.AdminAddress = "127.0.0.1:0"
	s := start(t, a, nothing)
	if s.Admin == "" {
		t.Fatal("there is no admin listener")
	}
	from := func(address, path, key, host string) int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if key != "" {
			request.Header.Set("Authorization", "Bearer "+key)
		}
		request.Host = host
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Error(err)
		}
		return answer.StatusCode
	}
	for path, want := range map[string]int{
		"/debug/pprof/": 200, "/debug/pprof/goroutine": 200, "/debug/pprof/heap": 200, "/debug/pprof/profile?seconds=1": 200,
		"/metrics": 200, "/readyz": 200, "/v1/scores": 404,
	} {
		if got := from(s.Admin, path, "", "localhost"); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := from(s.Admin, "/debug/pprof/", "", "churnwatch.example"); got != http.StatusForbidden {
		t.Errorf("by another name: %d", got)
	}
	if got := from(s.HTTP, "/debug/pprof/", "", "localhost"); got != http.StatusNotFound {
		t.Errorf("on the listener of clients: %d", got)
	}
	reader, err := a.CreateKey(t.Context(), "reader", []string{"scores:read"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := a.CreateKey(t.Context(), "admin", []string{"admin"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"": 401, reader.Text: 403, admin.Text: 200} {
		if got := from(s.Admin, "/debug/pprof/heap", key, "localhost"); got != want {
			t.Errorf("with keys: %d, want %d", got, want)
		}
	}
}

func TestProfilesAreNotServedAllRoundWithoutAKey(t *testing.T) {
	a := open(t, time.Now)
	a.Config.Server.AdminAddress = "0.0.0.0:0"
	if err := runToEnd(a); err == nil || !strings.Contains(err.Error(), "server.admin_address") {
		t.Errorf("%v", err)
	}
}
