//go:build acceptance

package app_test

import (
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/evaluate"
	"github.com/churnwatch/churnwatch/scoring"
)

const (
	// treatedCustomers are those of a world, quietDays without triggers come
	// before the year with them.
	treatedCustomers = 4000
	quietDays        = 300
	// savedShare is the planted effect: of the customers who had left when a
	// retention message came so many come back.
	savedShare = 0.7
)

// world is a shop whose customers order at rates of their own, and leave after
// an order with probabilities that differ by region and channel. The same seed
// makes the same customers; who is saved orders on.
type world struct {
	customers []*shopper
	start     time.Time
	// orders are those not loaded yet, placed all.
	orders, placed [][]string
}

type shopper struct {
	id, region, channel string
	rng, effect         *rand.Rand
	gap, spend, leaves  float64
	next                time.Time
	gone                bool
	orders              int
	last                time.Time
}

func newWorld(seed uint64) *world {
	w := &world{start: time.Date(2024, 7, 1, 0, 0, 0, 0, time.UTC)}
	for i := range treatedCustomers {
		c := &shopper{id: fmt.Sprintf("c%05d", i), rng: rand.New(rand.NewPCG(seed, uint64(i))), effect: rand.New(rand.NewPCG(seed+1000, uint64(i)))}
		region, channel := c.rng.IntN(6), c.rng.IntN(3)
		c.region, c.channel = fmt.Sprintf("r%d", region), fmt.Sprintf("ch%d", channel)
		c.gap, c.spend = 40*math.Exp(0.5*c.rng.NormFloat64()), 40*math.Exp(0.4*c.rng.NormFloat64())
		c.leaves = 1 / (1 + math.Exp(2.9-0.45*float64(region)-0.4*float64(channel)))
		c.next = w.start.Add(time.Duration(c.rng.Float64() * 420 * float64(model.Day))).Truncate(time.Second)
		w.customers = append(w.customers, c)
	}
	return w
}

// advance lets everybody order until an instant.
func (w *world) advance(to time.Time) {
	for _, c := range w.customers {
		for !c.gone && c.next.Before(to) {
			amount := c.spend * math.Exp(0.3*c.rng.NormFloat64())
			w.orders = append(w.orders, []string{fmt.Sprintf("o%s-%d", c.id, c.orders), c.id, c.next.Format(time.RFC3339), strconv.FormatFloat(amount, 'f', 2, 64)})
			c.orders++
			c.last, c.gone = c.next, c.rng.Float64() < c.leaves
			c.next = c.next.Add(time.Duration((0.2 + c.rng.ExpFloat64()) * c.gap * float64(model.Day))).Truncate(time.Second)
		}
	}
}

// touch brings some of those back who have left.
func (w *world) touch(id string, at time.Time) {
	i, err := strconv.Atoi(id[1:])
	if err != nil {
		panic(err)
	}
	if c := w.customers[i]; c.gone && c.effect.Float64() < savedShare {
		c.gone, c.next = false, at.Add(time.Duration((1+14*c.effect.Float64())*float64(model.Day))).Truncate(time.Second)
	}
}

func (w *world) day(n int) time.Time { return w.start.AddDate(0, 0, n) }

// simulation is a world in a database of its own.
type simulation struct {
	*app.App
	*world

	t       *testing.T
	now     time.Time
	scoring *scoring.Service
	sent    [][]string
}

func orderRows(rows [][]string) [][]string {
	return append([][]string{{"order_id", "customer_id", "ordered_at", "amount"}}, rows...)
}

func simulate(t *testing.T, w *world) *simulation {
	t.Helper()
	s := &simulation{t: t, world: w, now: w.start}
	cfg := config.Default()
	cfg.Database.Path, cfg.Database.Threads = filepath.Join(t.TempDir(), "test.duckdb"), 2
	cfg.Training.MaxCutoffs, cfg.Cohorts.Dimensions = 6, []string{"region"}
	var err error
	s.App, err = app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return s.now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	settings := s.Scoring.Settings()
	settings.ValidationCutoffs, settings.Resamples, settings.WidestInterval = 1, 20, 1
	if s.scoring, err = s.Scoring.With(settings); err != nil {
		t.Fatal(err)
	}
	rows := [][]string{{"customer_id", "signed_up_at", "region", "channel", "marketing_consent", "time_zone"}}
	for _, c := range w.customers {
		rows = append(rows, []string{c.id, w.start.Format(time.RFC3339), c.region, c.channel, "true", "UTC"})
	}
	s.load(model.Customers, rows)
	return s
}

func (s *simulation) load(kind model.FactKind, rows [][]string) {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), string(kind)+".csv")
	write(s.t, path, rows)
	reports, err := importing.Run(s.t.Context(), s.App, importing.Request{Kind: kind, Files: []importing.File{{Name: path, Path: path}}})
	if err != nil || reports[0].Quarantined > 0 {
		s.t.Fatalf("%s: %+v, %v", kind, reports, err)
	}
}

// until lets time pass and loads what was ordered.
func (s *simulation) until(day int) {
	s.now = s.day(day)
	s.advance(s.now)
	s.load(model.Orders, orderRows(s.orders))
	s.placed, s.orders = append(s.placed, s.orders...), nil
}

// month scores, runs the playbooks, and sends most of what is open.
func (s *simulation) month(day int, tool *rand.Rand) {
	s.until(day)
	if _, err := s.scoring.Score(s.t.Context(), s.day(day)); err != nil {
		s.t.Fatal(err)
	}
	s.now = s.day(day).Add(12 * time.Hour)
	if _, err := s.Retention.Run(s.t.Context(), s.now); err != nil {
		s.t.Fatal(err)
	}
	open, err := s.Retention.List(s.t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}})
	if err != nil {
		s.t.Fatal(err)
	}
	rows := [][]string{{"outreach_id", "customer_id", "sent_at", "kind", "trigger_id", "channel"}}
	for _, trigger := range open {
		if trigger.Channel == "internal" || tool.Float64() < 0.1 {
			continue
		}
		s.touch(trigger.CustomerID, s.now)
		rows = append(rows, []string{
			"m" + trigger.ID, trigger.CustomerID, s.now.Format(time.RFC3339), "retention", trigger.ID, trigger.Channel,
		})
	}
	if len(rows) > 1 {
		s.load(model.Outreach, rows)
	}
	s.sent = append(s.sent, rows[1:]...)
}

func (s *simulation) train(day int) (scoring.TrainReport, model.StoredModel) {
	s.t.Helper()
	report, err := s.scoring.Train(s.t.Context(), scoring.TrainRequest{AsOf: s.day(day), Activate: true, Force: true})
	if err != nil {
		s.t.Fatal(err)
	}
	stored, err := s.Store.Model(s.t.Context(), report.Model)
	if err != nil {
		s.t.Fatal(err)
	}
	return report, stored
}

// ranks scores the customers as of a day by a model and holds it against who
// ordered in the horizon.
func (s *simulation) ranks(stored model.StoredModel, day int, churned map[string]bool) (auc float64, customers int) {
	s.t.Helper()
	version, err := s.Store.SaveModel(s.t.Context(), stored)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.Store.Activate(s.t.Context(), version, s.now); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.scoring.Score(s.t.Context(), s.day(day)); err != nil {
		s.t.Fatal(err)
	}
	scores, err := s.Store.Scores(s.t.Context(), model.ScoreQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	var said []float64
	var left []bool
	for _, score := range scores {
		if score.ChurnProbability != nil {
			said, left = append(said, *score.ChurnProbability), append(left, churned[score.CustomerID])
		}
	}
	auc, err = evaluate.AUC(said, left)
	if err != nil {
		s.t.Fatal(err)
	}
	return auc, len(said)
}

// A model that was retrained after a year of triggers ranks customers who are
// left alone as well as one of a shop without any; one that takes the touched
// customers for untouched ones ranks worse. The planted effect: 70 % of those who
// had left when they were written to come back.
func TestTreatedCustomersDoNotSpoilTheNextTraining(t *testing.T) {
	n := seeds(t)
	const end = quietDays + 365
	var aware, ignorant float64
	for seed := range n {
		treated := simulate(t, newWorld(uint64(seed)+1))
		treated.until(quietDays)
		treated.train(quietDays)
		tool := rand.New(rand.NewPCG(uint64(seed), 3))
		for month := range 12 {
			treated.month(quietDays+5+30*month, tool)
		}
		treated.until(end)
		report, careful := treated.train(end)

		blind := simulate(t, newWorld(uint64(seed)+1))
		blind.load(model.Orders, orderRows(treated.placed))
		blind.now = treated.now
		_, careless := blind.train(end)

		alone := simulate(t, newWorld(uint64(seed)+1))
		alone.until(end)
		_, undisturbed := alone.train(end)
		alone.advance(alone.day(end + 90))
		churned := map[string]bool{}
		for _, c := range alone.customers {
			churned[c.id] = c.last.Before(alone.day(end))
		}
		best, customers := alone.ranks(undisturbed, end, churned)
		a, _ := alone.ranks(careful, end, churned)
		i, _ := alone.ranks(careless, end, churned)
		t.Logf("seed %d: %d messages; %s", seed+1, len(treated.sent), report.Treatment.Says)
		t.Logf("seed %d: ROC-AUC of %d untouched customers: never touched %.4f, touched ones left out %.4f, ignored %.4f", seed+1, customers, best, a, i)
		aware += (best - a) / float64(n)
		ignorant += (best - i) / float64(n)
	}
	t.Logf("mean loss of ROC-AUC over %d seeds: touched ones left out %.4f, ignored %.4f", n, aware, ignorant)
	if aware > 0.005 {
		t.Errorf("leaving touched customers out costs %.4f of ROC-AUC, want 0.005 at most", aware)
	}
	if ignorant < 0.005 || ignorant < 2*aware {
		t.Errorf("ignoring that customers were touched costs %.4f of ROC-AUC only, %.4f where it is heeded", ignorant, aware)
	}
}
