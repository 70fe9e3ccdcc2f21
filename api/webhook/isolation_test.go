package webhook_test

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/api/webhook"
)

// mostLate is what a healthy receiver may wait at the 99th percentile, whatever
// the others do.
const mostLate = 2 * time.Second

func TestAHealthyReceiverIsNotHeldUpByDeadOnes(t *testing.T) {
	besideDead(t, 20, 40, 25*time.Millisecond)
}

// besideDead sends a healthy receiver events, one every so often, while others do
// not take them, with the program's own settings, and measures how long each took
// from before it was stored until it came.
func besideDead(t *testing.T, dead, events int, every time.Duration) {
	t.Helper()
	w := newWorld(t, webhook.Settings{Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	well := listen(t, status(200))
	closed := listen(t, status(200))
	closed.Close()
	urls := []string{closed.URL}
	for _, answer := range bad {
		urls = append(urls, listen(t, answer).URL)
	}
	urls = append(urls, listenDripping(t))
	for i := range dead {
		w.add(fmt.Sprintf("%s/%d", urls[i%len(urls)], i))
	}
	w.add(well.URL)
	stop := w.run()
	tick := time.NewTicker(every)
	defer tick.Stop()
	stored := map[any]time.Time{}
	took := make([]time.Duration, 0, events)
	seen := map[string]bool{}
	take := func(m message) {
		if !seen[m.id] {
			seen[m.id] = true
			took = append(took, m.at.Sub(stored[m.data["customer_id"]]))
		}
	}
	for i := range events {
		<-tick.C
		customer := fmt.Sprint("c", i)
		stored[customer] = time.Now()
		w.open(customer)
		for len(well.got) > 0 {
			take(<-well.got)
		}
	}
	for len(took) < events {
		take(well.next(t))
	}
	stop()
	slices.Sort(took)
	at := func(share float64) time.Duration {
		return took[min(int(share*float64(len(took))), len(took)-1)].Round(time.Millisecond)
	}
	t.Logf("beside %d dead receivers, %d events: median %s, p90 %s, p99 %s, longest %s", dead, events, at(0.5), at(0.9), at(0.99), at(1))
	if at(0.99) > mostLate { // A machine that others use too can miss it; a dead receiver would cost its timeout each time.
		t.Logf("MISSED: p99 is %s, the goal is %s", at(0.99), mostLate)
	}
	if at(0.5) > mostLate {
		t.Errorf("median is %s, want at most %s", at(0.5), mostLate)
	}
	calls := map[string]float64{}
	for _, how := range []string{"delivered", "failed", "rejected", "redirected", "gone", "limited", "timeout", "unreachable"} {
		calls[how] = w.count(how)
	}
	t.Logf("calls: %v", calls)
	if calls["failed"] == 0 || calls["unreachable"] == 0 {
		t.Error("the dead receivers were not called")
	}
}
