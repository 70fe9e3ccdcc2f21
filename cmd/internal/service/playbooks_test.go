package service_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

// rows loads rows of a kind.
func rows(t *testing.T, a *app.App, kind, text string) {
	t.Helper()
	path := filepath.Join(a.Spool(), kind+".csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	load(t.Context(), t, a, kind, path)
}

func TestPlaybooksAreRunWhenSomethingHappened(t *testing.T) {
	var now atomic.Int64 // since noon
	a := open(t, func() time.Time { return noon.Add(time.Duration(now.Load())) })
	a.Config.Retention.RunEvery = config.Duration(time.Hour)
	order(t, a, 1, noon.Add(-time.Hour))
	rows(t, a, "customers", "customer_id,signed_up_at,marketing_consent\nc1,2025-01-01,true\n")

	ctx, stop := context.WithCancel(t.Context())
	happened, done := make(chan struct{}), make(chan bool)
	var group sync.WaitGroup
	group.Go(func() {
		service.RunPlaybooks(ctx, a, slog.New(slog.DiscardHandler), happened, func(ok bool) { done <- ok })
	})
	happened <- struct{}{}
	first := <-done
	now.Store(int64(10 * time.Minute))
	rows(t, a, "responses", "response_id,customer_id,answered_at,kind,score\nr1,c1,2026-03-01T12:05:00Z,nps,3\n")
	happened <- struct{}{}
	second := <-done
	stop()
	group.Wait()

	found, err := a.Retention.List(t.Context(), model.TriggerQuery{Statuses: []model.TriggerStatus{model.TriggerOpen}})
	if err != nil {
		t.Fatal(err)
	}
	if !first || !second || len(found) != 1 || found[0].Playbook != "detractor" || !found[0].DueAt.Equal(noon.Add(2*time.Hour+5*time.Minute)) {
		t.Errorf("runs %v, %v; open: %+v", first, second, found)
	}
}
