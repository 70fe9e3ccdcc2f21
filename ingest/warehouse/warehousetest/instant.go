package warehousetest

import (
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// snapshotsByInstant publishes out of order: what counts is as of when a
// snapshot is, and of several as of one instant the last published.
func snapshotsByInstant(t *testing.T, e Engine) {
	t.Helper()
	w := e.open(t)
	_, err := w.SnapshotAt(t.Context(), asOf)
	wantKind(t, "a snapshot before the first", err, model.KindNoData)

	runs := map[string]int64{}
	for i, p := range []struct {
		name string
		days int
		risk float64
	}{{"later", 10, 0.4}, {"replaced", 0, 0.2}, {"redone", 0, 0.3}, {"earliest", -10, 0.1}} {
		r := run(score("ann", p.risk))
		r.AsOf = asOf.AddDate(0, 0, p.days)
		runs[p.name] = e.publish(t, w, r, asOf.AddDate(0, 1, i)).Run
	}
	for _, c := range []struct {
		what string
		at   time.Time
		want string
		risk float64
	}{
		{"on its instant", asOf, "redone", 0.3},
		{"just before it", asOf.Add(-time.Microsecond), "earliest", 0.1},
		{"between two", asOf.AddDate(0, 0, 9), "redone", 0.3},
		{"after all", asOf.AddDate(1, 0, 0), "later", 0.4},
		{"the current one", time.Time{}, "earliest", 0.1},
	} {
		snapshot, err := w.SnapshotAt(t.Context(), c.at)
		if err != nil || snapshot.Run != runs[c.want] {
			t.Errorf("%s: want %s, run %d, got run %d, %v", c.what, c.want, runs[c.want], snapshot.Run, err)
		}
		if scores := list(t, w, model.ScoreQuery{AsOf: c.at}); len(scores) != 1 || *scores[0].ChurnProbability != c.risk {
			t.Errorf("%s: scores %+v", c.what, scores)
		}
		rows, err := w.Cohorts(t.Context(), snapshot.Run, []string{"region"}, 5)
		if err != nil || len(rows) != 1 || *rows[0].ChurnRisk != c.risk {
			t.Errorf("%s: cohorts %+v, %v", c.what, rows, err)
		}
		turnout, err := w.Turnout(t.Context(), snapshot.Run, []string{"region"}, 5)
		if err != nil || !turnout.AsOf.Equal(snapshot.AsOf) || len(turnout.Respondents) != 1 {
			t.Errorf("%s: turnout %+v, %v", c.what, turnout, err)
		}
	}
	_, err = w.SnapshotAt(t.Context(), asOf.AddDate(0, 0, -11))
	wantKind(t, "a snapshot as of before all", err, model.KindNoData)
	_, err = w.Cohorts(t.Context(), 1<<40, []string{"region"}, 5)
	wantKind(t, "cohorts of a run that was not published", err, model.KindNotFound)
	_, err = w.Turnout(t.Context(), 1<<40, []string{"region"}, 5)
	wantKind(t, "turnout of a run that was not published", err, model.KindNotFound)
}
