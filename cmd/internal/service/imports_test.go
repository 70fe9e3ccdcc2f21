package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

// begun is the answer to an import that is an operation.
type begun struct {
	posted

	OperationID string `json:"operation_id"`
	Kind        string
	Status      any  // A problem has a number there.
	RowsRead    *int `json:"rows_read"`
	EndedAt     *string
	Error       string
	// Result is what came of it, in the words of the call that waits.
	Result map[string]any

	location, applied string
}

// begin sends a batch that is to be loaded later.
func begin(address, target, contentType, key, body string) (begun, error) {
	header := http.Header{"Content-Type": {contentType}, "Prefer": {"wait=5, respond-async"}}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	got, err := exchange(http.MethodPost, "http://"+address+target, header, body)
	if err != nil {
		return begun{}, err
	}
	out := begun{posted: got.posted(), location: got.header.Get("Location"), applied: got.header.Get("Preference-Applied")}
	return out, json.Unmarshal([]byte(got.text), &out)
}

func (r *running) begin(target, contentType, key, body string) begun {
	r.t.Helper()
	out, err := begin(r.HTTP, target, contentType, key, body)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

// accepted is begin where nothing stands against it.
func (r *running) accepted(target, contentType, key, body string) begun {
	r.t.Helper()
	out := r.begin(target, contentType, key, body)
	if out.status != http.StatusAccepted || out.Kind != "import" || out.location != "/v1/operations/"+out.OperationID || out.applied != "respond-async" {
		r.t.Fatalf("%d %s, at %q, applied %q", out.status, out.text, out.location, out.applied)
	}
	return out
}

// ended asks for an import until it is over.
func (r *running) ended(id string) begun {
	r.t.Helper()
	out, err := ended(r.t.Context(), r.HTTP, id)
	if err != nil {
		r.t.Fatal(err)
	}
	return out
}

func ended(ctx context.Context, address, id string) (out begun, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for ticks := time.NewTicker(20 * time.Millisecond); ; {
		got, err := exchange(http.MethodGet, "http://"+address+"/v1/operations/"+id, nil, "")
		if err != nil || got.status != http.StatusOK {
			return out, fmt.Errorf("operation %s: %w %s", id, err, got.text)
		}
		out = begun{posted: got.posted()}
		if err := json.Unmarshal([]byte(got.text), &out); err != nil || out.Status != "running" {
			return out, err
		}
		select {
		case <-ctx.Done():
			return out, fmt.Errorf("operation stays %s", got.text)
		case <-ticks.C:
		}
	}
}

// busy lets a load be under way, which nobody else's can pass, until it is let go.
func busy(t *testing.T, a *app.App) (letGo func()) {
	t.Helper()
	held, free, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		_, err := a.Store.Load(context.Background(), model.LoadSpec{Kind: model.Events, RecordedAt: noon}, func(context.Context, model.Staging) error {
			close(held)
			<-free
			return nil
		})
		done <- err
	}()
	<-held
	let := false
	letGo = func() {
		if let {
			return
		}
		let = true
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(letGo)
	return letGo
}

// awaited waits until something holds.
func awaited(t *testing.T, what string, holds func() bool) {
	t.Helper()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for end := time.After(time.Minute); !holds(); {
		select {
		case <-end:
			t.Fatalf("not until now: %s", what)
		case <-every.C:
		}
	}
}

func inSpool(t *testing.T, spool string) []string {
	t.Helper()
	left, err := os.ReadDir(spool)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range left {
		names = append(names, entry.Name())
	}
	return names
}

func orders(t *testing.T, a *app.App) int64 {
	t.Helper()
	history, err := a.Store.History(t.Context(), a.Clock().Add(model.Day))
	if err != nil {
		t.Fatal(err)
	}
	return history.Of(model.Orders).Rows
}

const someOrders = "order_id,customer_id,ordered_at,amount,gift\n1,c,2026-02-01,9.50,x\n2,c,yesterday,1,\n3,c,2026-02-03,7,\n1,c,2026-02-01,9.50,x\n"

func TestAnImportThatDoesNotWaitTellsWhatOneThatWaitsWould(t *testing.T) {
	for name, tt := range map[string]struct{ target, contentType, body, prefix string }{
		"CSV":         {"/v1/orders:import", "text/csv", someOrders, ""},
		"JSON":        {"/v1/tickets:import", "application/json", `[{"ticket_id": "t1", "customer_id": "c", "opened_at": "2026-02-01"}, {"ticket_id": "t2"}, 3]`, ""},
		"lines":       {"/v1/events:import", "application/x-ndjson; charset=utf-8", "{\"customer_id\":\"c\",\"name\":\"visit\",\"occurred_at\":\"2026-02-01\"}\n{\n", ""},
		"a dry run":   {"/v1/orders:import", "application/json", `{"dry_run": true, "rows": [{"order_id": "1", "customer_id": "c", "ordered_at": "2026-02-01", "amount": 1}]}`, ""},
		"nothing new": {"/v1/orders:import", "text/csv", "order_id,customer_id,ordered_at,amount\n1,c,never,1\n", ""},
		"large":       {"/v1/orders:import", "text/csv", ordersText(5000), ""},
	} {
		t.Run(name, func(t *testing.T) {
			waits := start(t, open(t, func() time.Time { return noon }), nothing)
			want, err := post(waits.HTTP, tt.target, tt.contentType, "", tt.body)
			if err != nil || want.status != http.StatusOK {
				t.Fatalf("%v %s", err, want.text)
			}
			waits.stop()
			a := open(t, func() time.Time { return noon })
			r := start(t, a, nothing)
			got := r.ended(r.accepted(tt.target, tt.contentType, "", tt.body).OperationID)
			if got.Status != "done" || got.RowsRead != nil {
				t.Fatalf("%s", got.text)
			}
			var report map[string]any
			if err := json.Unmarshal([]byte(want.text), &report); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(report, got.Result); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if steps := r.operation(got.OperationID, over).Steps; !cmp.Equal(steps, []string{"wait", "read", "commit"}) {
				t.Errorf("steps %v", steps)
			}
			if left := inSpool(t, a.Spool()); len(left) > 0 {
				t.Errorf("left in the spool: %v", left)
			}
			if _, list := r.get("/v1/operations"); !strings.Contains(list, got.OperationID) {
				t.Errorf("list: %s", list)
			}
			if m := r.metric(`churnwatch_job_duration_seconds_count{status="ok",task="import"}`); len(m) != 1 {
				t.Errorf("metric: %v", m)
			}
		})
	}
}

func ordersText(rows int) string {
	var b strings.Builder
	b.WriteString("order_id,customer_id,ordered_at,amount\n")
	for i := range rows {
		fmt.Fprintf(&b, "o%d,c%d,2026-01-%02d,%d\n", i, i%1000, i%28+1, i%90+1)
	}
	return b.String()
}

func TestAnImportIsAcceptedWhileOthersWriteAndCanBeCancelled(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	letGo := busy(t, a)
	first := r.accepted("/v1/orders:import", "text/csv", "k", someOrders)
	if second := r.begin("/v1/events:import", "text/csv", "", "customer_id,name,occurred_at\nc,visit,2026-01-01\n"); second.status != http.StatusConflict || !strings.Contains(second.text, first.OperationID) {
		t.Errorf("a second one: %d %s", second.status, second.text)
	}
	if again := r.begin("/v1/orders:import", "text/csv", "k", someOrders); again.status != http.StatusAccepted || !again.replayed || again.OperationID != first.OperationID || again.Status != "running" {
		t.Errorf("the same: %d %s", again.status, again.text)
	}
	if other := r.begin("/v1/orders:import", "text/csv", "k", someOrders+"5,c,2026-01-01,1,\n"); other.status != http.StatusUnprocessableEntity || other.Code != "refused" {
		t.Errorf("another body: %d %s", other.status, other.text)
	}
	if waits, err := post(r.HTTP, "/v1/orders:import", "text/csv", "k", someOrders); err != nil || waits.status != http.StatusUnprocessableEntity {
		t.Errorf("the same, but waiting: %v %d %s", err, waits.status, waits.text)
	}
	if _, list := r.get("/v1/operations?page_size=1"); !strings.Contains(list, first.OperationID) {
		t.Errorf("list: %s", list)
	}
	if left := inSpool(t, a.Spool()); len(left) == 0 {
		t.Error("nothing of it is in the spool")
	}
	done := make(chan posted, 1)
	go func() { // The answer waits for the entry of the audit log, as that of each change.
		got, err := post(r.HTTP, first.location+":cancel", "application/json", "", `{}`)
		if err != nil {
			got.text = err.Error()
		}
		done <- got
	}()
	awaited(t, "its batch is gone", func() bool { return len(inSpool(t, a.Spool())) == 0 })
	letGo()
	if got := <-done; got.status != http.StatusOK {
		t.Errorf("cancel: %d %s", got.status, got.text)
	}
	if got := r.ended(first.OperationID); got.Status != "cancelled" || got.Result != nil {
		t.Errorf("cancelled: %s", got.text)
	}
	if n, left := orders(t, a), inSpool(t, a.Spool()); n != 0 || len(left) > 0 {
		t.Errorf("%d orders were loaded, left in the spool: %v", n, left)
	}
	anew := r.accepted("/v1/orders:import", "text/csv", "k", someOrders)
	if got := r.ended(anew.OperationID); anew.replayed || anew.OperationID == first.OperationID || got.Status != "done" {
		t.Errorf("sent again after it was cancelled: %s", got.text)
	}
	if again := r.begin("/v1/orders:import", "text/csv", "k", someOrders); again.status != http.StatusAccepted || !again.replayed || again.OperationID != anew.OperationID || again.Status != "done" {
		t.Errorf("the same, after it was done: %d %s", again.status, again.text)
	}
}

func TestAnImportThatCannotBeAcceptedBeginsNothing(t *testing.T) {
	a := open(t, time.Now)
	a.Config.Ingest.MaxBatch = 1 << 20
	r := start(t, a, nothing)
	for name, tt := range map[string]struct {
		target, contentType, key, body string
		status                         int
	}{
		"too large":      {"/v1/orders:import", "text/csv", "", ordersText(50_000), 413},
		"a kind":         {"/v1/baskets:import", "text/csv", "", someOrders, 404},
		"a parameter":    {"/v1/orders:import?wait=1", "text/csv", "", someOrders, 400},
		"a form":         {"/v1/orders:import", "text/html", "", someOrders, 415},
		"nothing":        {"/v1/orders:import", "text/csv", "", "", 400},
		"no JSON":        {"/v1/orders:import", "application/json", "", "{", 400},
		"a key":          {"/v1/orders:import", "text/csv", "a b", someOrders, 400},
		"another method": {"/v1/orders/1:import", "text/csv", "", someOrders, 404},
	} {
		got := r.begin(tt.target, tt.contentType, tt.key, tt.body)
		if got.status != tt.status || got.OperationID != "" || got.location != "" {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
	if left := inSpool(t, a.Spool()); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
	lacking := r.ended(r.accepted("/v1/orders:import", "text/csv", "k", "order_id\n1\n").OperationID)
	if lacking.Status != "failed" || lacking.Code != "invalid" || !strings.Contains(lacking.Error, "customer_id") {
		t.Errorf("without a column: %s", lacking.text)
	}
	if again := r.accepted("/v1/orders:import", "text/csv", "k", "order_id\n1\n"); again.replayed {
		t.Error("what has failed is replayed")
	}
	a.Config.Ingest.MaxBatch = 16 << 20
}
