//go:build acceptance

package service_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/importing"
	"github.com/churnwatch/churnwatch/model"
)

// shopOfLedger is how many customers the shop has that the ledger is kept on.
const shopOfLedger = 300

// ledger is what a client keeps of its batches: each is on the disk before the
// next is sent.
type ledger struct {
	file         *os.File
	sender       int
	acknowledged int
	rows         int
	// progress counts batches for who waits for some.
	progress *atomic.Int64
	// lost counts batches that were there though their answers were not heard,
	// absent those that were not.
	lost, absent int
}

func openLedger(t *testing.T, dir string, sender int, progress *atomic.Int64) *ledger {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(dir, fmt.Sprint("ledger-", sender)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return &ledger{file: file, sender: sender, progress: progress}
}

func (l *ledger) key() string { return fmt.Sprintf("%d-%d", l.sender, l.acknowledged) }

// entry is a batch of a ledger: orders and answers of customers of the shop,
// which say themselves since when they are known.
func entry(sender, n int) (kind, text string, rows int) {
	random := rand.New(rand.NewPCG(uint64(sender), uint64(n)))
	rows = 1 + random.IntN(10)
	var b strings.Builder
	kind = []string{"orders", "responses"}[n%2]
	for i := range rows {
		id, who := fmt.Sprintf("l%d-%d-%d", sender, n, i), fmt.Sprintf("C%07d", random.IntN(shopOfLedger))
		at := midsummer.Add(-time.Duration(random.IntN(3000)) * time.Second).Format(time.RFC3339)
		if kind == "orders" {
			fmt.Fprintf(&b, `{"order_id":%q,"customer_id":%q,"ordered_at":%q,"known_at":%q,"amount":%d}`+"\n", id, who, at, at, 1+random.IntN(90))
		} else {
			fmt.Fprintf(&b, `{"response_id":%q,"customer_id":%q,"answered_at":%q,"known_at":%q,"kind":"nps","score":%d}`+"\n", id, who, at, at, random.IntN(11))
		}
	}
	return kind, b.String(), rows
}

// settle says what became of the batch whose answer was not heard: all of it is
// there, or nothing. Sent again under its key it is there once.
func (l *ledger) settle(address string) error {
	kind, text, rows := entry(l.sender, l.acknowledged)
	got, err := post(address, "/v1/"+kind+":import", "application/x-ndjson", "", text)
	switch {
	case err != nil:
		return nil //nolint:nilerr // The server was killed again.
	case got.status != http.StatusOK || got.Unchanged != rows && got.Loaded != rows:
		return fmt.Errorf("batch %s is neither whole nor absent: %s", l.key(), got.text)
	case got.Unchanged == rows:
		l.lost++
	default:
		l.absent++
	}
	return nil
}

// send sends batches until the server is gone.
func (l *ledger) send(address string) error {
	for {
		kind, text, rows := entry(l.sender, l.acknowledged)
		got, err := post(address, "/v1/"+kind+":import", "application/x-ndjson", l.key(), text)
		if err != nil {
			return nil //nolint:nilerr // The server was killed.
		}
		if got.status != http.StatusOK || got.Loaded+got.Unchanged != rows {
			return fmt.Errorf("batch %s: %d %s", l.key(), got.status, got.text)
		}
		if _, err := fmt.Fprintf(l.file, "%s %d\n", l.key(), rows); err != nil {
			return err
		}
		if err := l.file.Sync(); err != nil {
			return err
		}
		l.acknowledged, l.rows = l.acknowledged+1, l.rows+rows
		l.progress.Add(1)
	}
}

// follower follows the feed of triggers and keeps nothing but its cursor and what
// it has heard.
type follower struct {
	cursor string
	heard  map[string]string // what was said by trigger and sequence
	twice  int
}

// follow asks until the server is gone, or once where it is to catch up.
func (f *follower) follow(address string, once bool) error {
	for {
		answer, err := http.Get("http://" + address + "/v1/triggers?page_size=1000&updated_since=" + f.cursor)
		if err != nil {
			return nil //nolint:nilerr // The server was killed.
		}
		var page struct {
			Triggers []struct {
				TriggerID string `json:"trigger_id"`
				Status    string
				Sequence  string
			}
			NextPageToken string `json:"next_page_token"`
		}
		err = json.NewDecoder(answer.Body).Decode(&page)
		_ = answer.Body.Close()
		if err != nil {
			return nil //nolint:nilerr // So was its answer.
		}
		for _, t := range page.Triggers {
			event := t.TriggerID + " " + t.Sequence
			if said, ok := f.heard[event]; ok {
				f.twice++
				if said != t.Status {
					return fmt.Errorf("event %s was %s and is %s", event, said, t.Status)
				}
			}
			f.heard[event], f.cursor = t.Status, t.Sequence
		}
		if once && len(page.Triggers) == 0 {
			return nil
		}
	}
}

// keepBusy lets trainings run, and scorings too unless a training is to come to its
// end, one after the other until the server is gone.
func keepBusy(address string, training bool) {
	for i := 0; ; i++ {
		target := "/v1/models:train"
		if i%2 == 1 && !training {
			target = "/v1/scores:run"
		}
		if _, err := post(address, target, "application/json", "", `{}`); err != nil {
			return
		}
		<-time.After(300 * time.Millisecond)
	}
}

func TestTheClientsLedgerHoldsAfterManyKills(t *testing.T) {
	const senders = 3
	rounds, dir := kills(t), t.TempDir()
	path, undisturbed := filepath.Join(dir, "a.duckdb"), filepath.Join(dir, "b.duckdb")
	prepare(t, path)
	copyFile(t, path, undisturbed)
	clock := "CHURNWATCH_TEST_CLOCK=" + strconv.FormatInt(time.Now().UnixNano(), 10)
	random, began := rand.New(rand.NewPCG(8, 9)), time.Now()
	ledgers, progress := make([]*ledger, senders), atomic.Int64{}
	for i := range ledgers {
		ledgers[i] = openLedger(t, dir, i, &progress)
	}
	feed := &follower{cursor: "0", heard: map[string]string{}}
	trained := &trainings{held: 1}
	var ready []time.Duration
	for round := range rounds {
		started := time.Now()
		child := serveAside(t, path, clock, quickTraining)
		ready = append(ready, time.Since(started))
		trained.held = checkOneActive(t, child.address, trained.held)
		errs := make(chan error, 2*senders+2)
		var group sync.WaitGroup
		training := round%5 == 4 // A model has just come then, or every other time is just coming.
		for i, l := range ledgers {
			group.Go(func() {
				if round > 0 {
					errs <- l.settle(child.address)
				}
				if training && i > 0 {
					return // It would take the training's time.
				}
				errs <- l.send(child.address)
			})
		}
		group.Go(func() { errs <- feed.follow(child.address, false) })
		group.Go(func() { keepBusy(child.address, training) })
		shortly := 2050 * time.Millisecond
		switch {
		case training:
			shortly = trained.until(t, child.address, round%10 == 9)
		case round%2 == 1: // The work is well under way.
			until(&progress, progress.Load()+int64(random.IntN(20)))
		}
		<-time.After(time.Duration(random.Int64N(int64(shortly))))
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		group.Wait()
		_ = child.Wait() // It was killed.
		close(errs)
		for err := range errs {
			if err != nil {
				t.Fatalf("round %d: %v", round, err)
			}
		}
	}
	slices.Sort(ready)
	t.Logf("%d kills in %v; restart to ready: %s", rounds, time.Since(began).Round(time.Second), distribution(ready))
	child := serveAside(t, path, clock)
	checkLedgers(t, child.address, ledgers)
	checkFeed(t, child.address, feed)
	t.Logf("%d models were trained, the last step of one took %v", checkOneActive(t, child.address, trained.held)-1, trained.last)
	if trained.held < 1+(rounds+5)/10 {
		t.Errorf("%d models are known to be stored after %d kills", trained.held, rounds)
	}
	http.DefaultClient.CloseIdleConnections()
	_ = child.input.Close()
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	checkPanel(t, path, undisturbed, ledgers)
}

// until waits until so many batches are acknowledged in all, not forever.
func until(progress *atomic.Int64, batches int64) {
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for end := time.Now().Add(20 * time.Second); progress.Load() < batches && time.Now().Before(end); {
		<-every.C
	}
}

// prepared is the shop that prepare has made, for all tests that want one.
var prepared []byte

// prepare makes a shop with a model and scores.
func prepare(t *testing.T, path string) {
	t.Helper()
	if prepared == nil {
		a := open(t, func() time.Time { return midsummer })
		shop(t, a, shopOfLedger)
		fitted(t, a)
		var file bytes.Buffer
		if err := a.Store.Backup(t.Context(), &file, "shop", midsummer); err != nil {
			t.Fatal(err)
		}
		prepared = file.Bytes()
	}
	if err := os.WriteFile(path, prepared, 0o600); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// checkLedgers compares what is there with what the ledgers say, read from disk.
func checkLedgers(t *testing.T, address string, ledgers []*ledger) {
	t.Helper()
	batches, rows, lost, absent := 0, 0, 0, 0
	for _, l := range ledgers {
		if err := l.settle(address); err != nil {
			t.Error(err)
		}
		lost, absent = lost+l.lost, absent+l.absent
		file, err := os.Open(l.file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for n, lines := 0, bufio.NewScanner(file); lines.Scan(); n++ {
			kind, text, want := entry(l.sender, n)
			if lines.Text() != fmt.Sprintf("%d-%d %d", l.sender, n, want) {
				t.Fatalf("ledger of %d: line %d is %q", l.sender, n+1, lines.Text())
			}
			for _, key := range []string{fmt.Sprintf("%d-%d", l.sender, n), ""} {
				got, err := post(address, "/v1/"+kind+":import", "application/x-ndjson", key, text)
				if err != nil || got.status != http.StatusOK || key == "" && got.Unchanged != want || key != "" && !got.replayed {
					t.Fatalf("batch %d-%d again under key %q: %v, replayed %v, %s", l.sender, n, key, err, got.replayed, got.text)
				}
			}
			batches, rows = batches+1, rows+want
		}
		_ = file.Close()
	}
	t.Logf("%d acknowledged batches of %d rows are there; of those without an answer %d were whole and %d absent", batches, rows, lost, absent)
}

// checkFeed asks that all that the feed says now was heard.
func checkFeed(t *testing.T, address string, feed *follower) {
	t.Helper()
	if err := feed.follow(address, true); err != nil {
		t.Error(err)
	}
	whole := &follower{cursor: "0", heard: map[string]string{}}
	if err := whole.follow(address, true); err != nil {
		t.Error(err)
	}
	if err := feed.follow(address, true); err != nil { // What came meanwhile.
		t.Error(err)
	}
	for event, status := range whole.heard {
		if feed.heard[event] != status {
			t.Errorf("event %s (%s) was not heard", event, status)
		}
	}
	t.Logf("%d events were heard, %d of them again; %d triggers are there", len(feed.heard), feed.twice, len(whole.heard))
	if len(whole.heard) == 0 || feed.twice > 0 {
		t.Errorf("%d triggers, %d events heard again", len(whole.heard), feed.twice)
	}
}

// checkPanel loads the same batches into a copy of the shop that was never
// disturbed: every customer has the same score to the bit, and the tables hold as
// many rows.
func checkPanel(t *testing.T, path, undisturbed string, ledgers []*ledger) {
	t.Helper()
	disturbed, calm := reopen(t, path), reopen(t, undisturbed)
	intake := importing.NewIntake(calm, func() {})
	for _, l := range ledgers {
		for n := range l.acknowledged + 1 { // The last one was sent again without an answer before.
			kind, text, _ := entry(l.sender, n)
			if _, err := intake.Import(t.Context(), model.Batch{Kind: model.FactKind(kind), Format: model.BatchNDJSON, Text: strings.NewReader(text)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var held [2][]string
	var scores [2][]model.Score
	for i, a := range []*app.App{calm, disturbed} {
		if err := a.Store.Activate(t.Context(), 1, midsummer); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Scoring.Score(t.Context(), midsummer.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		history, err := a.Store.History(t.Context(), midsummer.AddDate(1, 0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range history.Kinds {
			held[i] = append(held[i], fmt.Sprint(k.Kind, " ", k.Rows))
		}
		for c := range shopOfLedger {
			scores[i] = append(scores[i], scoresOf(t, a, []string{fmt.Sprintf("C%07d", c)})...)
		}
	}
	if diff := cmp.Diff(held[0], held[1]); diff != "" {
		t.Errorf("rows (-undisturbed +killed):\n%s", diff)
	}
	own := cmpopts.IgnoreFields(model.Score{}, "Sequence", "ChangedAt", "ScoredAt", "OpenTriggers", "DataQuality")
	if diff := cmp.Diff(scores[0], scores[1], own); diff != "" {
		t.Errorf("scores (-undisturbed +killed):\n%s", diff)
	}
}
