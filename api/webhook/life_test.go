package webhook_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/model"
)

func TestAReceiverThatIsGoneGoesOnWhereItWas(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, status(http.StatusGone))
	w.run()
	id, _ := w.add(l.URL)
	w.open("ann")
	first := l.next(t)
	eventually(t, "it is disabled", func() bool { return w.receiver(id).State == model.ReceiverDisabled })
	if w.shown("churnwatch_webhook_receivers", "disabled") != 1 || w.shown("churnwatch_webhook_undelivered", "dead") != 1 {
		t.Error("the metrics do not show it")
	}
	w.open("bob")
	if _, err := w.service.Replay(t.Context(), id, webhook.Replay{Failed: true}); model.KindOf(err) != model.KindConflict {
		t.Errorf("replay to a disabled receiver: %v", err)
	}
	l.says(status(http.StatusOK))
	if r, err := w.service.Enable(t.Context(), id); err != nil || r.State != model.ReceiverActive {
		t.Fatalf("enable: %+v, %v", r, err)
	}
	if m := l.next(t); m.data["customer_id"] != "bob" {
		t.Errorf("it went on with %s", m.body)
	}
	if _, err := w.service.Replay(t.Context(), id, webhook.Replay{Failed: true}); err != nil {
		t.Error(err)
	}
	if m := l.next(t); m.id != first.id {
		t.Errorf("replayed %s, want %s", m.id, first.id)
	}
}

func TestAReceiverThatTakesNothingForDaysIsDisabled(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, status(http.StatusBadGateway))
	w.run()
	id, _ := w.add(l.URL)
	w.open("a", "b", "c", "d")
	eventually(t, "it is down", func() bool { return strings.Contains(w.log.String(), "webhook receiver is down") })
	if r := w.receiver(id); r.State != model.ReceiverActive {
		t.Errorf("at once: %+v", r)
	}
	w.ahead.Store(int64(6 * 24 * time.Hour))
	eventually(t, "it is disabled", func() bool { return w.receiver(id).State == model.ReceiverDisabled })
	if r := w.receiver(id); !strings.Contains(r.Reason, "nothing came through since") || !strings.Contains(r.Reason, "502 Bad Gateway") {
		t.Errorf("reason %q", r.Reason)
	}
	// What is too old to be kept is told of, and forgotten.
	w.ahead.Store(int64(60 * 24 * time.Hour))
	if _, err := w.service.Enable(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	eventually(t, "old events are forgotten", func() bool { return strings.Contains(w.log.String(), "undelivered webhooks were too old to be kept") })
}

func TestAReceiverThatIsDownHearsTheNewestStateWhenItAnswersAgain(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, status(http.StatusServiceUnavailable))
	w.run()
	id, _ := w.add(l.URL)
	w.open("a", "b", "c", "d")
	eventually(t, "it is down", func() bool { return strings.Contains(w.log.String(), "webhook receiver is down") })
	for i := range 20 {
		w.open(fmt.Sprint("late", i))
	}
	if err := w.store.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerOpen}, model.TriggerLife{TriggerID: "t2-late0", Status: model.TriggerDone, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if r := w.receiver(id); r.Waiting > 8 {
		t.Errorf("%d events are kept for a receiver that is down", r.Waiting)
	}
	for len(l.got) > 0 {
		<-l.got
	}
	l.says(status(http.StatusOK))
	seen, order := map[any]any{}, 0
	for len(seen) < 24 {
		m := l.next(t)
		if was, again := seen[m.data["customer_id"]]; again && was != m.data["status"] {
			t.Errorf("%v was told twice", m.data["customer_id"])
		}
		seen[m.data["customer_id"]] = m.data["status"]
		order++
	}
	if seen["late0"] != "done" {
		t.Errorf("late0 is %v", seen["late0"])
	}
	if order > 24+8 {
		t.Errorf("%d messages for 24 triggers", order)
	}
	eventually(t, "all is well", func() bool { r := w.receiver(id); return r.Waiting == 0 && r.FailingSince == nil })
}

func TestARestartGoesOnWithTheSameIDs(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, func(w http.ResponseWriter, n int) {
		if n%2 == 1 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	stop := w.run()
	id, _ := w.add(l.URL)
	ids := map[any]string{}
	taken := map[string]bool{}
	for round := range 4 {
		w.open(fmt.Sprint("a", round), fmt.Sprint("b", round), fmt.Sprint("c", round))
		l.next(t)
		stop()
		w.renew()
		stop = w.run()
	}
	eventually(t, "all is delivered", func() bool { r := w.receiver(id); return r.Waiting == 0 && r.Cursors[model.FeedTriggers] == 12 })
	stop()
	for len(l.got) > 0 {
		m := <-l.got
		sequence := m.data["sequence"]
		if was, known := ids[sequence]; known && was != m.id {
			t.Errorf("change %v came as %s and as %s", sequence, was, m.id)
		}
		ids[sequence], taken[m.id] = m.id, true
	}
	if len(taken) < 8 { // Of each round one was taken from the channel above.
		t.Errorf("only %v came", taken)
	}
}

func TestAnErasureIsToldAndLeavesNothing(t *testing.T) {
	const wanda = "wanda-erasable-77"
	w := newWorld(t, quick())
	broken, well := listen(t, status(http.StatusInternalServerError)), listen(t, status(http.StatusOK))
	stop := w.run()
	id, _ := w.add(broken.URL)
	w.add(well.URL, "score.changed") // Of erasures it hears all the same.
	w.open(wanda)
	subject := broken.next(t).subject
	eventually(t, "an event about her waits", func() bool { return w.receiver(id).Waiting == 1 })

	release := w.service.Hold(t.Context())
	receipt, err := w.store.EraseCustomer(t.Context(), wanda, w.clock())
	if err != nil {
		t.Fatal(err)
	}
	w.service.Erased(wanda, receipt.Subject)
	for len(broken.got) > 0 {
		<-broken.got
	}
	release()
	for _, l := range []*listener{well, broken} {
		m := l.next(t)
		if m.kind != "customer.erased" || m.subject != subject || m.data["subject"] != receipt.Subject || m.data["customer_id"] != wanda || m.data["sequence"] != "1" {
			t.Errorf("told %s, want subject %s", m.body, subject)
		}
	}
	eventually(t, "the notice waits", func() bool { return w.receiver(id).Waiting == 1 })
	left, err := w.service.Undelivered(t.Context(), id)
	if err != nil || len(left) != 1 || left[0].Feed != model.FeedErasures {
		t.Fatalf("undelivered: %+v, %v", left, err)
	}
	stop()
	w.onDisk(wanda)

	// The next program does not know her name any more, and tells all the same.
	for len(broken.got) > 0 {
		<-broken.got
	}
	broken.says(status(http.StatusOK))
	w.renew()
	w.run()
	m := broken.next(t)
	if m.kind != "customer.erased" || m.id != left[0].EventID || m.subject != subject || m.data["customer_id"] != nil {
		t.Errorf("told after the restart: %s %s", m.id, m.body)
	}
	if strings.Contains(w.log.String(), wanda) {
		t.Error("the log names her")
	}
	w.onDisk(wanda)
}

// onDisk fails where a text is anywhere in the database's folder.
func (w *world) onDisk(text string) {
	w.t.Helper()
	err := filepath.WalkDir(filepath.Dir(w.path), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			w.t.Errorf("%s holds %s", path, text)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
