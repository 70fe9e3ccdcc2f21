package api_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/churnwatch/churnwatch/api"
	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// taken is a batch that a dock was given.
type taken struct {
	Kind   model.FactKind
	Format model.BatchFormat
	Text   string
	Key    string
	DryRun bool
}

// dock takes batches and answers each with the same.
type dock struct {
	got    []taken
	answer model.BatchAnswer
	fail   error
}

func (d *dock) Import(_ context.Context, b model.Batch) (model.BatchAnswer, error) {
	text, err := io.ReadAll(b.Text)
	if err != nil {
		return model.BatchAnswer{}, err
	}
	d.got = append(d.got, taken{b.Kind, b.Format, string(text), b.Key, b.DryRun})
	return d.answer, d.fail
}

// post sends a body as this machine would.
func (s *served) post(t *testing.T, target, contentType, body string, change ...func(*http.Request)) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost:8080"+target, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

func TestABatchHasSeveralForms(t *testing.T) {
	two := "{\"a\":1}\n{\"b\":\"x\"}\n"
	for name, tt := range map[string]struct {
		target, contentType, body string
		want                      taken
	}{
		"array":            {"/v1/orders:import", "application/json", `[{"a":1}, {"b":"x"}]`, taken{"orders", "ndjson", two, "", false}},
		"object":           {"/v1/orders:import", "", "{\"rows\":[{\"a\":1},\n {\"b\":\"x\"}]}\n", taken{"orders", "ndjson", two, "", false}},
		"dry":              {"/v1/events:import", "application/json; charset=utf-8", `{"dry_run":true,"rows":[{"a":1}]}`, taken{"events", "ndjson", "{\"a\":1}\n", "", true}},
		"lines":            {"/v1/tickets:import", "application/x-ndjson", "{\"a\": 1}\n", taken{"tickets", "ndjson", "{\"a\": 1}\n", "", false}},
		"csv":              {"/v1/responses:import", "text/csv", "a,b\n1,2\n", taken{"responses", "csv", "a,b\n1,2\n", "", false}},
		"every digit":      {"/v1/customers:import", "", `[{"id":123456789012345678901234567890,"x":1.10}]`, taken{"customers", "ndjson", "{\"id\":123456789012345678901234567890,\"x\":1.10}\n", "", false}},
		"no objects":       {"/v1/orders:import", "", `[1,"x",[2]]`, taken{"orders", "ndjson", "1\n\"x\"\n[2]\n", "", false}},
		"one sent message": {"/v1/outreach", "", `{"outreach_id": "o1", "customer_id": "c"}`, taken{"outreach", "ndjson", "{\"outreach_id\":\"o1\",\"customer_id\":\"c\"}\n", "", false}},
		"sent messages":    {"/v1/outreach", "", `{"rows":[{"outreach_id":"o1"}]}`, taken{"outreach", "ndjson", "{\"outreach_id\":\"o1\"}\n", "", false}},
		"imported ones":    {"/v1/outreach:import", "text/csv", "outreach_id\n1\n", taken{"outreach", "csv", "outreach_id\n1\n", "", false}},
	} {
		d := &dock{}
		answer := serve(t, &shelf{dock: d}, api.Options{}).post(t, tt.target, tt.contentType, tt.body)
		if answer.status != http.StatusOK || answer.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", name, answer.status, answer.body)
			continue
		}
		if diff := cmp.Diff([]taken{tt.want}, d.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAWrongBatchIsRefusedWhole(t *testing.T) {
	for name, tt := range map[string]struct {
		target, contentType, body string
		status                    int
		says                      string
	}{
		"no JSON":         {"/v1/orders:import", "", `[{"a":1]`, 400, "the body is no JSON: invalid character"},
		"two values":      {"/v1/orders:import", "", `[{"a":1}] []`, 400, "the body is no JSON"},
		"nothing":         {"/v1/orders:import", "", ``, 400, "the body is empty"},
		"no text":         {"/v1/orders:import", "text/csv", " \n", 400, "the batch is empty"},
		"no rows":         {"/v1/orders:import", "", `{"rows":[]}`, 400, "rows: want at least one"},
		"rows are a text": {"/v1/orders:import", "", `{"rows":"x"}`, 400, "rows: want an array of objects"},
		"a number":        {"/v1/orders:import", "", `1`, 400, "rows: want an array of objects"},
		"another field":   {"/v1/orders:import", "", `{"rows":[{"a":1}],"mode":"x"}`, 400, `unknown field \"mode\"`},
		"a field twice":   {"/v1/orders:import", "", `{"rows":[{"a":1}],"rows":[]}`, 400, `field \"rows\" stands twice`},
		"one row":         {"/v1/orders:import", "", `{"order_id":"1"}`, 400, "rows: missing"},
		"dry_run":         {"/v1/orders:import", "", `{"rows":[{"a":1}],"dry_run":1}`, 400, "dry_run: want true or false"},
		"a kind":          {"/v1/baskets:import", "", `[{"a":1}]`, 404, `there is no kind \"baskets\"`},
		"a parameter":     {"/v1/orders:import?mode=x", "", `[{"a":1}]`, 400, `query parameter \"mode\"`},
		"a form":          {"/v1/orders:import", "application/x-www-form-urlencoded", `[{"a":1}]`, 415, "want application/json"},
		"a coding":        {"/v1/outreach", "application/json", `[{"a":1}]`, 415, "Content-Encoding: want gzip"},
		"no gzip":         {"/v1/outreach", "application/json", `[{"a":1}]`, 400, "could not be read"},
		"too large":       {"/v1/orders:import", "", `[{"a":"` + strings.Repeat("x", 2000) + `"}]`, 413, "the body is larger than 2000 bytes"},
		"too much text":   {"/v1/triggers/t:ack", "", `{"note":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "the body is larger than 1048576 bytes"},
		"a key twice":     {"/v1/outreach", "", `{"outreach_id":"1","outreach_id":"2"}`, 400, `field \"outreach_id\" stands twice`},
		"a call's twice":  {"/v1/triggers/t:ack", "", `{"note":"a","note":"b"}`, 400, `duplicate field \"note\"`},
		"a list's twice":  {"/v1/scores:batchGet", "", `{"customer_ids":["a"],"customerIds":["b"]}`, 400, `duplicate field \"customerIds\"`},
		"more than a":     {"/v1/triggers/t:ack", "", `{} {}`, 400, "the body is no JSON"},
	} {
		d := &dock{}
		answer := serve(t, &shelf{dock: d}, api.Options{LargestBatch: 2000}).post(t, tt.target, tt.contentType, tt.body, func(r *http.Request) {
			switch name {
			case "a coding":
				r.Header.Set("Content-Encoding", "br")
			case "no gzip":
				r.Header.Set("Content-Encoding", "gzip")
			}
		})
		if answer.status != tt.status || !strings.Contains(answer.body, tt.says) || len(d.got) > 0 {
			t.Errorf("%s: %d %s, %d batches", name, answer.status, answer.body, len(d.got))
		}
	}
	answer := serve(t, &shelf{}, api.Options{}).ask(t, http.MethodGet, "/v1/orders:import")
	if answer.status != http.StatusMethodNotAllowed || answer.header.Get("Allow") != "POST" {
		t.Errorf("GET: %d, allowed %q", answer.status, answer.header.Get("Allow"))
	}
}

func TestAnAnswerSaysWhatBecameOfEachRow(t *testing.T) {
	d := &dock{answer: model.BatchAnswer{Replayed: true, Report: model.ImportReport{
		Kind: model.Orders, Source: "api", Read: 5, Loaded: 1, Replaced: 1, Unchanged: 1, Quarantined: 2,
		Reasons: map[string]int64{"not_a_time": 2}, UnmappedColumns: []string{"x"}, Warnings: []string{"w"},
		Examples: []model.QuarantinedRow{{Line: 3, Column: "ordered_at", Reason: "not_a_time", Detail: "d", Raw: "secret"}},
	}}}
	answer := serve(t, &shelf{dock: d}, api.Options{}).post(t, "/v1/orders:import", "", `[{"a":1}]`, header("Idempotency-Key", "k-1"))
	want := map[string]any{
		"kind": "orders", "read": 5.0, "loaded": 1.0, "replaced": 1.0, "unchanged": 1.0, "quarantined": 2.0,
		"reasons": map[string]any{"not_a_time": 2.0}, "unmapped_columns": []any{"x"}, "attribute_columns": []any{}, "warnings": []any{"w"},
		"dry_run": false,
		"refused": []any{map[string]any{"row": 3.0, "column": "ordered_at", "reason": "not_a_time", "detail": "d"}},
	}
	if diff := cmp.Diff(want, decode(t, answer)); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if answer.header.Get("Idempotent-Replayed") != "true" || d.got[0].Key != "k-1" {
		t.Errorf("replayed %q, key %q", answer.header.Get("Idempotent-Replayed"), d.got[0].Key)
	}
	for _, key := range []string{"", "a b", "ü", strings.Repeat("k", 256)} {
		answer := serve(t, &shelf{dock: d}, api.Options{}).post(t, "/v1/orders:import", "", `[{"a":1}]`, header("Idempotency-Key", key))
		if answer.status != http.StatusBadRequest || !strings.Contains(answer.body, "Idempotency-Key") {
			t.Errorf("key %q: %d %s", key, answer.status, answer.body)
		}
	}
}

func TestASingleMessageThatCannotBeUsedIsAnError(t *testing.T) {
	d := &dock{answer: model.BatchAnswer{Report: model.ImportReport{
		Kind: model.Outreach, Read: 1, Quarantined: 1,
		Examples: []model.QuarantinedRow{{Line: 1, Column: "sent_at", Reason: "missing_value", Detail: "required"}},
	}}}
	s := serve(t, &shelf{dock: d}, api.Options{})
	if answer := s.post(t, "/v1/outreach", "", `{"outreach_id":"1"}`); answer.status != 400 || !strings.Contains(answer.body, "sent_at: missing_value: required") {
		t.Errorf("alone: %d %s", answer.status, answer.body)
	}
	if answer := s.post(t, "/v1/outreach", "", `[{"outreach_id":"1"}]`); answer.status != 200 {
		t.Errorf("in a list: %d %s", answer.status, answer.body)
	}
}

func TestBatchesComeByGRPCToo(t *testing.T) {
	d := &dock{}
	_, _, conn := listen(t, &shelf{dock: d})
	client := churnwatchv1.NewIngestServiceClient(conn)
	row, err := structpb.NewStruct(map[string]any{"order_id": "<1>", "amount": 9.5})
	if err != nil {
		t.Fatal(err)
	}
	ctx := metadata.AppendToOutgoingContext(t.Context(), "idempotency-key", "k-2")
	if _, err := client.Import(ctx, &churnwatchv1.ImportRequest{Kind: "orders", Rows: []*structpb.Struct{row}}); err != nil {
		t.Fatal(err)
	}
	line := "{\"amount\":9.5,\"order_id\":\"<1>\"}\n"
	stream := func(parts ...*churnwatchv1.ImportStreamRequest) error {
		s, err := client.ImportStream(ctx)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := s.Send(part); err != nil {
				break // The answer says why.
			}
		}
		_, err = s.CloseAndRecv()
		return err
	}
	if err := stream(&churnwatchv1.ImportStreamRequest{Kind: "orders", Rows: []*structpb.Struct{row}}, &churnwatchv1.ImportStreamRequest{Rows: []*structpb.Struct{row, row}}); err != nil {
		t.Fatal(err)
	}
	if err := stream(&churnwatchv1.ImportStreamRequest{Kind: "events", Format: "csv", DryRun: true}, &churnwatchv1.ImportStreamRequest{Content: []byte("a,b\n1")}, &churnwatchv1.ImportStreamRequest{Content: []byte(",2\n")}); err != nil {
		t.Fatal(err)
	}
	want := []taken{
		{"orders", "ndjson", line, "k-2", false}, {"orders", "ndjson", line + line + line, "k-2", false}, {"events", "csv", "a,b\n1,2\n", "k-2", true},
	}
	if diff := cmp.Diff(want, d.got); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	for says, parts := range map[string][]*churnwatchv1.ImportStreamRequest{
		"the stream is empty":   nil,
		"there is no kind":      {{Kind: "x"}},
		`format "xml"`:          {{Kind: "orders", Format: "xml"}},
		"rows: the first":       {{Kind: "orders", Format: "csv"}, {Rows: []*structpb.Struct{row}}},
		"content: the first":    {{Kind: "orders"}, {Content: []byte("x")}},
		"a stream brings one":   {{Kind: "orders"}, {Kind: "events", Rows: []*structpb.Struct{row}}},
		"larger than 100 bytes": {{Kind: "orders", Format: "csv"}, {Content: make([]byte, 101)}},
	} {
		err := stream(parts...)
		code := codes.InvalidArgument
		switch {
		case strings.HasPrefix(says, "there"):
			code = codes.NotFound
		case strings.HasPrefix(says, "larger"):
			code = codes.ResourceExhausted
		}
		if status.Code(err) != code || !strings.Contains(status.Convert(err).Message(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestAStreamHasARequestIdAndALogLine(t *testing.T) {
	s, _, conn := listen(t, &shelf{dock: &dock{fail: model.Errorf(model.KindConflict, "under way")}})
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "r-9")
	var header metadata.MD
	stream, err := churnwatchv1.NewIngestServiceClient(conn).ImportStream(ctx, grpc.Header(&header))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&churnwatchv1.ImportStreamRequest{Kind: "orders"}); err != nil {
		t.Fatal(err)
	}
	_, err = stream.CloseAndRecv()
	if status.Code(err) != codes.Aborted || status.Convert(err).Message() != "under way" || header.Get("x-request-id")[0] != "r-9" {
		t.Errorf("error %v, header %v", err, header)
	}
	_ = conn.Close()
	if !strings.Contains(s.log.String(), `"method":"/churnwatch.v1.IngestService/ImportStream","code":"Aborted"`) {
		t.Errorf("log: %s", s.log.String())
	}
}
