package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// layout lacks so many migrations, or fails.
type layout struct {
	lacks int
	fail  error
}

func (l layout) Unapplied(context.Context) (int, error) { return l.lacks, l.fail }

// readiness is what /readyz says.
type readiness struct {
	Status string             `json:"status"`
	Checks []model.ReadyCheck `json:"checks"`
}

func TestReadyNamesWhatDoesNotHold(t *testing.T) {
	serving := model.ReadyCheck{Name: "serving", OK: true, Detail: "requests are answered"}
	database := model.ReadyCheck{Name: "database", OK: true, Detail: "it answers"}
	migrations := model.ReadyCheck{Name: "migrations", OK: true, Detail: "all are applied"}
	snapshot := model.ReadyCheck{Name: "snapshot", OK: true, Detail: "scores are served"}
	for name, tt := range map[string]struct {
		held   shelf
		layout layout
		code   int
		want   readiness
	}{
		"all holds": {code: 200, want: readiness{"ready", []model.ReadyCheck{database, migrations, snapshot, serving}}},
		"nothing was scored": {held: shelf{fail: model.Errorf(model.KindNoData, "none")}, code: 200, want: readiness{"ready", []model.ReadyCheck{
			database, migrations, {Name: "snapshot", OK: true, Detail: "nothing was scored yet"}, serving,
		}}},
		"a dead disk": {held: shelf{fail: model.Errorf(model.KindUnavailable, "secret")}, layout: layout{fail: model.Errorf(model.KindUnavailable, "secret")}, code: 503, want: readiness{"not ready", []model.ReadyCheck{
			{Name: "database", Detail: "it does not answer"}, {Name: "migrations", Detail: "they can't be read"}, {Name: "snapshot", Detail: "it can't be read"}, serving,
		}}},
		"an older layout": {layout: layout{lacks: 1}, code: 503, want: readiness{"not ready", []model.ReadyCheck{
			database, {Name: "migrations", Detail: "some are not applied"}, snapshot, serving,
		}}},
		"another program's layout": {layout: layout{fail: model.Errorf(model.KindConflict, "secret")}, code: 503, want: readiness{"not ready", []model.ReadyCheck{
			database, {Name: "migrations", Detail: "another version of the program has laid out the database"}, snapshot, serving,
		}}},
	} {
		s := serveParts(t, api.Parts{Scores: &tt.held, Layout: tt.layout}, api.Options{})
		answer := s.ask(t, http.MethodGet, "/readyz")
		var got readiness
		if err := json.Unmarshal([]byte(answer.body), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.want, got); answer.status != tt.code || diff != "" {
			t.Errorf("%s: %d (-want +got):\n%s", name, answer.status, diff)
		}
		if answer := s.ask(t, http.MethodGet, "/healthz"); answer.status != http.StatusOK {
			t.Errorf("%s: healthz %d", name, answer.status)
		}
	}
}
