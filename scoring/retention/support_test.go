package retention_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// shop is the real warehouse with a clock that tests set.
type shop struct {
	*retention.Service

	t        *testing.T
	store    *duckdb.Store
	importer *ingest.Importer
	log      *slog.Logger
	now      time.Time
	// holdout is what published scores say.
	holdout model.Holdout
}

func (s *shop) clock() time.Time { return s.now }

// monday is when scenarios begin.
var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// at is a time of a day after monday: "3 14:30" is Thursday's.
func at(text string) time.Time {
	var day, hour, minute int
	if _, err := fmt.Sscanf(text, "%d %d:%d", &day, &hour, &minute); err != nil {
		panic(text)
	}
	return monday.AddDate(0, 0, day).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// rules are the defaults, without a holdout unless a test wants one.
func settings(change func(*retention.Settings)) retention.Settings {
	s := retention.Settings{Rules: guard.Default(), FirstLook: 2 * model.Day, MaxAge: 3650 * model.Day}
	if change != nil {
		change(&s)
	}
	return s
}

func newShop(t *testing.T, change func(*retention.Settings)) *shop {
	t.Helper()
	return newShopIn(t, "", change)
}

// newShopIn keeps its warehouse in a file.
func newShopIn(t *testing.T, path string, change func(*retention.Settings)) *shop {
	t.Helper()
	s := &shop{t: t, now: monday, log: slog.New(slog.DiscardHandler)}
	spool := t.TempDir()
	store, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, SpoolDirectory: spool, Clock: s.clock, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	s.store = store
	if s.importer, err = ingest.New(store, ingest.Options{Spool: spool, Clock: s.clock, Logger: s.log}); err != nil {
		t.Fatal(err)
	}
	if s.Service, err = retention.New(store, settings(change), s.clock, s.log); err != nil {
		t.Fatal(err)
	}
	return s
}

// insight stands for what scoring computes: it touches and declines whom it
// is told to, from an instant on.
type insight struct {
	touched  map[string][]string
	declined []model.CustomerDecline
	until    time.Time
}

func (i insight) ReadRemarks(context.Context) error { return nil }

func (i insight) Fresh(context.Context) (time.Time, error) { return monday, nil }

func (i insight) DataEnd(_ context.Context, asOf time.Time) (time.Time, error) {
	return model.StartOfDay(asOf), nil
}

func (i insight) Declines(context.Context, time.Time) ([]model.CustomerDecline, error) {
	return i.declined, nil
}

func (i insight) Touched(_ context.Context, asOf time.Time) (map[string][]string, error) {
	if asOf.Before(i.until) {
		return i.touched, nil
	}
	return map[string][]string{}, nil
}

// take imports rows of a kind; times such as @3 14:30, and ids of triggers such
// as {ann detractor answer:r1 first_touch}, are filled in.
func (s *shop) take(kind model.FactKind, text string) {
	s.t.Helper()
	reports, err := s.importer.Import(context.Background(), ingest.Request{
		Kind: kind, Files: []ingest.Input{ingest.Stream("rows", strings.NewReader(filled(text)))},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range reports {
		if r.Quarantined > 0 {
			s.t.Fatalf("%s: %d rows refused", kind, r.Quarantined)
		}
	}
}

// filled replaces @D HH:MM by the instant.
func filled(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		cells := strings.Split(strings.TrimSpace(line), ",")
		for k, cell := range cells {
			if when, ok := strings.CutPrefix(cell, "@"); ok {
				cells[k] = at(when).Format(time.RFC3339)
			}
			if words := strings.Fields(strings.Trim(cell, "{}")); len(words) == 4 && strings.HasPrefix(cell, "{") {
				cells[k] = decide.ID(words[1], words[0], words[2], words[3])
			}
		}
		lines[i] = strings.Join(cells, ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// score publishes scores as of an instant. The probability is what the tier
// says in percent (p70), for want of a model.
func (s *shop) score(asOf time.Time) {
	s.t.Helper()
	tier, ok := model.FeatureOf(model.Inactivity, "tier")
	if !ok {
		s.t.Fatal("no feature tier")
	}
	term := model.ScorecardTerm{Feature: "tier"}
	for p := 5.0; p < 100; p += 5 {
		term.Levels = append(term.Levels, fmt.Sprintf("p%g", p))
		term.Values = append(term.Values, math.Log(p/(100-p)))
	}
	term.Levels, term.Values = append(term.Levels, "p99.8"), append(term.Values, math.Log(99.8/0.2))
	term.Other, term.Missing = math.Log(0.1/0.9), math.Log(0.1/0.9)
	query := model.ScoringQuery{
		AsOf: asOf, ScoredAt: asOf, Model: 1, Holdout: s.holdout, Features: model.Catalogue(model.Inactivity),
		Definition: model.Definition{Kind: model.Inactivity, Horizon: 90 * model.Day, Lookback: 365 * model.Day},
		Parameters: model.FeatureParameters{
			Satisfaction: model.SatisfactionParameters{HalfLifeDays: 180, Mean: 70, Within: 400, PriorAnswers: 2},
			Drift: model.DriftParameters{
				CycleDays: 30, Level: 3, Prior: 1, Dispersion: 1, Movement: [8]float64{1, 1, 1, 1, 1, 1, 1, 1}, Threshold: -1.5, Depth: 1,
			},
		},
		Card: model.Scorecard{
			Terms: []model.ScorecardTerm{term}, Slope: 1, Level: 0.9, Z: 1.64, WidestInterval: 0.5,
			Bands: model.Bands{Medium: 0.35, High: 0.65}, Factor: [][]float64{make([]float64, len(term.Values)+3)},
		},
	}
	query.Features = append([]model.Feature{tier}, slices.DeleteFunc(query.Features, func(f model.Feature) bool { return f.Name == "tier" })...)
	summary, err := s.store.Score(s.t.Context(), query)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.store.Publish(s.t.Context(), summary.Run, asOf); err != nil {
		s.t.Fatal(err)
	}
}

// run runs the playbooks up to an instant.
func (s *shop) run(to time.Time) retention.RunReport {
	s.t.Helper()
	s.now = to
	r, err := s.Run(s.t.Context(), to)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// told lists every trigger, with each moment as days and hours after monday.
func (s *shop) told() string {
	s.t.Helper()
	all, err := s.List(s.t.Context(), model.TriggerQuery{})
	if err != nil {
		s.t.Fatal(err)
	}
	slices.SortFunc(all, func(a, b model.Trigger) int {
		return strings.Compare(line(a), line(b))
	})
	var out strings.Builder
	for _, t := range all {
		fmt.Fprintln(&out, line(t))
	}
	return out.String()
}

func line(t model.Trigger) string {
	text := fmt.Sprintf("%s %s/%s %s", t.CustomerID, t.Playbook, t.Step, t.Status)
	switch {
	case t.Status == model.TriggerSuppressed:
		text += " " + *t.SuppressedBy
	case t.OpenedAt == nil:
		text += " for " + short(t.PlannedAt)
	default:
		text += fmt.Sprintf(" opened %s due %s %s %s %s %s", short(*t.OpenedAt), short(*t.DueAt), t.Urgency, t.Channel, t.Owner, t.Template)
	}
	return text
}

func short(t time.Time) string {
	since := t.Sub(monday)
	days := int(math.Floor(model.Days(since)))
	return fmt.Sprintf("%d %s", days, t.Format("15:04"))
}

// only are the playbooks of these names, without their experiments: chance
// decides no scenario that is not about it.
func only(t *testing.T, names ...string) func(*retention.Settings) {
	t.Helper()
	all, err := playbook.Read(playbook.Defaults())
	if err != nil {
		t.Fatal(err)
	}
	return func(s *retention.Settings) {
		s.Playbooks = slices.DeleteFunc(slices.Clone(all), func(p playbook.Playbook) bool { return !slices.Contains(names, p.Name) })
		for i := range s.Playbooks {
			s.Playbooks[i].Experiment = nil
		}
	}
}
