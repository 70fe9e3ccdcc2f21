package service_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

// ready asks /readyz for its status, and for the checks that do not hold.
func (r *running) ready() (status int, broken []string) {
	r.t.Helper()
	status, body := r.get("/readyz")
	var said struct {
		Checks []model.ReadyCheck `json:"checks"`
	}
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		r.t.Errorf("%v: %s", err, body)
	}
	for _, c := range said.Checks {
		if !c.OK {
			broken = append(broken, c.Name)
		}
	}
	return status, broken
}

// A balancer hears of the end while requests are still answered.
func TestAStoppingServerAnswersAndSaysThatItIsNotReady(t *testing.T) {
	a := open(t, time.Now)
	a.Config.Server.Drain = config.Duration(2 * time.Second)
	r := start(t, a, nothing)
	if status, broken := r.ready(); status != http.StatusOK || broken != nil {
		t.Fatalf("%d %v", status, broken)
	}

	r.cancel()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	status, broken := r.ready()
	for ; status == http.StatusOK; status, broken = r.ready() {
		<-every.C
	}
	if status != http.StatusServiceUnavailable || len(broken) != 1 || broken[0] != "serving" {
		t.Errorf("%d %v", status, broken)
	}
	if status, _ := r.get("/v1/scores"); status != http.StatusConflict {
		t.Errorf("a request during the drain: %d", status)
	}
}

func TestAServerWhoseDatabaseIsGoneIsNotReady(t *testing.T) {
	a := open(t, time.Now)
	r := start(t, a, nothing)
	if err := a.Store.Close(); err != nil {
		t.Fatal(err)
	}
	status, broken := r.ready()
	if status != http.StatusServiceUnavailable || len(broken) != 3 {
		t.Errorf("%d %v", status, broken)
	}
	if status, _ := r.get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz %d", status)
	}
}
