package webhook_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/churnwatch/churnwatch/api/webhook"
	"github.com/churnwatch/churnwatch/model"
)

func TestAReceiverHearsOfEachChangeWithItsNumber(t *testing.T) {
	w := newWorld(t, quick())
	w.open("before")
	all, some := listen(t, status(200)), listen(t, status(204))
	w.run()
	id, secret := w.add(all.URL)
	w.add(some.URL, "trigger.done", "score.*")
	w.open("ann", "bob")
	if err := w.store.AppendLives(t.Context(), []model.TriggerStatus{model.TriggerOpen}, model.TriggerLife{TriggerID: "t2-bob", Status: model.TriggerDone, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for len(got) < 2 || got["3"] == "" && got["4"] == "" {
		m := all.next(t)
		if err := hook.Verify(m.body, m.header); err != nil {
			t.Errorf("verify: %v", err)
		}
		if len(m.subject) != 64 || !strings.HasPrefix(m.id, "trigger-"+m.data["sequence"].(string)+"-") || m.data["customer_id"] == "" {
			t.Errorf("message %s of %s", m.body, m.id)
		}
		got[m.data["sequence"].(string)] = fmt.Sprint(m.kind, " ", m.data["customer_id"], " ", m.data["status"])
	}
	if m := some.next(t); m.kind != "trigger.done" || m.data["sequence"] != "4" {
		t.Errorf("who chose what is done got %s", m.body)
	}
	if got["2"] != "trigger.open ann open" || got["4"] != "" && got["4"] != "trigger.done bob done" {
		t.Errorf("got %v", got)
	}
	eventually(t, "the cursor is at the end", func() bool { return w.receiver(id).Cursors[model.FeedTriggers] == 4 })
	if r := w.receiver(id); r.LastSuccessAt == nil || r.FailingSince != nil || r.Waiting+r.Dead > 0 {
		t.Errorf("receiver %+v", r)
	}
	if n := w.shown("churnwatch_webhook_backlog", ""); n != 0 {
		t.Errorf("a backlog of %v", n)
	}
}

func TestARetrySendsTheSameIDAndBytes(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, func(w http.ResponseWriter, n int) {
		if n <= 2 {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	w.run()
	id, secret := w.add(l.URL)
	w.open("ann")
	first := l.next(t)
	hook, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		again := l.next(t)
		if again.id != first.id || string(again.body) != string(first.body) {
			t.Errorf("sent %s %s, then %s %s", first.id, first.body, again.id, again.body)
		}
		if err := hook.Verify(again.body, again.header); err != nil {
			t.Errorf("verify: %v", err)
		}
	}
	eventually(t, "nothing waits", func() bool { r := w.receiver(id); return r.Waiting == 0 && r.LastSuccessAt != nil && r.Reason == "" })
}

// bad are receivers that do not take what comes, by how the call ends.
var bad = map[string]func(http.ResponseWriter, int){
	"failed":   status(http.StatusInternalServerError),
	"rejected": status(http.StatusBadRequest),
	"redirected": func(w http.ResponseWriter, _ int) {
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	},
	"gone": status(http.StatusGone),
	"limited": func(w http.ResponseWriter, _ int) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	"timeout": func(w http.ResponseWriter, _ int) { // It hangs.
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			defer func() { _ = connection.Close() }()
			_, _ = connection.Read(make([]byte, 1))
		}
	},
	"unreachable": func(w http.ResponseWriter, _ int) { // It resets.
		connection, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = connection.(*net.TCPConn).SetLinger(0)
			_ = connection.Close()
		}
	},
}

// drips answers one byte at a time until the caller is gone.
func drips(w http.ResponseWriter, text string, every time.Duration) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, connection)
	}()
	defer func() {
		_ = connection.Close()
		<-gone
	}()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := range text {
		if _, err := connection.Write([]byte{text[i]}); err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-gone:
			return
		}
	}
}

func TestReceiversThatDoNotTakeWhatComesAreToldApart(t *testing.T) {
	w := newWorld(t, quick())
	well := listen(t, status(200))
	listeners, ids := map[string]*listener{}, map[string]string{}
	for name, answer := range bad {
		listeners[name] = listen(t, answer)
	}
	w.run()
	w.add(well.URL)
	for name, l := range listeners {
		ids[name], _ = w.add(l.URL)
	}
	w.open("ann")
	if m := well.next(t); m.data["customer_id"] != "ann" {
		t.Errorf("the healthy one got %s", m.body)
	}
	for name := range bad {
		eventually(t, name, func() bool { return w.count(name) > 0 && w.receiver(ids[name]).FailingSince != nil })
	}
	if r := w.receiver(ids["gone"]); r.State != model.ReceiverDisabled || r.Dead != 1 {
		t.Errorf("410: %+v", r)
	}
	reasons := map[string]string{}
	for name, id := range ids {
		reasons[name] = w.receiver(id).Reason
	}
	reasons["unreachable"] = strings.Join(strings.Fields(reasons["unreachable"])[3:], " ") // Behind the ports.
	want := map[string]string{
		"failed": "it answered 500 Internal Server Error", "rejected": "it answered 400 Bad Request",
		"redirected": "it answered 302 Found, and redirects are not followed: give the address that it leads to",
		"gone":       "it answered 410 Gone: it wants no more events", "limited": "it answered 429 Too Many Requests",
		"timeout": "it did not answer within 1s", "unreachable": "read: connection reset by peer",
	}
	if diff := cmp.Diff(want, reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if n := listeners["redirected"].n.Load(); n < 1 || len(listeners["limited"].got) != 1 {
		t.Errorf("redirected called %d times, limited %d times", n, len(listeners["limited"].got))
	}
	for range len(listeners["redirected"].got) {
		if m := <-listeners["redirected"].got; m.kind == "" {
			t.Error("the redirect was followed")
		}
	}
	// The waiting time that was asked for is kept.
	waiting, err := w.service.Undelivered(t.Context(), ids["limited"])
	if err != nil || len(waiting) != 1 || waiting[0].DueAt.Sub(waiting[0].FirstAt) != time.Hour {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
	if text := w.log.String(); !strings.Contains(text, "level=ERROR") || !strings.Contains(text, "webhook receiver is disabled") || strings.Contains(text, "ann") {
		t.Errorf("log: %s", text)
	}
}

func TestAnAnswerThatDripsHoldsNobody(t *testing.T) {
	w := newWorld(t, quick())
	head := listen(t, func(w http.ResponseWriter, _ int) { drips(w, "HTTP/1.1 200 OK\r\n\r\n", time.Second) })
	body := listen(t, func(w http.ResponseWriter, _ int) {
		w.Header().Set("Content-Length", "1000000")
		_ = http.NewResponseController(w).Flush()
		drips(w, "0123456789", 50*time.Millisecond)
	})
	w.run()
	slow, _ := w.add(head.URL)
	well, _ := w.add(body.URL)
	w.open("ann")
	eventually(t, "a head that drips times out", func() bool { return strings.Contains(w.receiver(slow).Reason, "did not answer within") })
	eventually(t, "a body that drips was taken at its head", func() bool { return w.receiver(well).LastSuccessAt != nil })
	if w.count("timeout") == 0 {
		t.Error("no timeout was counted")
	}
}

func TestAnEventThatIsNeverTakenHoldsUpNoOther(t *testing.T) {
	w := newWorld(t, quick())
	l := listen(t, nil)
	l.Close()
	var poison listener
	poison.got = make(chan message, 1000)
	refuse := func(rw http.ResponseWriter, m message) {
		if m.data["customer_id"] == "poison" {
			rw.WriteHeader(http.StatusUnprocessableEntity)
		}
	}
	server := listenTo(t, &poison, refuse)
	w.run()
	id, _ := w.add(server)
	w.open("poison", "a", "b", "c", "d", "e", "f")
	seen := map[any]bool{}
	for len(seen) < 7 {
		seen[poison.next(t).data["customer_id"]] = true
	}
	eventually(t, "one event waits", func() bool { r := w.receiver(id); return r.Waiting == 1 && r.Cursors[model.FeedTriggers] == 7 })
}

func TestWhatIsGivenUpCanBeReplayed(t *testing.T) {
	settings := quick()
	settings.RetryFor = 50 * time.Millisecond
	w := newWorld(t, settings)
	l := listen(t, status(503))
	stop := w.run()
	id, _ := w.add(l.URL)
	w.open("ann")
	first := l.next(t)
	eventually(t, "it is given up", func() bool { return w.receiver(id).Dead == 1 })
	if !strings.Contains(w.log.String(), "webhook event was given up") {
		t.Errorf("log: %s", w.log)
	}
	dead, err := w.service.Undelivered(t.Context(), id)
	if err != nil || len(dead) != 1 || dead[0].DiedAt == nil || dead[0].DueAt != nil || dead[0].Attempts < 2 || dead[0].Reason != "it answered 503 Service Unavailable" {
		t.Fatalf("given up: %+v, %v", dead, err)
	}
	l.says(status(http.StatusOK))
	replay := func(q webhook.Replay, want int) {
		t.Helper()
		for len(l.got) > 0 {
			<-l.got
		}
		if got, err := w.service.Replay(t.Context(), id, q); err != nil || got.Events != want {
			t.Fatalf("replay %+v: %+v, %v", q, got, err)
		}
		for range want {
			if m := l.next(t); want == 1 && m.id != first.id {
				t.Errorf("replay %+v sent %s, want %s", q, m.id, first.id)
			}
		}
	}
	replay(webhook.Replay{Failed: true}, 1)
	eventually(t, "nothing is left", func() bool { r := w.receiver(id); return r.Dead+r.Waiting == 0 })
	replay(webhook.Replay{Failed: true}, 0)
	replay(webhook.Replay{EventID: first.id}, 1) // From its feed.
	w.open("bob", "cid")
	for range 2 {
		l.next(t)
	}
	replay(webhook.Replay{Feed: model.FeedTriggers}, 3)
	replay(webhook.Replay{Feed: model.FeedTriggers, Since: 1}, 2)
	replay(webhook.Replay{Feed: model.FeedTriggers, Until: 1}, 1)
	for _, c := range []struct {
		id    string
		q     webhook.Replay
		kind  model.ErrorKind
		about string
	}{
		{"wh_none", webhook.Replay{Failed: true}, model.KindNotFound, `there is no receiver "wh_none"`},
		{id, webhook.Replay{EventID: "trigger-1-000000000000"}, model.KindNotFound, "is not on its feed any more"},
		{id, webhook.Replay{EventID: "what"}, model.KindInvalid, "want an id such as"},
	} {
		if _, err := w.service.Replay(t.Context(), c.id, c.q); model.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.about) {
			t.Errorf("replay %+v: %v", c.q, err)
		}
	}
	stop()
	replayed, err := w.service.Replay(t.Context(), id, webhook.Replay{EventID: first.id})
	if err != nil || replayed.Events != 1 {
		t.Errorf("without a server: %+v, %v", replayed, err)
	}
	w.renew()
	w.run()
	if m := l.next(t); m.id != first.id {
		t.Errorf("the next start sent %s", m.id)
	}
}
