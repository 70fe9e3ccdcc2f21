package service_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
)

// clockFrom is a clock that went on from midsummer since a moment, in
// nanoseconds; the real one for "".
func clockFrom(since string) func() time.Time {
	nanoseconds, err := strconv.ParseInt(since, 10, 64)
	if err != nil {
		return time.Now
	}
	return func() time.Time { return midsummer.Add(time.Since(time.Unix(0, nanoseconds))) }
}

// TestChildServes serves the database that its parent names until it is
// killed, by the clock and with the settings that its parent gives, and says where.
func TestChildServes(t *testing.T) {
	path := os.Getenv("CHURNWATCH_TEST_FILE")
	if path == "" {
		t.Skip("runs in a child process only")
	}
	loaded, err := config.Load(config.Options{Environ: strings.Fields(os.Getenv("CHURNWATCH_TEST_SETTINGS"))})
	if err != nil {
		t.Fatal(err)
	}
	cfg := loaded.Config
	cfg.Database.Path, cfg.Database.Threads = path, 2
	cfg.Server.HTTP, cfg.Server.GRPC = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Retention.RunEvery = config.Duration(time.Second)
	cfg.Webhooks.AllowNetworks = []string{"127.0.0.0/8"}
	a, err := app.Open(t.Context(), cfg, app.Options{
		Log: slog.New(slog.DiscardHandler), Clock: clockFrom(os.Getenv("CHURNWATCH_TEST_CLOCK")), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	go func() { // The child ends with its input.
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	err = service.Run(ctx, service.Options{
		App: a, Execute: nothing, Command: func([]string) string { return "" }, Log: a.Log,
		Ready: func(at service.Addresses) { fmt.Println("serving", at.HTTP, at.GRPC) },
	})
	if err := a.Close(); err != nil {
		t.Error(err)
	}
	if err != nil {
		t.Error(err)
	}
}

// serving is a child that serves.
type serving struct {
	*exec.Cmd

	// address is that of REST.
	address, grpc string
	input         io.Closer
}

func serveAside(t *testing.T, path string, environment ...string) *serving {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChildServes$")
	command.Env = append(append(os.Environ(), "CHURNWATCH_TEST_FILE="+path), environment...)
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	said, told := bufio.NewScanner(output), strings.Builder{}
	for said.Scan() {
		if at := strings.Fields(said.Text()); len(at) == 3 && at[0] == "serving" {
			return &serving{command, at[1], at[2], input}
		}
		fmt.Fprintln(&told, said.Text())
	}
	t.Fatalf("the child does not serve: %v\n%s", command.Wait(), &told)
	return nil
}

// rowsOfABatch is how many orders a batch of the kill test has.
const rowsOfABatch = 20

// batchOf is the n-th batch of a sender: orders of its own.
func batchOf(sender, n int) string {
	var b strings.Builder
	for i := range rowsOfABatch {
		fmt.Fprintf(&b, `{"order_id":"%d-%d-%d","customer_id":"c%d","ordered_at":"2026-01-%02d","amount":%d}`+"\n", sender, n, i, i, n%28+1, i+1)
	}
	return b.String()
}

// send sends batches under keys, one after the other, until the server is
// gone, and returns how many were acknowledged in all. A batch that was not is
// sent again first.
func send(address string, sender, acknowledged int) (int, error) {
	for {
		key := fmt.Sprintf("%d-%d", sender, acknowledged)
		got, err := post(address, "/v1/orders:import", "application/x-ndjson", key, batchOf(sender, acknowledged))
		if err != nil {
			return acknowledged, nil //nolint:nilerr // The server was killed.
		}
		if got.status != http.StatusOK || got.Loaded != rowsOfABatch {
			return acknowledged, fmt.Errorf("batch %s: %d %s", key, got.status, got.text)
		}
		acknowledged++
	}
}

func TestWhatWasAcknowledgedSurvivesAKillOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("kills processes")
	}
	killAndCheck(t, 2)
}

// killAndCheck kills a server that often while batches come in.
func killAndCheck(t *testing.T, rounds int) {
	t.Helper()
	const senders = 3
	path := filepath.Join(t.TempDir(), "a.duckdb")
	random := rand.New(rand.NewPCG(5, 6))
	acknowledged := make([]int, senders)
	for round := range rounds {
		child := serveAside(t, path)
		done := make(chan error, senders)
		for sender := range senders {
			go func() {
				var err error
				acknowledged[sender], err = send(child.address, sender, acknowledged[sender])
				done <- err
			}()
		}
		time.AfterFunc(time.Duration(50+random.IntN(900))*time.Millisecond, func() { _ = child.Process.Kill() })
		for range senders {
			if err := <-done; err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		_ = child.Wait() // It was killed.
	}
	t.Logf("acknowledged batches: %v", acknowledged)
	checkAcknowledged(t, path, acknowledged)
}

// checkAcknowledged sends everything again: under its key it is answered as
// before, without one it changes nothing, and nothing else is there but at
// most one batch a sender whose answer was lost.
func checkAcknowledged(t *testing.T, path string, acknowledged []int) {
	t.Helper()
	child := serveAside(t, path)
	var unanswered atomic.Int64
	for sender, n := range acknowledged {
		for batch := range n + 1 {
			key := fmt.Sprintf("%d-%d", sender, batch)
			got, err := post(child.address, "/v1/orders:import", "application/x-ndjson", key, batchOf(sender, batch))
			if err != nil {
				t.Fatal(err)
			}
			if got.status != http.StatusOK || got.Loaded != rowsOfABatch || batch < n && !got.replayed {
				t.Fatalf("batch %s: replayed %v, %s", key, got.replayed, got.text)
			}
			if batch == n && got.replayed {
				unanswered.Add(1)
			}
			got, err = post(child.address, "/v1/orders:import", "application/x-ndjson", "", batchOf(sender, batch))
			if err != nil || got.Unchanged != rowsOfABatch {
				t.Fatalf("batch %s without its key: %v %s", key, err, got.text)
			}
		}
	}
	t.Logf("batches that were there without an answer: %d", unanswered.Load())
	http.DefaultClient.CloseIdleConnections()
	_ = child.input.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	store := reopen(t, path)
	history, err := store.Store.History(t.Context(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, n := range acknowledged {
		want += int64(n+1) * rowsOfABatch
	}
	if got := history.Of("orders").Rows; got != want {
		t.Errorf("%d orders, want %d", got, want)
	}
}

func reopen(t *testing.T, path string) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Database.Path, cfg.Webhooks.AllowNetworks = path, []string{"127.0.0.0/8"}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: time.Now, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}
