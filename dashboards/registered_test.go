package dashboards_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/api/exposition"
	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/model"
)

// registered returns the labels of every metric that a server shows, by name.
func registered(t *testing.T) map[string][]string {
	t.Helper()
	registry := prometheus.NewRegistry()
	out := described(exposition.New(nil, exposition.Options{}))
	out["process_resident_memory_bytes"] = nil // Prometheus' own client shows it.
	parts := func(name string) {
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			out[name+suffix] = append(slices.Clone(out[name]), "le")
		}
	}
	parts("churnwatch_trigger_latency_seconds")
	jobs, err := exposition.NewJobs(registry)
	if err != nil {
		t.Fatal(err)
	}
	jobs.Observe("train", true, time.Second)
	if err := webhook.New(webhook.Options{Clock: time.Now}).Register(registry); err != nil {
		t.Fatal(err)
	}
	server, err := api.New(api.Parts{Scores: nothing{}, Explainer: nothing{}}, api.Options{Registry: registry, Log: slog.New(slog.DiscardHandler), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	// Vectors show themselves once they are used.
	ask := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/v1/scores", http.NoBody)
	ask.RemoteAddr = "127.0.0.1:1"
	server.Handler().ServeHTTP(httptest.NewRecorder(), ask)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		var names []string
		for _, pair := range f.GetMetric()[0].GetLabel() {
			names = append(names, pair.GetName())
		}
		out[f.GetName()] = names
		if f.GetType().String() == "HISTOGRAM" {
			parts(f.GetName())
		}
	}
	return out
}

var descText = regexp.MustCompile(`fqName: "(\w+)".*variableLabels: \{([\w,]*)\}`)

// described returns the labels of a collector's metrics, by name.
func described(c prometheus.Collector) map[string][]string {
	descs := make(chan *prometheus.Desc, 1000)
	c.Describe(descs)
	close(descs)
	out := map[string][]string{}
	for d := range descs {
		if found := descText.FindStringSubmatch(d.String()); found != nil {
			out[found[1]] = strings.Split(found[2], ",")
		}
	}
	return out
}

// nothing was scored: answers are empty.
type nothing struct{}

func (nothing) Shown(string) uint64 { return 0 }

func (nothing) Snapshot(context.Context) (model.Snapshot, error) { return model.Snapshot{}, nil }

func (nothing) Scores(context.Context, model.ScoreQuery) ([]model.Score, error) { return nil, nil }

func (nothing) CountScores(context.Context, model.ScoreQuery) (int64, error) { return 0, nil }

func (nothing) ScoreOf(context.Context, string) (model.Score, error) { return model.Score{}, nil }

func (nothing) Explain(context.Context, string, time.Time) (model.Explanation, error) {
	return model.Explanation{}, nil
}

func (nothing) ExplainSince(context.Context, string, time.Time, time.Time) (model.ScoreChange, error) {
	return model.ScoreChange{}, nil
}
