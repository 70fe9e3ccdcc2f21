package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Layout says whether the database is laid out as the program expects.
type Layout interface {
	// Unapplied counts the migrations that the database lacks; a database that
	// another program has laid out is KindConflict.
	Unapplied(ctx context.Context) (int, error)
}

// readyTimeout is how long the database may take before it counts as gone.
const readyTimeout = 2 * time.Second

// Readiness says what must hold before requests are sent here: that the database
// answers, that it is laid out, and that its snapshot can be read. No snapshot is
// fine, since facts can be imported without one. A nil layout is not asked.
func Readiness(ctx context.Context, scores Scores, layout Layout) []model.ReadyCheck {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	database := model.ReadyCheck{Name: "database", OK: true, Detail: "it answers"}
	snapshot := model.ReadyCheck{Name: "snapshot", OK: true, Detail: "scores are served"}
	_, err := scores.Snapshot(ctx)
	switch {
	case err == nil:
	case model.KindOf(err) == model.KindNoData:
		snapshot.Detail = "nothing was scored yet"
	default:
		database = model.ReadyCheck{Name: "database", Detail: "it does not answer"}
		snapshot = model.ReadyCheck{Name: "snapshot", Detail: "it can't be read"}
	}
	checks := []model.ReadyCheck{database}
	if layout != nil {
		checks = append(checks, layoutCheck(ctx, layout))
	}
	return append(checks, snapshot)
}

func layoutCheck(ctx context.Context, layout Layout) model.ReadyCheck {
	c := model.ReadyCheck{Name: "migrations", Detail: "all are applied"}
	switch lacking, err := layout.Unapplied(ctx); {
	case err != nil && model.KindOf(err) == model.KindConflict:
		c.Detail = "another version of the program has laid out the database"
	case err != nil:
		c.Detail = "they can't be read"
	case lacking > 0:
		c.Detail = "some are not applied"
	default:
		c.OK = true
	}
	return c
}

// serveReady answers 200 while everything holds, and 503 where something does
// not or the server is about to stop. The checks are named in both.
func (s *Server) serveReady(w http.ResponseWriter, r *http.Request) {
	checks := Readiness(r.Context(), s.scores, s.layout)
	serving := model.ReadyCheck{Name: "serving", OK: !s.draining.Load(), Detail: "requests are answered"}
	if !serving.OK {
		serving.Detail = "the server is stopping"
	}
	checks = append(checks, serving)
	status, word := http.StatusOK, "ready"
	for _, c := range checks {
		if !c.OK {
			status, word = http.StatusServiceUnavailable, "not ready"
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(struct { // The client is gone when this fails.
		Status string             `json:"status"`
		Checks []model.ReadyCheck `json:"checks"`
	}{word, checks})
}
