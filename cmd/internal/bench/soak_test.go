package bench_test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/bench"
)

// A process that grows by a goroutine a look is told from one whose descriptors
// stay, and faults of the server are counted.
func TestASoakTellsWhatGrows(t *testing.T) {
	var looks, asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/metrics":
			fmt.Fprintf(w, "# HELP x\ngo_goroutines %d\nprocess_open_fds 12\n", 100+looks.Add(1))
		case "/v1/drift":
			w.WriteHeader(http.StatusInternalServerError)
		}
		asked.Add(1)
	}))
	defer server.Close()
	r, err := bench.Soak(t.Context(), bench.SoakRequest{URL: server.URL, Lasts: 300 * time.Millisecond, Every: 10 * time.Millisecond, Clients: 2}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Trends) != 2 || r.Requests == 0 || r.Failed == 0 || r.Failed >= r.Requests || r.Samples < 5 {
		t.Fatalf("%+v", r)
	}
	if g := r.Trends[0]; g.What != "go_goroutines" || g.Low <= 1 || g.Last <= g.First {
		t.Errorf("%+v", g)
	}
	if g := r.Trends[1]; g.What != "process_open_fds" || math.Abs(g.PercentPerHour) > 1e-6 || g.Mean != 12 {
		t.Errorf("%+v", g)
	}
	server.Close()
	if _, err := bench.Soak(t.Context(), bench.SoakRequest{URL: server.URL, Lasts: time.Second, Every: time.Second, Clients: 1}, time.Now); err == nil {
		t.Error("a server that is gone was soaked")
	}
}
