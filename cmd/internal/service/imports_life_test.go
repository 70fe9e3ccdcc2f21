package service_test

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

func TestAnImportThatTheEndCutsOffGoesOnAtTheNextStart(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	letGo := busy(t, a)
	first := r.accepted("/v1/orders:import", "text/csv", "k", someOrders)
	cutOff(r, letGo)
	letGo = busy(t, a)
	r = start(t, a, nothing)
	if again := r.begin("/v1/orders:import", "text/csv", "k", someOrders); !again.replayed || again.OperationID != first.OperationID {
		t.Errorf("the same, after a restart: %d %s", again.status, again.text)
	}
	if got := r.begin("/v1/orders:import", "text/csv", "", someOrders); got.status != http.StatusConflict {
		t.Errorf("a second one, after a restart: %d %s", got.status, got.text)
	}
	letGo()
	if got := r.ended(first.OperationID); got.Status != "done" || got.Result["loaded"] != 2.0 {
		t.Errorf("%s", got.text)
	}
	if n, left := orders(t, a), inSpool(t, a.Spool()); n != 2 || len(left) > 0 {
		t.Errorf("%d orders, left in the spool: %v", n, left)
	}
	entries, err := a.Store.Audited(t.Context(), model.AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{}
	for _, e := range entries {
		if e.Resource == "orders" && e.KeyName == "local" && e.Outcome == "ok" {
			times[e.Action]++
		}
	}
	if times["churnwatch.v1.IngestService/BeginImport"] == 0 || times["import resumed"] == 0 {
		t.Errorf("audit log: %v", times)
	}
}

// cutOff ends a program whose import waits for another load, which ends then.
func cutOff(r *running, letGo func()) {
	r.t.Helper()
	r.cancel()
	awaited(r.t, "the import is cut off", func() bool { return strings.Contains(r.log.String(), "import cut off") })
	letGo()
	r.stop()
}

func TestAnAcceptedImportSurvivesAKillOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	path := filepath.Join(t.TempDir(), "a.duckdb")
	const rows = 30_000
	body := ordersText(rows)
	child := serveAside(t, path)
	first, err := begin(child.address, "/v1/orders:import", "text/csv", "k", body)
	if err != nil || first.status != http.StatusAccepted {
		t.Fatalf("%v %d %s", err, first.status, first.text)
	}
	kill(child)

	child = serveAside(t, path)
	got, err := ended(t.Context(), child.address, first.OperationID)
	if err != nil || got.Status != "done" || got.Result["loaded"] != float64(rows) {
		t.Errorf("%v %s", err, got.text)
	}
	again, err := begin(child.address, "/v1/orders:import", "text/csv", "k", body)
	if err != nil || !again.replayed || again.OperationID != first.OperationID {
		t.Errorf("the same, after a kill: %v %s", err, again.text)
	}
	waits, err := post(child.address, "/v1/orders:import", "text/csv", "", body)
	if err != nil || waits.Unchanged != rows {
		t.Errorf("the same rows once more: %v %s", err, waits.text)
	}
	kill(child)
	if left := inSpool(t, path+".spool"); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

func kill(child *serving) {
	_ = child.Process.Kill()
	_ = child.Wait() // It was killed.
	http.DefaultClient.CloseIdleConnections()
}

// withWanda are orders, one of a customer who is to be erased. What is wrong with
// another row names her.
const withWanda = "order_id,customer_id,ordered_at,amount\n1,wanda-4711,2026-02-01,9\n2,other,wanda-4711,1\n3,other,2026-02-03,7\n"

func TestNothingOfAnErasedCustomerIsLeftOfAnImport(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	letGo := busy(t, a)
	first := r.accepted("/v1/orders:import", "text/csv", "k", withWanda)
	awaited(t, "the import waits for its turn", func() bool {
		return len(r.operation(first.OperationID, func(operation) bool { return true }).Steps) > 0
	})
	erased := make(chan posted, 1)
	go func() {
		got, err := exchange(http.MethodDelete, "http://"+r.HTTP+"/v1/customers/wanda-4711", nil, "")
		if err != nil {
			erased <- posted{text: err.Error()}
			return
		}
		// What the receipt promises holds when it comes.
		if left := inSpool(t, a.Spool()); len(left) > 0 {
			t.Errorf("left in the spool: %v", left)
		}
		erased <- got.posted()
	}()
	letGo()
	if got := <-erased; got.status != http.StatusOK {
		t.Fatalf("%d %s", got.status, got.text)
	}
	got := r.ended(first.OperationID)
	if got.Status != "done" || got.Result["loaded"] != 2.0 || got.Result["quarantined"] != 1.0 || strings.Contains(got.text, "wanda") {
		t.Errorf("%s", got.text)
	}
	if n := orders(t, a); n != 1 {
		t.Errorf("%d orders, want that of the other customer", n)
	}

	// Rows about her that come afterwards are refused.
	later := r.ended(r.accepted("/v1/orders:import", "text/csv", "", withWanda).OperationID)
	if later.Status != "done" || later.Result["loaded"] != 0.0 || later.Result["quarantined"] != 2.0 || strings.Contains(later.text, "wanda") {
		t.Errorf("afterwards: %s", later.text)
	}
}

func TestAnErasureWithoutAServerLetsGoOfWhatWasAccepted(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	letGo := busy(t, a)
	first := r.accepted("/v1/orders:import", "text/csv", "k", withWanda)
	cutOff(r, letGo) // It waits in the spool.
	if left := inSpool(t, a.Spool()); len(left) != 1 {
		t.Fatalf("in the spool: %v", left)
	}
	if _, err := a.EraseCustomer(t.Context(), "wanda-4711"); err != nil {
		t.Fatal(err)
	}
	if err := a.ForgetAccepted(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left := inSpool(t, a.Spool()); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
	r = start(t, a, nothing)
	if got := r.ended(first.OperationID); got.Status != "failed" || got.Code != "conflict" || !strings.Contains(got.Error, "send them again") {
		t.Errorf("%s", got.text)
	}
	anew := r.accepted("/v1/orders:import", "text/csv", "k", withWanda)
	if got := r.ended(anew.OperationID); anew.replayed || got.Result["loaded"] != 1.0 {
		t.Errorf("sent again: %s", got.text)
	}
}

func TestAnImportNeedsTheSpaceThatIsToBeKeptFree(t *testing.T) {
	a := open(t, time.Now)
	cfg := a.Config
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Database.KeepFree = 1 << 60
	full, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = full.Close() })
	r := start(t, full, nothing)
	if got := r.begin("/v1/orders:import", "text/csv", "", someOrders); got.status != http.StatusInsufficientStorage || got.Code != "exhausted" {
		t.Errorf("%d %s", got.status, got.text)
	}
	if left := inSpool(t, full.Spool()); len(left) > 0 {
		t.Errorf("left in the spool: %v", left)
	}
}

func TestAnImportBeginsByGRPCToo(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	conn, err := grpc.NewClient(r.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	client := churnwatchv1.NewIngestServiceClient(conn)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "idempotency-key", "k")
	var header metadata.MD
	request := &churnwatchv1.BeginImportRequest{Kind: "orders", Text: &churnwatchv1.BatchText{Format: "csv", Content: []byte(someOrders)}}
	first, err := client.BeginImport(ctx, request, grpc.Header(&header))
	if err != nil || first.GetKind() != "import" || len(header.Get("idempotent-replayed")) > 0 {
		t.Fatalf("%v, %v", first, err)
	}
	if got := r.ended(first.GetOperationId()); got.Result["loaded"] != 2.0 || got.Result["quarantined"] != 1.0 {
		t.Errorf("%s", got.text)
	}
	again, err := client.BeginImport(ctx, request, grpc.Header(&header))
	if err != nil || again.GetOperationId() != first.GetOperationId() || again.GetStatus() != "done" || len(header.Get("idempotent-replayed")) == 0 {
		t.Errorf("again: %v, %v, %v", again, header, err)
	}

	stream, err := client.BeginImportStream(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text := ordersText(3000)
	for at := 0; at < len(text); at += 10_000 {
		part := &churnwatchv1.ImportStreamRequest{Content: []byte(text[at:min(at+10_000, len(text))])}
		if at == 0 {
			part.Kind, part.Format = "orders", "csv"
		}
		if err := stream.Send(&churnwatchv1.BeginImportStreamRequest{Part: part}); err != nil {
			t.Fatal(err)
		}
	}
	begun, err := stream.CloseAndRecv()
	if err != nil {
		t.Fatal(err)
	}
	if got := r.ended(begun.GetOperationId()); got.Result["read"] != 3000.0 || got.Result["loaded"] != 3000.0 {
		t.Errorf("a stream: %s", got.text)
	}
}

// TestALargeImportIsAcceptedBeforeItIsLoaded prints how long a client waits, and
// how long the rows take, in both ways.
func TestALargeImportIsAcceptedBeforeItIsLoaded(t *testing.T) {
	if testing.Short() {
		t.Skip("loads many rows")
	}
	const rows = 200_000
	body := ordersText(rows)
	a := open(t, time.Now)
	r := start(t, a, nothing)
	began := time.Now()
	first := r.accepted("/v1/orders:import", "text/csv", "", body)
	accepted := time.Since(began)
	got := r.ended(first.OperationID)
	done := time.Since(began)
	if got.Status != "done" || got.Result["loaded"] != float64(rows) {
		t.Fatalf("%s", got.text)
	}
	other := start(t, open(t, time.Now), nothing)
	began = time.Now()
	waits, err := post(other.HTTP, "/v1/orders:import", "text/csv", "", body)
	if err != nil || waits.Loaded != rows {
		t.Fatalf("%v %s", err, waits.text)
	}
	t.Logf("%d rows, %.1f MB: accepted after %v, loaded after %v; a call that waits took %v", rows, float64(len(body))/1e6,
		accepted.Round(time.Millisecond), done.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
}
