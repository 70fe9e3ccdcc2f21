package api_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// shelf holds scores in memory, in the order of a model.ScoreStore.
type shelf struct {
	scores []model.Score
	fail   error
	wait   bool
	asked  []model.ScoreQuery
	asOf   []time.Time
	desk   *desk
	dock   *dock
	// reading is called when scores are read, where it is set.
	reading func()
}

func (s *shelf) Snapshot(ctx context.Context) (model.Snapshot, error) {
	if s.wait {
		<-ctx.Done()
		return model.Snapshot{}, ctx.Err()
	}
	var newest model.Sequence
	for _, x := range s.scores {
		newest = max(newest, x.Sequence)
	}
	return model.Snapshot{Sequence: newest}, s.fail
}

func (s *shelf) ScoreOf(_ context.Context, customer string) (model.Score, error) {
	for _, x := range s.scores {
		if x.CustomerID == customer {
			return x, s.fail
		}
	}
	return model.Score{}, model.Errorf(model.KindNotFound, "the current scores hold no such customer")
}

// Shown is another number every time: what is on the shelf may be changed.
func (s *shelf) Shown(string) uint64 { return rand.Uint64() }

func (s *shelf) Explain(ctx context.Context, customer string, asOf time.Time) (model.Explanation, error) {
	s.asOf = append(s.asOf, asOf)
	score, err := s.ScoreOf(ctx, customer)
	return model.Explanation{
		Score: score, BaseLogOdds: new(-1.0), LogOdds: new(-0.25), Calibration: model.Calibration{Method: "slope", Slope: 1.25, Intercept: 0},
	}, err
}

func (s *shelf) ExplainSince(_ context.Context, customer string, since, asOf time.Time) (model.ScoreChange, error) {
	s.asOf = append(s.asOf, asOf)
	return model.ScoreChange{
		CustomerID: customer, Since: since, AsOf: noon, Warnings: []string{}, LogOdds: 0.5,
		Parts: []model.ScorePart{{
			Name: model.PartFacts, Label: "new facts", LogOdds: 0.5, Groups: []model.FamilyChange{}, Facts: []model.Evidence{{What: "late", At: noon}},
			Changes: []model.ContributionChange{{Name: "tier", LogOdds: 0.5, From: nil, To: "gold"}},
		}},
	}, s.fail
}

func (s *shelf) Scores(_ context.Context, q model.ScoreQuery) ([]model.Score, error) {
	s.asked = append(s.asked, q)
	if s.reading != nil {
		s.reading()
	}
	var out []model.Score
	for _, x := range s.scores {
		if len(q.Customers) > 0 && !slices.Contains(q.Customers, x.CustomerID) {
			continue
		}
		if x.Sequence > q.UpdatedSince && (q.MinRisk == 0 || x.ChurnProbability != nil && *x.ChurnProbability >= q.MinRisk) && behind(q, x) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b model.Score) int { return order(q, place(a), place(b)) })
	if q.Top > 0 {
		out = out[:min(len(out), q.Top)]
	}
	return out, s.fail
}

func (s *shelf) CountScores(ctx context.Context, q model.ScoreQuery) (int64, error) {
	asked := s.asked
	q.Top, q.After = 0, nil
	found, err := s.Scores(ctx, q)
	s.asked = asked // What is counted was not read.
	return int64(len(found)), err
}

func behind(q model.ScoreQuery, s model.Score) bool {
	return q.After == nil || order(q, place(s), *q.After) > 0
}

func place(s model.Score) model.ScoreCursor {
	c := model.ScoreCursor{Probability: -1, Revenue: -1, CustomerID: s.CustomerID, Sequence: s.Sequence}
	c.Status = slices.Index([]model.ScoreStatus{model.StatusOK, model.StatusInsufficientEvidence, model.StatusNotEligible}, s.Status)
	if s.ChurnProbability != nil {
		c.Probability = *s.ChurnProbability
	}
	if s.RevenueAtRisk != nil {
		c.Revenue = *s.RevenueAtRisk
	}
	return c
}

func order(q model.ScoreQuery, a, b model.ScoreCursor) int {
	switch q.Order {
	case model.BySequence:
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.CustomerID, b.CustomerID))
	case model.ByRevenue:
		return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(b.Revenue, a.Revenue), cmp.Compare(a.CustomerID, b.CustomerID))
	case model.ByProbability:
	}
	return cmp.Or(cmp.Compare(a.Status, b.Status), cmp.Compare(b.Probability, a.Probability), cmp.Compare(a.CustomerID, b.CustomerID))
}

// scored is a customer's score with everything known.
func scored(customer string, p float64, sequence model.Sequence) model.Score {
	band, version, word := model.BandHigh, 3, "promoter"
	return model.Score{
		CustomerID: customer, Status: model.StatusOK, ChurnProbability: &p, Interval: &model.Interval{Low: p / 2, High: p, Level: 0.9},
		Band: &band, HorizonDays: 90, AsOf: noon, ScoredAt: noon, Sequence: sequence, Model: &version, NPSSegment: &word,
		LabelDefinition: "no order within 90 days", Drift: model.Stable, OpenTriggers: []string{},
		Contributions:   []model.Contribution{{Name: "recency_days", Label: "days since the last order", Family: model.Rhythm, Unit: "days", LogOdds: 0.75, Value: 41.0}},
		RevenueInterval: &model.Interval{Low: 12, High: 40, Level: 0.9},
		DataQuality:     &model.DataQuality{Status: model.Yellow, Reasons: []string{"old"}, CustomerReasons: []string{"odd"}},
	}
}

// unknown is a customer of whom nothing can be said.
func unknown(customer string, sequence model.Sequence) model.Score {
	return model.Score{
		CustomerID: customer, Status: model.StatusNotEligible, StatusReason: "no order within the lookback",
		HorizonDays: 90, AsOf: noon, ScoredAt: noon, Sequence: sequence, Drift: model.Silent,
	}
}

// served is a server on a shelf, and what it logs.
type served struct {
	*api.Server

	log strings.Builder
}

func serve(t *testing.T, s *shelf, o api.Options) *served {
	t.Helper()
	return serveParts(t, api.Parts{Scores: s, Explainer: s, Triggers: s.desk, Ingest: s.dock, Erased: &departed{}}, o)
}

func serveParts(t *testing.T, parts api.Parts, o api.Options) *served {
	t.Helper()
	out := &served{}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	o.Log = slog.New(slog.NewJSONHandler(&out.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Clock = func() time.Time { return noon }
	server, err := api.New(parts, o)
	if err != nil {
		t.Fatal(err)
	}
	out.Server = server
	return out
}

// reply is an answer that has been read.
type reply struct {
	status int
	header http.Header
	body   string
}

// ask sends one request as this machine would, and lets change it before.
func (s *served) ask(t *testing.T, method, target string, change ...func(*http.Request)) reply {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://localhost:8080"+target, http.NoBody)
	r.RemoteAddr = "127.0.0.1:50000"
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String()}
}

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// decode reads a JSON answer.
func decode(t *testing.T, answer reply) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(answer.body), &out); err != nil {
		t.Fatalf("%s: %v", answer.body, err)
	}
	return out
}

func names(scores any) (out []string) {
	list, _ := scores.([]any)
	for _, s := range list {
		out = append(out, fmt.Sprint(s.(map[string]any)["customer_id"]))
	}
	return out
}

// panicking panics on every read.
type panicking struct{ *shelf }

func (panicking) Snapshot(context.Context) (model.Snapshot, error) { panic("boom") }

func (panicking) Shown(string) uint64 { return 0 }

func (panicking) ScoreOf(context.Context, string) (model.Score, error) { panic("boom") }

// serveWith is serve with scores that are no shelf.
func serveWith(t *testing.T, scores api.Scores, shutdown time.Duration) *served {
	t.Helper()
	out := &served{}
	server, err := api.New(api.Parts{Scores: scores}, api.Options{
		HTTP: "127.0.0.1:0", GRPC: "127.0.0.1:0", ShutdownTimeout: shutdown,
		Registry: prometheus.NewRegistry(), Clock: func() time.Time { return noon },
		Log: slog.New(slog.NewJSONHandler(&out.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	out.Server = server
	return out
}
