package service_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a new database.
func open(t *testing.T, clock func() time.Time) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Database.Path = filepath.Join(t.TempDir(), "a.duckdb")
	cfg.Database.Threads = 2
	cfg.Server.HTTP, cfg.Server.GRPC = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Training.MaxCutoffs = 2
	cfg.Retention.RunEvery, cfg.Server.RescoreTouched = 0, 0
	cfg.Webhooks.AllowNetworks = []string{"127.0.0.0/8"}
	a, err := app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: clock, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return a
}

// shop loads a made-up shop of some customers.
func shop(t *testing.T, a *app.App, customers int) {
	t.Helper()
	_, files, err := demo.Generate(t.Context(), demo.Options{Customers: customers, Seed: 1, Dir: t.TempDir()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		load(t.Context(), t, a, f.Kind, f.Path)
	}
}

func load(ctx context.Context, t *testing.T, a *app.App, kind, path string) {
	t.Helper()
	_, err := importing.Run(ctx, a, importing.Request{Kind: model.FactKind(kind), Files: []importing.File{{Name: path, Path: path}}})
	if err != nil {
		t.Error(err)
	}
}

// fitted trains on a shop and scores it.
func fitted(t *testing.T, a *app.App) {
	t.Helper()
	if _, err := a.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true, Progress: func(string) {}}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Scoring.Score(t.Context(), time.Time{}); err != nil {
		t.Fatal(err)
	}
}

// running is a program that serves until it is stopped.
type running struct {
	service.Addresses

	t      *testing.T
	log    *lines
	cancel context.CancelFunc
	done   chan error
	once   sync.Once
}

// start serves an open database.
func start(t *testing.T, a *app.App, execute local.Execute) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{t: t, log: &lines{}, cancel: cancel, done: make(chan error, 1)}
	ready := make(chan service.Addresses, 1)
	go func() {
		r.done <- service.Run(ctx, service.Options{
			App: a, Execute: execute, Command: func(args []string) string { return args[0] },
			Log:   slog.New(slog.NewTextHandler(r.log, nil)),
			Ready: func(at service.Addresses) { ready <- at },
		})
	}()
	select {
	case r.Addresses = <-ready:
	case err := <-r.done:
		t.Fatalf("serve: %v", err)
	}
	t.Cleanup(r.stop)
	r.await(`churnwatch_figures_age_seconds{part="totals"}`)
	return r
}

// await waits until there is such a metric, which may take long to compute.
func (r *running) await(metric string) {
	r.t.Helper()
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	for deadline := time.After(time.Minute); len(r.metric(metric)) == 0; {
		select {
		case <-deadline:
			r.t.Fatalf("%s is not computed: %s", metric, r.log)
		case <-every.C:
		}
	}
}

// stop ends the program and waits for it.
func (r *running) stop() {
	r.once.Do(func() {
		r.cancel()
		if err := <-r.done; err != nil {
			r.t.Errorf("serve: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
}

// get reads an address.
func (r *running) get(target string) (status int, body string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "http://"+r.HTTP+target, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// call runs a command line through the socket.
func (r *running) call(a *app.App, args ...string) (exit int, told string, err error) {
	r.t.Helper()
	client, err := local.Dial(r.t.Context(), a.Config.Database.Path)
	if err != nil {
		return 0, "", err
	}
	var out strings.Builder
	exit, err = client.Run(r.t.Context(), local.Request{Args: args, Config: a.Config, Stdout: &out, Stderr: &out})
	return exit, out.String(), errors.Join(err, client.Close())
}

// metric returns the lines of /metrics that begin so.
func (r *running) metric(prefix string) (out []string) {
	r.t.Helper()
	_, text := r.get("/metrics")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// metricsOnceComputed returns the samples of /metrics, as soon as those are there
// that take long to compute.
func (r *running) metricsOnceComputed() []string {
	r.t.Helper()
	r.await(`churnwatch_figures_age_seconds{part="insights"}`)
	return slices.DeleteFunc(r.metric(""), func(line string) bool { return strings.HasPrefix(line, "#") })
}

// lines keeps a log; several goroutines write it.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func nothing(_ context.Context, call local.Call) int {
	fmt.Fprintln(call.Stdout, "done")
	return 0
}

// runToEnd serves what can't be served.
func runToEnd(a *app.App) error {
	return service.Run(context.Background(), service.Options{
		App: a, Execute: nothing, Command: func([]string) string { return "" }, Log: slog.New(slog.DiscardHandler), Ready: func(service.Addresses) {},
	})
}
