package service_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

// posted is the answer to a batch.
type posted struct {
	Read, Loaded, Replaced, Unchanged, Quarantined int
	Reasons                                        map[string]int
	Refused                                        []struct {
		Row                    int
		Column, Reason, Detail string
	}
	Code string // of a problem

	status   int
	replayed bool
	text     string
}

// post sends a batch under a key, "" for none.
func post(address, target, contentType, key, body string) (posted, error) {
	header := http.Header{"Content-Type": {contentType}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	got, err := exchange(http.MethodPost, "http://"+address+target, header, body)
	if err != nil {
		return posted{}, err
	}
	out := got.posted()
	return out, json.Unmarshal([]byte(got.text), &out)
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	text   string
}

func (r reply) posted() posted {
	return posted{status: r.status, replayed: r.header.Get("Idempotent-Replayed") == "true", text: r.text}
}

// exchange sends a request.
func exchange(method, url string, header http.Header, body string) (reply, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header = header
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return reply{}, err
	}
	text, err := io.ReadAll(answer.Body)
	return reply{answer.StatusCode, answer.Header, string(text)}, errors.Join(err, answer.Body.Close())
}

func (r *running) post(target, key, body string) posted {
	r.t.Helper()
	out, err := post(r.HTTP, target, "application/json", key, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func TestABatchOverTheWireTakesTheWayOfFiles(t *testing.T) {
	now := noon
	a := open(t, func() time.Time { return now })
	r := start(t, a, nothing)

	got := r.post("/v1/orders:import", "", `[
		{"order_id": "1", "customer_id": "c", "ordered_at": "2026-02-01T10:00:00Z", "amount": 9.5},
		{"order_id": "2", "customer_id": "c", "ordered_at": "yesterday", "amount": 9.5},
		{"order_id": "3", "customer_id": "c", "ordered_at": "2026-02-02", "amount": "7", "known_at": "2026-02-03", "gift": true},
		"4",
		{"order_id": "5", "customer_id": "c", "ordered_at": "2026-02-01", "amount": 1, "amount": 2}]`)
	if got.status != http.StatusOK || got.Read != 5 || got.Loaded != 2 || got.Quarantined != 3 || len(got.Refused) != 3 {
		t.Fatalf("%d %s", got.status, got.text)
	}
	for _, refused := range got.Refused {
		want := map[int]string{2: "not_a_time", 4: "invalid_json", 5: "duplicate_key"}[refused.Row]
		if refused.Reason != want || got.Reasons[want] != 1 {
			t.Errorf("row %d: %s (%s), reasons %v", refused.Row, refused.Reason, refused.Detail, got.Reasons)
		}
	}
	var held []string
	err := a.Store.Quarantined(t.Context(), model.QuarantineQuery{}, func(q model.QuarantinedRow) error {
		held = append(held, fmt.Sprint(q.File, " ", q.Line, " ", q.Raw))
		return nil
	})
	want := []string{`api 2 {"order_id":"2","customer_id":"c","ordered_at":"yesterday","amount":9.5}`, `api 4 "4"`, `api 5 {"order_id":"5","customer_id":"c","ordered_at":"2026-02-01","amount":1,"amount":2}`}
	if diff := cmp.Diff(want, held); diff != "" || err != nil {
		t.Errorf("quarantine %v (-want +got):\n%s", err, diff)
	}

	// What does not say when it was known is known from its arrival.
	for at, orders := range map[time.Time]int64{noon: 1, noon.Add(time.Second): 2} {
		history, err := a.Store.History(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		if got := history.Of(model.Orders).Rows; got != orders {
			t.Errorf("as of %v %d orders are known, want %d", at, got, orders)
		}
	}

	now = now.Add(time.Hour)
	again := r.post("/v1/orders:import", "", `{"rows": [
		{"order_id": "1", "customer_id": "c", "ordered_at": "2026-02-01T10:00:00Z", "amount": "9.50"},
		{"order_id": "3", "customer_id": "c", "ordered_at": "2026-02-02", "amount": 8}]}`)
	if again.Unchanged != 1 || again.Replaced != 1 {
		t.Errorf("again: %s", again.text)
	}
	csv, err := post(r.HTTP, "/v1/tickets:import", "text/csv", "", "ticket_id,customer_id,opened_at\nt1,c,2026-02-01\nt2,,2026-02-01\n")
	if err != nil || csv.Loaded != 1 || len(csv.Refused) != 1 || csv.Refused[0].Row != 3 || csv.Refused[0].Column != "customer_id" {
		t.Errorf("csv: %v %s", err, csv.text)
	}
	none := r.post("/v1/events:import", "", `[{"customer_id": "c", "name": "visit", "occurred_at": "x"}]`)
	if none.status != http.StatusOK || none.Quarantined != 1 {
		t.Errorf("no usable row: %d %s", none.status, none.text)
	}
	lacking := r.post("/v1/events:import", "", `[{"name": "visit"}]`)
	if lacking.status != http.StatusBadRequest || !strings.Contains(lacking.text, "customer_id") {
		t.Errorf("without a column: %d %s", lacking.status, lacking.text)
	}
	packed, err := post(r.HTTP, "/v1/events:import", "text/csv", "", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
	if err != nil || packed.status != http.StatusBadRequest {
		t.Errorf("packed: %v %d %s", err, packed.status, packed.text)
	}
	if left, err := os.ReadDir(a.Spool()); err != nil || len(left) > 0 {
		t.Errorf("left in the spool: %v, %v", left, err)
	}
}

func TestADryRunOverTheWireKeepsNothing(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	body := `{"dry_run": true, "rows": [{"order_id": "1", "customer_id": "c", "ordered_at": "2026-02-01", "amount": 1}]}`
	for range 2 {
		if got := r.post("/v1/orders:import", "k", body); got.Loaded != 1 || got.replayed {
			t.Errorf("%d %s", got.status, got.text)
		}
	}
	if _, err := a.Store.Watermark(t.Context()); err == nil {
		t.Error("an order was kept")
	}
}

func TestAKeyIsAnsweredOnceAlsoAfterARestart(t *testing.T) {
	now := noon
	a := open(t, func() time.Time { return now })
	body := `[{"order_id": "1", "customer_id": "c", "ordered_at": "2026-02-01", "amount": 1}, {"order_id": ""}]`
	r := start(t, a, nothing)
	first := r.post("/v1/orders:import", "key-1", body)
	second := r.post("/v1/orders:import", "key-1", strings.ReplaceAll(body, " ", ""))
	r.stop()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := app.Open(t.Context(), a.Config, app.Options{Log: a.Log, Clock: func() time.Time { return now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	r = start(t, again, nothing)
	third := r.post("/v1/orders:import", "key-1", body)
	for i, got := range []posted{second, third} {
		if got.text != first.text || !got.replayed || first.replayed || first.Loaded != 1 || got.status != http.StatusOK {
			t.Errorf("answer %d: %d %s, the first was %s", i+2, got.status, got.text, first.text)
		}
	}
	for name, got := range map[string]posted{
		"another body": r.post("/v1/orders:import", "key-1", strings.ReplaceAll(body, "2026", "2025")),
		"another kind": r.post("/v1/events:import", "key-1", body),
	} {
		if got.status != http.StatusUnprocessableEntity || got.Code != "refused" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	now = now.Add(24 * time.Hour)
	if got := r.post("/v1/orders:import", "key-1", body); got.replayed || got.Unchanged != 1 {
		t.Errorf("a day later: %s", got.text)
	}
}

func TestRequestsWithOneKeyAtATimeAreTakenOnce(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	var group sync.WaitGroup
	var mu sync.Mutex
	seen := map[string]int{}
	for range 12 {
		group.Go(func() {
			got, err := post(r.HTTP, "/v1/events:import", "application/json", "k", `[{"customer_id":"c","name":"visit","occurred_at":"2026-02-01"}]`)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				seen[err.Error()]++
			case got.status == http.StatusConflict && got.Code == "conflict":
				seen["under way"]++
			case got.status == http.StatusOK && got.Loaded == 1:
				seen[fmt.Sprint("answered, replayed ", got.replayed)]++
			default:
				seen[got.text]++
			}
		})
	}
	group.Wait()
	if n := seen["answered, replayed false"]; n != 1 || seen["under way"]+seen["answered, replayed true"] != 11 {
		t.Errorf("answers: %v", seen)
	}
}

func TestAStreamIsOneBatch(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	stream, err := churnwatchv1.NewIngestServiceClient(conn).ImportStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	header := "order_id,customer_id,ordered_at,amount\n"
	if err := stream.Send(&churnwatchv1.ImportStreamRequest{Kind: "orders", Format: "csv", Content: []byte(header)}); err != nil {
		t.Fatal(err)
	}
	const parts = 200
	for i := range parts {
		if i == parts/2 { // A slow client holds nobody up.
			if got := r.post("/v1/orders:import", "", `[{"order_id":"x","customer_id":"c","ordered_at":"2026-02-01","amount":1}]`); got.Loaded != 1 {
				t.Errorf("meanwhile: %s", got.text)
			}
		}
		rows := strings.Repeat(fmt.Sprintf("o%d,c,2026-02-01,1\n", i), 2)
		if err := stream.Send(&churnwatchv1.ImportStreamRequest{Content: []byte(rows)}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := stream.CloseAndRecv()
	if err != nil || got.GetRead() != 2*parts || got.GetLoaded() != parts || got.GetUnchanged() != parts {
		t.Errorf("%v, %v", got, err)
	}
}

func TestOutreachClosesItsTriggerAtOnce(t *testing.T) {
	begun := time.Now()
	a := open(t, func() time.Time { return noon.Add(time.Since(begun)) })
	a.Config.Retention.RunEvery = config.Duration(time.Hour)
	r := start(t, a, nothing)
	stream := r.follow("")
	r.post("/v1/customers:import", "", `[{"customer_id":"c1","signed_up_at":"2025-01-01","marketing_consent":true,"known_at":"2025-01-01"}]`)
	r.post("/v1/orders:import", "", `[{"order_id":"1","customer_id":"c1","ordered_at":"2026-02-28","amount":9,"known_at":"2026-02-28"}]`)
	r.post("/v1/responses:import", "", `[{"response_id":"r1","customer_id":"c1","answered_at":"2026-03-01T11:00:00Z","kind":"nps","score":2}]`)
	first, err := stream.Recv()
	if err != nil || first.GetStatus() != "open" || first.GetPlaybook() != "detractor" {
		t.Fatalf("first: %v, %v", first, err)
	}
	open := first.GetTriggerId()
	got := r.post("/v1/outreach", "", fmt.Sprintf(
		`{"outreach_id":"m1","customer_id":"c1","sent_at":"2026-03-01T12:00:00Z","kind":"retention","trigger_id":%q}`, open))
	if got.status != http.StatusOK || got.Loaded != 1 {
		t.Fatalf("%d %s", got.status, got.text)
	}
	for _, follower := range []grpc.ServerStreamingClient[churnwatchv1.Trigger]{stream, r.follow(first.GetSequence())} {
		if done, err := follower.Recv(); err != nil || done.GetTriggerId() != open || done.GetStatus() != "done" {
			t.Errorf("then: %v, %v", done, err)
		}
	}
	_, timeline := r.get("/v1/customers/c1/timeline?kind=triggers,outreach,responses")
	for _, want := range []string{`"what":"nps"`, `"what":"open"`, `"what":"sent"`, `"what":"done"`, `"trigger_id":"` + open + `"`} {
		if !strings.Contains(timeline, want) {
			t.Errorf("timeline lacks %s: %s", want, timeline)
		}
	}
	bad := r.post("/v1/outreach", "", `{"outreach_id":"m2","customer_id":"c1","sent_at":"soon","kind":"retention"}`)
	if bad.status != http.StatusBadRequest || !strings.Contains(bad.text, "sent_at: not_a_time") {
		t.Errorf("%d %s", bad.status, bad.text)
	}
}

// follow follows triggers after a sequence number.
func (r *running) follow(since string) grpc.ServerStreamingClient[churnwatchv1.Trigger] {
	r.t.Helper()
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	stream, err := churnwatchv1.NewTriggerServiceClient(conn).StreamTriggers(r.t.Context(), &churnwatchv1.StreamTriggersRequest{UpdatedSince: since, Follow: true})
	if err != nil {
		r.t.Fatal(err)
	}
	return stream
}
