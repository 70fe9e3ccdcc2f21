//go:build acceptance

package app_test

import (
	"cmp"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/demo"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

// simulated is how many customers the shop of the simulation has: 600, or as
// many as ACCEPTANCE_CUSTOMERS says. Every tenth is steady.
func simulated(t *testing.T) (customers, steady int) {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("ACCEPTANCE_CUSTOMERS"))
	if err != nil || n < 1 {
		n = 600
	}
	t.Logf("%d customers (ACCEPTANCE_CUSTOMERS)", n)
	return n - n/10, n / 10
}

// year is a shop over a year with a marketing tool that sends what is open.
type year struct {
	*app.App

	t   *testing.T
	now time.Time
	rng *rand.Rand
	// sent is every message by customer, and whom each trigger's went to.
	sent map[string][]message
	done map[string]bool
	// customers are all, steady those of them who order like clockwork.
	customers, steady int
	rows              [][]string // outreach that is not imported yet
	later             []coming   // surveys that may not be sent yet
	n, asked          int
}

// coming is a survey that the tool sends at the first moment at which it may.
type coming struct {
	at                        time.Time
	customer, channel, survey string
}

type message struct {
	at      time.Time
	channel string
	survey  bool
}

func newYear(t *testing.T) *year {
	t.Helper()
	y := &year{t: t, rng: rand.New(rand.NewPCG(1, 2)), sent: map[string][]message{}, done: map[string]bool{}}
	cfg := config.Default()
	cfg.Database.Path, cfg.Database.Threads, cfg.Training.MaxCutoffs = filepath.Join(t.TempDir(), "test.duckdb"), 2, 2
	y.now = demo.DefaultEnd()
	var err error
	y.App, err = app.Open(t.Context(), cfg, app.Options{Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return y.now }, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := y.Close(); err != nil {
			t.Error(err)
		}
	})
	return y
}

// act lets the tool send most of what is open, and some customers reply.
func (y *year) act() {
	open, err := y.Retention.List(y.t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen, model.TriggerEscalated}})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, trigger := range open {
		if y.done[trigger.ID] || y.rng.Float64() < 0.3 {
			continue
		}
		if trigger.Channel == "internal" {
			if _, err := y.Retention.Resolve(y.t.Context(), trigger.ID, "done"); err != nil {
				y.t.Fatal(err)
			}
			continue
		}
		y.done[trigger.ID] = true
		y.n++
		kind, replied, resolved := "retention", "", ""
		if trigger.Action == "survey" {
			kind = "survey"
		}
		if y.rng.Float64() < 0.3 {
			at := y.now.Add(time.Duration(1+y.rng.IntN(48)) * time.Hour)
			replied, resolved = at.Format(time.RFC3339), at.Add(24*time.Hour).Format(time.RFC3339)
		}
		// It is sent at whatever hour it opened: bounds are the program's to keep.
		y.rows = append(y.rows, []string{
			"m" + strconv.Itoa(y.n), trigger.CustomerID, trigger.OpenedAt.Format(time.RFC3339), kind, trigger.ID, trigger.Channel, replied, resolved, "",
		})
		y.sent[trigger.CustomerID] = append(y.sent[trigger.CustomerID], message{*trigger.OpenedAt, trigger.Channel, kind == "survey"})
	}
}

// ask lets the tool take the day's plan and send most of it, each survey now or
// at the first moment of the time that it may be sent in.
func (y *year) ask() {
	plan, err := y.Retention.PlanSurveys(y.t.Context(), retention.SurveyRequest{})
	if err != nil {
		y.t.Fatal(err)
	}
	for i := range plan.Surveys {
		s := &plan.Surveys[i]
		if s.Status != model.SurveyPlanned || y.rng.Float64() < 0.3 {
			continue
		}
		at := s.SendFrom
		if at.Before(y.now) {
			at = y.now
		}
		if !at.Before(s.SendUntil) {
			y.t.Errorf("%s made a plan that nobody can send any more, until %s", y.now, s.SendUntil)
		}
		y.later = append(y.later, coming{at, s.CustomerID, s.Channel, s.ID})
	}
	y.later = slices.DeleteFunc(y.later, func(c coming) bool {
		if c.at.After(y.now) {
			return false
		}
		y.n++
		y.asked++
		y.rows = append(y.rows, []string{"m" + strconv.Itoa(y.n), c.customer, c.at.Format(time.RFC3339), "survey", "", c.channel, "", "", c.survey})
		y.sent[c.customer] = append(y.sent[c.customer], message{c.at, c.channel, true})
		return true
	})
}

// report imports what the tool has sent.
func (y *year) report() {
	if len(y.rows) == 0 {
		return
	}
	path := filepath.Join(y.t.TempDir(), "outreach.csv")
	write(y.t, path, append([][]string{{"outreach_id", "customer_id", "sent_at", "kind", "trigger_id", "channel", "replied_at", "resolved_at", "survey_id"}}, y.rows...))
	reports, err := importing.Run(y.t.Context(), y.App, importing.Request{Kind: model.Outreach, Files: []importing.File{{Name: path, Path: path}}})
	if err != nil || reports[0].Quarantined > 0 {
		y.t.Fatalf("%+v, %v", reports, err)
	}
	y.rows = nil
}

// Over a year (a quarter of one where few seeds are asked for) of playbooks and
// daily plans of surveys nobody gets more than the caps allow, a survey within 90 days of
// another, or anything in quiet hours or without consent; every trigger ends.
func TestAYearOfTriggersKeepsItsBounds(t *testing.T) {
	weeks := 13
	if seeds(t) > 2 {
		weeks = 52
	}
	y := newYear(t)
	made, steady := simulated(t)
	y.customers, y.steady = made+steady, steady
	_, files := shop(t, made)
	loadShop(t, y.App, files)
	y.addSteady()
	if _, err := y.Scoring.Train(t.Context(), scoring.TrainRequest{Activate: true, Force: true, Progress: func(string) {}}); err != nil {
		t.Fatal(err)
	}
	start := demo.DefaultEnd().AddDate(0, 0, -7*weeks-1).Add(11 * time.Hour)
	for day := range 7 * weeks {
		y.now = start.AddDate(0, 0, day)
		if day%28 == 0 {
			if _, err := y.Scoring.Score(t.Context(), model.StartOfDay(y.now)); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := y.Retention.Run(t.Context(), y.now); err != nil {
			t.Fatal(err)
		}
		y.act()
		y.ask()
		y.report()
	}
	end := y.now
	for range 30 { // Nothing happens any more, so that all comes to its end.
		y.now = y.now.AddDate(0, 0, 7)
		if _, err := y.Retention.Run(t.Context(), y.now); err != nil {
			t.Fatal(err)
		}
	}
	y.check(files, weeks)
	y.checkSteady(end, weeks)
}

// addSteady adds customers who order every 20 to 40 days, give or take a fifth,
// for about the same, and are never in trouble.
func (y *year) addSteady() {
	customers := [][]string{{"customer_id", "signed_up_at", "marketing_consent", "time_zone", "channel"}}
	orders := [][]string{{"order_id", "customer_id", "ordered_at", "amount"}}
	last := demo.DefaultEnd()
	for i := range y.steady {
		id := fmt.Sprintf("steady%05d", i)
		at := last.AddDate(-2, 0, y.rng.IntN(30)).Add(9 * time.Hour)
		customers = append(customers, []string{id, at.Format(time.RFC3339), "true", "UTC", "web"})
		gap, spend := 20+20*y.rng.Float64(), 30+70*y.rng.Float64()
		for n := 0; at.Before(last); n++ {
			amount := spend * math.Exp(0.2*y.rng.NormFloat64())
			orders = append(orders, []string{fmt.Sprintf("%s-%d", id, n), id, at.Format(time.RFC3339), strconv.FormatFloat(amount, 'f', 2, 64)})
			at = at.Add(time.Duration(gap * math.Exp(0.2*y.rng.NormFloat64()) * float64(model.Day))).Truncate(time.Second)
		}
	}
	dir := y.t.TempDir()
	for _, f := range []struct {
		kind model.FactKind
		rows [][]string
	}{{model.Customers, customers}, {model.Orders, orders}} {
		path := filepath.Join(dir, string(f.kind)+".csv")
		write(y.t, path, f.rows)
		reports, err := importing.Run(y.t.Context(), y.App, importing.Request{Kind: f.kind, Files: []importing.File{{Name: path, Path: path}}})
		if err != nil || reports[0].Quarantined > 0 {
			y.t.Fatalf("%+v, %v", reports, err)
		}
	}
}

// checkSteady holds that steady customers cause few triggers: the alarms of
// drift are false for 20 of 1,000 a cycle of 30 days by choice, which is 5 a
// week, and the rest of what tells a risk may add as many.
func (y *year) checkSteady(end time.Time, weeks int) {
	all, err := y.Retention.List(y.t.Context(), model.TriggerQuery{})
	if err != nil {
		y.t.Fatal(err)
	}
	begun, total, seen := map[string]int{}, 0, map[string]bool{}
	for i := range all {
		cause := all[i].CustomerID + all[i].Playbook + all[i].Cause
		if strings.HasPrefix(all[i].CustomerID, "steady") && !seen[cause] && all[i].CausedAt.Before(end) {
			seen[cause] = true
			begun[all[i].Playbook]++
			total++
		}
	}
	per := 1000 / float64(y.steady) / float64(weeks)
	for _, book := range slices.Sorted(keys(begun)) {
		y.t.Logf("steady: %-20s %6.2f begun per 1,000 customers and week", book, float64(begun[book])*per)
	}
	if rate, se := float64(total)*per, math.Sqrt(float64(total))*per; rate-3*se > 10 {
		y.t.Errorf("steady customers cause %.1f of 1,000 a week, want 10 at most", rate)
	}
}

func (y *year) check(files []demo.File, weeks int) {
	t := y.t
	consent, zone := y.profiles(files)
	all, err := y.Retention.List(t.Context(), model.TriggerQuery{})
	if err != nil {
		t.Fatal(err)
	}
	opened, suppressed := map[string]int{}, map[string]int{}
	arms := map[string]bool{}
	for i := range all {
		trigger := &all[i]
		if trigger.Measured {
			arms[trigger.CustomerID] = trigger.Holdout
		}
		if trigger.SuppressedBy != nil {
			suppressed[*trigger.SuppressedBy]++
		}
		if !trigger.Status.Final() {
			t.Errorf("%s of %s is still %s", trigger.ID, trigger.Playbook, trigger.Status)
		}
		if trigger.OpenedAt == nil {
			continue
		}
		opened[trigger.Playbook]++
		if trigger.Holdout {
			t.Errorf("%s opened for somebody held out", trigger.ID)
		}
		if trigger.Channel != "internal" {
			if hour := trigger.OpenedAt.In(zone[trigger.CustomerID]).Hour(); hour >= 21 || hour < 8 {
				t.Errorf("%s opened at %d o'clock of the customer", trigger.ID, hour)
			}
			if !consent[trigger.CustomerID] {
				t.Errorf("%s opened without consent", trigger.ID)
			}
		}
	}
	for customer, messages := range y.sent {
		slices.SortFunc(messages, func(a, b message) int { return a.at.Compare(b.at) })
		for _, m := range messages {
			if hour := m.at.In(zone[customer]).Hour(); hour >= 21 || hour < 8 || !consent[customer] {
				t.Errorf("%s got a message at %d o'clock, consent %v", customer, hour, consent[customer])
			}
		}
		within(t, customer, messages, func(message) bool { return true }, 3, 7)
		within(t, customer, messages, func(message) bool { return true }, 6, 30)
		within(t, customer, messages, func(m message) bool { return m.channel == "phone" }, 1, 7)
		within(t, customer, messages, func(m message) bool { return m.survey }, 1, 90)
	}
	held := 0
	for _, holdout := range arms {
		if holdout {
			held++
		}
	}
	n := float64(len(arms))
	if share := float64(held) / n; math.Abs(share-0.10) > 3.3*math.Sqrt(0.09/n) {
		t.Errorf("%d of %.0f customers are held out", held, n)
	}
	t.Logf("%d triggers, %d messages, %d of them surveys of plans, to %d customers; held out %d of %.0f; suppressed %v", len(all), y.n, y.asked, len(y.sent), held, n, suppressed)
	for _, book := range slices.SortedFunc(keys(opened), func(a, b string) int { return cmp.Compare(opened[b], opened[a]) }) {
		t.Logf("%-20s %6.2f opened per 1,000 customers and week", book, float64(opened[book])*1000/float64(y.customers)/float64(weeks))
	}
	if y.asked < weeks || y.n < 10*weeks {
		t.Errorf("%d messages in %d weeks: too few to say anything", y.n, weeks)
	}
}

func keys(of map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for key := range of {
			if !yield(key) {
				return
			}
		}
	}
}

// within finds more than most messages in rolling days.
func within(t *testing.T, customer string, all []message, counts func(message) bool, most, days int) {
	t.Helper()
	var at []time.Time
	for _, m := range all {
		if counts(m) {
			at = append(at, m.at)
		}
	}
	for i := most; i < len(at); i++ {
		if at[i].Sub(at[i-most]) < time.Duration(days)*model.Day {
			t.Errorf("%s got %d messages within %d days, the last on %s", customer, most+1, days, at[i].Format(time.DateOnly))
			return
		}
	}
}

// profiles reads who gave consent, and where each lives.
func (y *year) profiles(files []demo.File) (map[string]bool, map[string]*time.Location) {
	consent, zone := map[string]bool{}, map[string]*time.Location{}
	i := slices.IndexFunc(files, func(f demo.File) bool { return f.Kind == string(model.Customers) })
	rows := read(y.t, files[i].Path)
	id, gave, lives := slices.Index(rows[0], "customer_id"), slices.Index(rows[0], "marketing_consent"), slices.Index(rows[0], "time_zone")
	for _, row := range rows[1:] {
		consent[row[id]] = row[gave] == "true"
		location, err := time.LoadLocation(row[lives])
		if err != nil {
			y.t.Fatal(fmt.Errorf("time zone: %w", err))
		}
		zone[row[id]] = location
	}
	for i := range y.steady {
		id := fmt.Sprintf("steady%05d", i)
		consent[id], zone[id] = true, time.UTC
	}
	return consent, zone
}
