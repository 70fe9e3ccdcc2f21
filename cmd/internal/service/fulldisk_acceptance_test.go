//go:build acceptance

package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
)

// fullDisk is a server whose disk fills up.
type fullDisk struct {
	*serving

	t    *testing.T
	disk disk
	path string
	// environment is that of each child.
	environment []string
	// strict says that the server keeps space free: it never gets to the last byte.
	strict bool
	random *rand.Rand
	// want is the risk of each customer.
	want map[string]float64
	// acknowledged are the numbers of batches that are there, with their rows.
	acknowledged map[int]int
	sent         int

	reads, unavailable, replays atomic.Int64
	// paused says that no explanations are read, so that comments stay unread.
	paused atomic.Bool
}

// scoresAt reads everybody's risk.
func scoresAt(address string) (map[string]float64, error) {
	var page struct {
		Scores []struct {
			CustomerID       string   `json:"customer_id"`
			ChurnProbability *float64 `json:"churn_probability"`
		}
	}
	err := getJSON(address, "/v1/scores?page_size=1000", &page)
	out := map[string]float64{}
	for _, s := range page.Scores {
		if s.ChurnProbability != nil {
			out[s.CustomerID] = *s.ChurnProbability
		}
	}
	return out, err
}

// read reads scores until stop is closed: they stay what they are.
func (f *fullDisk) read(address string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		got, err := scoresAt(address)
		switch {
		case err == nil:
			f.reads.Add(1)
			f.compare(got)
		case !f.strict && strings.Contains(err.Error(), "503"): // The database was reopened meanwhile.
			f.unavailable.Add(1)
		default:
			f.t.Errorf("read: %v", err)
		}
	}
}

func (f *fullDisk) compare(got map[string]float64) {
	if len(got) != len(f.want) {
		f.t.Errorf("%d scores, want %d", len(got), len(f.want))
	}
	for customer, risk := range f.want {
		if got[customer] != risk {
			f.t.Errorf("the score of a customer was %v and is %v", risk, got[customer])
			return
		}
	}
}

// replay reads an explanation as of a day, which reads comments too, until stop is
// closed: it goes on however full the disk is.
func (f *fullDisk) replay(address string, stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		case <-time.After(50 * time.Millisecond):
		}
		if f.paused.Load() {
			continue
		}
		var said struct {
			CustomerID string `json:"customer_id"`
		}
		customer := fmt.Sprintf("C%07d", i%shopOfLedger)
		err := getJSON(address, "/v1/customers/"+customer+"/explanation?as_of=2026-06-30T12:00:00Z", &said)
		if err != nil || said.CustomerID != customer {
			f.t.Errorf("explanation as of a day: %v %q", err, said.CustomerID)
		}
		f.replays.Add(1)
	}
}

// replaysOn waits until an explanation was read that was asked for after this call.
func (f *fullDisk) replaysOn() {
	f.t.Helper()
	if !f.strict {
		return
	}
	before := f.replays.Load()
	every := time.NewTicker(20 * time.Millisecond)
	defer every.Stop()
	for end := time.Now().Add(5 * time.Minute); f.replays.Load() < before+2; <-every.C {
		if time.Now().After(end) {
			f.t.Fatal("no explanation is read")
		}
	}
}

// kindOf is the kind of the n-th batch: some are answers with comments.
func kindOf(n int) string {
	if n%4 == 1 {
		return "responses"
	}
	return "orders"
}

// batch is the n-th one, of orders or answers that pad it out.
func (f *fullDisk) batch(n, rows int) string {
	random := rand.New(rand.NewPCG(uint64(n), 3))
	var b strings.Builder
	for i := range rows {
		if kindOf(n) == "responses" {
			fmt.Fprintf(&b, `{"response_id":"f%d-%d","customer_id":"C%07d","answered_at":"2026-06-30T11:00:00Z","known_at":"2026-06-30T11:00:00Z","kind":"nps","score":%d,"comment":"The parcel came late, number %x%x, and nobody answered."}`+"\n",
				n, i, random.IntN(shopOfLedger), random.IntN(11), random.Uint64(), random.Uint64())
			continue
		}
		fmt.Fprintf(&b, `{"order_id":"f%d-%d-%x%x%x%x","customer_id":"C%07d","ordered_at":"2026-06-30T11:00:00Z","known_at":"2026-06-30T11:00:00Z","amount":%d}`+"\n",
			n, i, random.Uint64(), random.Uint64(), random.Uint64(), random.Uint64(), random.IntN(shopOfLedger), 1+random.IntN(90))
	}
	return b.String()
}

// send sends a batch and reports whether it is there; else it was refused as it
// should be.
func (f *fullDisk) send(rows int) bool {
	f.t.Helper()
	n := f.sent
	f.sent++
	got, err := post(f.address, "/v1/"+kindOf(n)+":import", "application/x-ndjson", strconv.Itoa(n), f.batch(n, rows))
	switch {
	case err != nil:
		f.t.Fatal(err)
	case got.status == http.StatusOK && got.Loaded == rows:
		f.acknowledged[n] = rows
		return true
	case got.status == http.StatusInsufficientStorage && got.Code == "exhausted" && strings.Contains(got.text, "disk is full"):
	case !f.strict && got.status == http.StatusServiceUnavailable && got.Code == "unavailable":
	default:
		f.t.Errorf("batch %d of %d rows: %d %s", n, rows, got.status, got.text)
	}
	return false
}

// fill sends batches of all sizes until one does not fit, and some more.
func (f *fullDisk) fill() {
	f.t.Helper()
	for range 400 {
		if !f.send(1 + f.random.IntN(1500)) {
			break
		}
	}
	for range 20 {
		rows := 1 + f.random.IntN([]int{1, 10, 300, 1500}[f.random.IntN(4)])
		f.send(rows) // A small one may fit.
	}
	f.t.Logf("full after %d batches, %d bytes are free", len(f.acknowledged), f.disk.free())
}

// refusedByGRPC asks that gRPC says the same.
func (f *fullDisk) refusedByGRPC() {
	f.t.Helper()
	conn, err := grpc.NewClient(f.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = churnwatchv1.NewIngestServiceClient(conn).Import(f.t.Context(), &churnwatchv1.ImportRequest{Kind: "orders", Text: &churnwatchv1.BatchText{Format: "ndjson", Content: []byte(f.batch(1<<20, 1500))}})
	s, _ := status.FromError(err)
	reason := ""
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			reason = info.GetReason()
		}
	}
	if s.Code() != codes.ResourceExhausted || reason != "EXHAUSTED" {
		f.t.Errorf("gRPC: %s %q", err, reason)
	}
}

// operate begins an operation while there is space, takes that, and returns how it
// ended.
func (f *fullDisk) operate(target, step string, left int64) operation {
	f.t.Helper()
	got, err := post(f.address, target, "application/json", "", `{}`)
	var o operation
	if err == nil && got.status == http.StatusOK {
		err = json.Unmarshal([]byte(got.text), &o)
	}
	if err != nil || o.OperationID == "" {
		f.t.Fatalf("%s: %v %s", target, err, got.text)
	}
	f.awaitOperation(&o, func() bool { return step == "" || over(o) || len(o.Steps) > 0 })
	if step != "" {
		f.disk.leave(left)
	}
	f.awaitOperation(&o, func() bool { return over(o) })
	return o
}

// awaitOperation reads an operation until it fits.
func (f *fullDisk) awaitOperation(o *operation, fits func() bool) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), 10*time.Minute)
	defer cancel()
	for every := time.NewTicker(20 * time.Millisecond); !fits(); {
		select {
		case <-ctx.Done():
			f.t.Fatalf("operation %s of kind %s stays %s", o.OperationID, o.Kind, o.Status)
		case <-every.C:
		}
		if err := getJSON(f.address, "/v1/operations/"+o.OperationID, o); err != nil && (f.strict || !strings.Contains(err.Error(), "503")) {
			f.t.Fatal(err)
		}
	}
}

// relieve frees the disk: without a restart batches go in again, and all that was
// acknowledged is there once.
func (f *fullDisk) relieve() {
	f.t.Helper()
	f.disk.relieve()
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	began := time.Now()
	for !f.send(5) {
		if time.Since(began) > time.Minute {
			f.t.Fatal("nothing goes in though the disk has space")
		}
		<-every.C
	}
	f.t.Logf("batches go in %v after space was freed", time.Since(began).Round(time.Millisecond))
	for n, rows := range f.acknowledged {
		got, err := post(f.address, "/v1/"+kindOf(n)+":import", "application/x-ndjson", "", f.batch(n, rows))
		if err != nil || got.status != http.StatusOK || got.Unchanged != rows {
			f.t.Fatalf("batch %d was acknowledged: %v %s", n, err, got.text)
		}
	}
}

// serve starts a child and reads scores until the function that it returns is called.
func (f *fullDisk) serve() (stop func()) {
	f.serving = serveAside(f.t, f.path, f.environment...)
	address, done := f.address, make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() { f.read(address, done) })
	if f.strict { // Else each of them tries to write, and kills the handle of all.
		group.Go(func() { f.replay(address, done) })
	}
	return func() {
		close(done)
		group.Wait()
	}
}

// A disk that fills up, whether the server stops before its last byte or not, costs
// no score and no acknowledged row, and heals by itself.
func TestAFullDiskRefusesWritesAndServesTheLastGoodState(t *testing.T) {
	shop := filepath.Join(t.TempDir(), "shop.duckdb")
	for _, c := range []struct {
		name, keepFree string
		left           int64 // while an operation runs
	}{
		{"with space kept free", "6MB", 3 << 20},
		{"to the last byte", "0B", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDisk(t, 64<<20)
			prepare(t, shop)
			f := &fullDisk{
				t: t, disk: d, path: filepath.Join(d.dir, "a.duckdb"), strict: c.keepFree != "0B", random: rand.New(rand.NewPCG(uint64(len(c.name)), 7)),
				acknowledged: map[int]int{}, environment: []string{
					"CHURNWATCH_TEST_CLOCK=" + strconv.FormatInt(time.Now().UnixNano(), 10),
					quickTraining + " CHURNWATCH_SERVER__RESCORE_TOUCHED=0s CHURNWATCH_DATABASE__KEEP_FREE=" + c.keepFree,
				},
			}
			copyFile(t, shop, f.path)
			d.leave(int64(10+f.random.IntN(14)) << 20)
			f.proveRefusals(c.left)
		})
	}
}

func (f *fullDisk) proveRefusals(left int64) {
	t := f.t
	first := serveAside(t, f.path, f.environment...)
	var err error
	if f.want, err = scoresAt(first.address); err != nil || len(f.want) == 0 {
		t.Fatalf("%d scores: %v", len(f.want), err)
	}
	_ = first.input.Close()
	if err := first.Wait(); err != nil {
		t.Fatal(err)
	}
	stop := f.serve()
	f.paused.Store(true)
	f.fill()
	f.disk.leave(0)
	f.paused.Store(false)
	f.replaysOn() // There is no room for what the comments say.
	f.disk.relieve()
	f.disk.leave(3 << 20)
	f.replaysOn() // There is, in the space that is kept free.
	f.disk.leave(0)
	if f.send(1) && f.strict {
		f.t.Error("a row went onto the disk where no space was left to be kept free")
	}
	f.refusedByGRPC()
	stop()
	if err := f.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = f.Wait()     // It was killed.
	stop = f.serve() // Also on a full disk.
	f.replaysOn()
	if f.send(1500) {
		t.Error("1500 rows went onto the full disk")
	}
	f.relieve()
	step, target := "score", "/v1/scores:run"
	if !f.strict { // A training takes its time.
		step, target = "features", "/v1/models:train"
	}
	o := f.operate(target, step, left)
	if o.Status != "failed" || o.Code == nil || *o.Code != "exhausted" || o.Error == nil || !strings.Contains(*o.Error, "disk is full") {
		t.Errorf("%s on a disk that fills up: %+v", target, o)
	}
	checkOneActive(t, f.address, 1)
	stop() // Scores may change from here on.
	f.relieve()
	if o := f.operate("/v1/scores:run", "", 0); o.Status != "done" {
		t.Errorf("with space again: %+v", o)
	}
	t.Logf("%d reads of all scores, %d refused for the time of a reopening, %d explanations as of a day", f.reads.Load(), f.unavailable.Load(), f.replays.Load())
	if f.reads.Load() == 0 || f.unavailable.Load() > f.reads.Load() {
		t.Errorf("%d reads were answered, %d were not", f.reads.Load(), f.unavailable.Load())
	}
	http.DefaultClient.CloseIdleConnections()
	_ = f.input.Close()
	if err := f.Wait(); err != nil {
		t.Error(err)
	}
}
