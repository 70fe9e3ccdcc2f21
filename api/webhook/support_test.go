package webhook_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service on a database of its own.
type world struct {
	t       *testing.T
	path    string
	store   *duckdb.Store
	options webhook.Options
	service *webhook.Service
	log     *lines
	metrics *prometheus.Registry
	// ahead is by how much the clock is.
	ahead atomic.Int64
	runs  int64
}

// quick are settings by which tests need not wait.
func quick() webhook.Settings {
	return webhook.Settings{
		Timeout: time.Second, FirstRetry: 20 * time.Millisecond, LookEvery: 10 * time.Millisecond,
		Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
	}
}

func newWorld(t *testing.T, settings webhook.Settings) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{t: t, path: filepath.Join(dir, "shop.duckdb"), log: &lines{}}
	var err error
	w.store, err = duckdb.Open(t.Context(), duckdb.Options{Path: w.path, SpoolDirectory: dir, Clock: w.clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	w.options = webhook.Options{
		Store: w.store, Scores: w.store, Triggers: triggers{w.store}, Settings: settings, Version: "test", Clock: w.clock, Random: rand.Reader,
		Render: feed.Render{Score: api.ScoreJSON, Trigger: api.TriggerJSON, Reasons: api.ListedReasons},
		Log:    slog.New(slog.NewTextHandler(w.log, nil)),
	}
	w.renew()
	return w
}

// renew makes the service anew, as a restart does.
func (w *world) renew() {
	w.t.Helper()
	w.service, w.metrics = webhook.New(w.options), prometheus.NewRegistry()
	if err := w.service.Register(w.metrics); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) clock() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// run delivers until the function that it returns is called, or the test ends.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.service.Run(ctx)
	}()
	stop = func() {
		cancel()
		<-done
	}
	w.t.Cleanup(stop)
	return stop
}

// add adds a receiver and returns its id and secret.
func (w *world) add(url string, events ...string) (id, secret string) {
	w.t.Helper()
	issued, err := w.service.Add(w.t.Context(), webhook.Request{Name: "tool", URL: url, Types: events})
	if err != nil {
		w.t.Fatal(err)
	}
	return issued.Receiver.ID, issued.Secret
}

// receiver is how one is now.
func (w *world) receiver(id string) model.Receiver {
	w.t.Helper()
	all, err := w.service.List(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range all {
		if r.ID == id {
			return r
		}
	}
	w.t.Fatalf("no receiver %s", id)
	return model.Receiver{}
}

// open opens a trigger for each of some customers.
func (w *world) open(customers ...string) {
	w.t.Helper()
	w.runs++
	from := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(w.runs) * time.Minute)
	run := model.RetentionRun{From: from, To: from.Add(time.Minute), Since: from, RanAt: from}
	var made []model.Trigger
	var lives []model.TriggerLife
	for _, customer := range customers {
		id := fmt.Sprintf("t%d-%s", w.runs, customer)
		made = append(made, model.Trigger{ID: id, CustomerID: customer, Playbook: "detractor", Step: "call", CausedAt: from, PlannedAt: from, Urgency: model.UrgencyHigh})
		lives = append(lives, model.TriggerLife{TriggerID: id, Status: model.TriggerOpen, At: from, Opening: &model.TriggerOpening{DueAt: from.Add(time.Hour), Urgency: model.UrgencyHigh}})
	}
	if err := w.store.SaveRetention(w.t.Context(), run, made, lives); err != nil {
		w.t.Fatal(err)
	}
}

// count is how many calls ended in a way.
func (w *world) count(result string) float64 {
	w.t.Helper()
	return w.shown("churnwatch_webhook_deliveries_total", result)
}

// shown is the value of a metric with a label, "" without one.
func (w *world) shown(name, label string) float64 {
	w.t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	w.t.Fatalf("no metric %s of %q", name, label)
	return 0
}

// triggers reads them as the retention service does.
type triggers struct{ store *duckdb.Store }

func (s triggers) Sequence(ctx context.Context) (model.Sequence, error) {
	return s.store.TriggerSequence(ctx)
}

func (s triggers) List(ctx context.Context, q model.TriggerQuery) ([]model.Trigger, error) {
	return s.store.Triggers(ctx, q)
}

// lines is a log that can be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// message is what a receiver got.
type message struct {
	id, kind string
	header   http.Header
	body     []byte
	at       time.Time
	data     map[string]any
	subject  string
}

// listener is a receiver that answers as it is told, and keeps what came.
type listener struct {
	*httptest.Server

	got    chan message
	answer atomic.Pointer[func(w http.ResponseWriter, n int)]
	n      atomic.Int64
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	m := message{id: r.Header.Get("webhook-id"), header: r.Header, body: body, at: time.Now()}
	var e struct {
		Type    string         `json:"type"`
		Subject string         `json:"subject"`
		Data    map[string]any `json:"data"`
	}
	if err := json.Unmarshal(body, &e); err == nil {
		m.kind, m.data, m.subject = e.Type, e.Data, e.Subject
	}
	select {
	case l.got <- m:
	default: // Nobody reads what a hundred dead receivers are sent.
	}
	(*l.answer.Load())(w, int(l.n.Add(1)))
}

// listen answers each call, the first of which is 1, by a function.
func listen(t *testing.T, answer func(w http.ResponseWriter, n int)) *listener {
	t.Helper()
	l := &listener{got: make(chan message, 10_000)}
	l.says(answer)
	l.Server = httptest.NewServer(l)
	t.Cleanup(l.Close)
	return l
}

func (l *listener) says(answer func(w http.ResponseWriter, n int)) { l.answer.Store(&answer) }

// status answers always the same.
func status(code int) func(http.ResponseWriter, int) {
	return func(w http.ResponseWriter, _ int) { w.WriteHeader(code) }
}

// next waits for the next message.
func (l *listener) next(t *testing.T) message {
	t.Helper()
	select {
	case m := <-l.got:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("nothing came")
		return message{}
	}
}

// eventually waits until something holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("it never came about: %s", what)
		}
	}
}

// listenTo serves a receiver that answers by what came, and returns its address.
func listenTo(t *testing.T, l *listener, answer func(http.ResponseWriter, message)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		m := message{id: r.Header.Get("webhook-id"), header: r.Header, body: body, at: time.Now()}
		var e struct {
			Data map[string]any `json:"data"`
		}
		_ = json.Unmarshal(body, &e)
		m.data = e.Data
		answer(w, m)
		l.got <- m
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// listenDripping is a receiver whose answer comes one byte a second.
func listenDripping(t *testing.T) string {
	t.Helper()
	return listen(t, func(w http.ResponseWriter, _ int) { drips(w, "HTTP/1.1 200 OK\r\n\r\n", time.Second) }).URL
}
