package webhook_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// A receiver that was added late and is down for a while goes on where it was, and
// is told nothing from before it was added.
func TestAnOutageLeavesTheCursorWhereItWas(t *testing.T) {
	w := newWorld(t, quick())
	w.open("old1", "old2", "old3", "old4", "old5")
	var down atomic.Bool
	down.Store(true)
	l := listener{got: make(chan message, 1000)}
	taken := make(chan string, 1000)
	server := listenTo(t, &l, func(rw http.ResponseWriter, m message) {
		if down.Load() {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		customer, _ := m.data["customer_id"].(string)
		taken <- customer
	})
	w.run()
	id, _ := w.add(server)
	began := w.receiver(id).Cursors[model.FeedTriggers]
	if began == 0 {
		t.Fatal("a late receiver begins at 0")
	}
	w.open("new1", "new2", "new3", "new4")
	for range 6 {
		<-l.got // Down, and tried again.
	}
	down.Store(false)
	heard := map[string]bool{}
	for deadline := time.After(20 * time.Second); len(heard) < 4; {
		select {
		case customer := <-taken:
			if strings.HasPrefix(customer, "old") {
				t.Fatalf("told of %s, which was before the receiver was added", customer)
			}
			heard[customer] = true
		case <-deadline:
			t.Fatalf("heard of %v alone", heard)
		}
	}
	eventually(t, "the cursor is behind all", func() bool { return w.receiver(id).Cursors[model.FeedTriggers] >= began+4 })
}

// Events that a receiver does not want, whatever it says to them, hold up no
// other ones.
func TestUnwantedEventsHoldUpNoOthers(t *testing.T) {
	for name, status := range map[string]int{"it says that the event is wrong": 422, "it knows no such address": 404, "it fails on them": 500} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, quick())
			l := listener{got: make(chan message, 1000)}
			server := listenTo(t, &l, func(rw http.ResponseWriter, m message) {
				if c, _ := m.data["customer_id"].(string); strings.HasPrefix(c, "poison") {
					rw.WriteHeader(status)
				}
			})
			w.run()
			w.add(server)
			w.open("poison1", "poison2", "poison3", "poison4", "poison5", "healthy")
			for deadline := time.After(20 * time.Second); ; {
				select {
				case m := <-l.got:
					if m.data["customer_id"] == "healthy" {
						return
					}
				case <-deadline:
					t.Fatal("the healthy event never came")
				}
			}
		})
	}
}
