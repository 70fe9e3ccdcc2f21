package warehouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

// memory is a database that only remembers migrations.
type memory struct {
	applied []warehouse.Applied
	failAt  int
}

func (m *memory) Applied(context.Context) ([]warehouse.Applied, error) { return m.applied, nil }

func (m *memory) Apply(_ context.Context, g warehouse.Migration) error {
	if g.Version == m.failAt {
		return errors.New("no")
	}
	m.applied = append(m.applied, warehouse.Applied{Version: g.Version, Name: g.Name, Checksum: g.Checksum})
	return nil
}

func migrations(t *testing.T, files ...string) []warehouse.Migration {
	t.Helper()
	fsys := fstest.MapFS{}
	for _, f := range files {
		name, text, _ := strings.Cut(f, "=")
		fsys["m/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	out, err := warehouse.LoadMigrations(fsys, "m")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMigrationsAreAppliedOnce(t *testing.T) {
	db := &memory{}
	both := migrations(t, "0001_a.sql=SELECT 1", "0002_b.sql=SELECT 2")
	for i, want := range []int{1, 1, 0} {
		n, err := warehouse.Migrate(t.Context(), db, both[:min(i+1, 2)])
		if err != nil || n != want {
			t.Errorf("round %d: applied %d (%v), want %d", i, n, err, want)
		}
	}
	if diff := cmp.Diff([]warehouse.Applied{
		{Version: 1, Name: "0001_a", Checksum: both[0].Checksum}, {Version: 2, Name: "0002_b", Checksum: both[1].Checksum},
	}, db.applied); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
}

func TestAMigrationThatFailsStopsThere(t *testing.T) {
	db := &memory{failAt: 2}
	n, err := warehouse.Migrate(t.Context(), db, migrations(t, "0001_a.sql=SELECT 1", "0002_b.sql=SELECT 2", "0003_c.sql=SELECT 3"))
	if err == nil || n != 1 || len(db.applied) != 1 {
		t.Errorf("applied %d, %v, %v", n, db.applied, err)
	}
}

func TestADatabaseOfAnotherProgramStaysUntouched(t *testing.T) {
	for name, c := range map[string]struct {
		was, is []string
		says    string
	}{
		"newer":   {[]string{"0001_a.sql=1", "0002_b.sql=2"}, []string{"0001_a.sql=1"}, "use a newer version"},
		"changed": {[]string{"0001_a.sql=1"}, []string{"0001_a.sql=other", "0002_b.sql=2"}, "was changed after it was applied"},
		"renamed": {[]string{"0001_a.sql=1"}, []string{"0001_z.sql=1", "0002_b.sql=2"}, "another program"},
	} {
		db := &memory{}
		if _, err := warehouse.Migrate(t.Context(), db, migrations(t, c.was...)); err != nil {
			t.Fatal(err)
		}
		n, err := warehouse.Migrate(t.Context(), db, migrations(t, c.is...))
		if model.KindOf(err) != model.KindConflict || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if n != 0 || len(db.applied) != len(c.was) {
			t.Errorf("%s: applied %d", name, n)
		}
	}
}

func TestWhatADatabaseLacksIsCounted(t *testing.T) {
	all := migrations(t, "0001_a.sql", "0002_b.sql", "0003_c.sql")
	target := &memory{}
	if _, err := warehouse.Migrate(t.Context(), target, all[:1]); err != nil {
		t.Fatal(err)
	}
	if lacks, err := warehouse.Unapplied(t.Context(), target, all); lacks != 2 || err != nil {
		t.Errorf("%d, %v", lacks, err)
	}
	if _, err := warehouse.Unapplied(t.Context(), target, all[1:]); model.KindOf(err) != model.KindConflict {
		t.Errorf("another program's: %v", err)
	}
}

func TestMigrationsCountUpFromOne(t *testing.T) {
	for _, names := range [][]string{{"0002_a.sql"}, {"0001_a.sql", "0003_c.sql"}, {"0001_a.sql", "0001_b.sql"}, {"a.sql"}} {
		fsys := fstest.MapFS{}
		for _, name := range names {
			fsys["m/"+name] = &fstest.MapFile{Data: []byte("SELECT 1")}
		}
		if got, err := warehouse.LoadMigrations(fsys, "m"); err == nil {
			t.Errorf("%v loaded as %v", names, got)
		}
	}
}
