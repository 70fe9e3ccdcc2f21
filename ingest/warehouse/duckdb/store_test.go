package duckdb_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// noon is the instant that the clocks of these tests show.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func openAt(t *testing.T, options duckdb.Options) *duckdb.Store {
	t.Helper()
	options.Clock, options.Threads = clock, 2
	s, err := duckdb.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// value returns the one value that a query gives.
func value[T any](t *testing.T, s *duckdb.Store, query string, args ...any) (v T) {
	t.Helper()
	err := s.Read(t.Context(), func(tx *sql.Tx) error {
		return tx.QueryRowContext(t.Context(), query, args...).Scan(&v)
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestAStoreOpensAgainAfterItWasClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a shop & co.duckdb")
	for range 2 {
		s := openAt(t, duckdb.Options{Path: path})
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(path + ".wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a closed store leaves its log behind: %v", err)
	}
}

func TestAStoreInMemoryLeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := openAt(t, duckdb.Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOpeningExplainsWhatIsWrong(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("these are notes, not a database\n", 200)), 0o600); err != nil {
		t.Fatal(err)
	}
	held := filepath.Join(dir, "held.duckdb")
	openAt(t, duckdb.Options{Path: held})

	for _, c := range []struct {
		name    string
		options duckdb.Options
		kind    model.ErrorKind
		says    string
	}{
		{"open in this process", duckdb.Options{Path: held, Threads: 2}, model.KindConflict, "is open in this process already"},
		{"another configuration", duckdb.Options{Path: held, Threads: 1}, model.KindConflict, "is open in this process already"},
		{"no database", duckdb.Options{Path: text}, model.KindInvalid, "is not a database"},
		{"no folder", duckdb.Options{Path: filepath.Join(dir, "no", "shop.duckdb")}, model.KindInvalid, "folder does not exist"},
		{"a folder", duckdb.Options{Path: dir}, model.KindInvalid, dir},
		{"a path that the driver cuts", duckdb.Options{Path: filepath.Join(dir, "a?b")}, model.KindInvalid, "may not hold"},
		{"a wrong memory limit", duckdb.Options{MemoryLimit: "much"}, model.KindInvalid, "memory"},
		{"negative threads", duckdb.Options{Threads: -1}, model.KindInvalid, "threads -1"},
	} {
		c.options.Clock = clock
		s, err := duckdb.Open(t.Context(), c.options)
		if err == nil {
			t.Errorf("%s: opened", c.name)
			_ = s.Close()
			continue
		}
		if model.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: want %s and %q, got %s: %v", c.name, c.kind, c.says, model.KindOf(err), err)
		}
	}
	if _, err := duckdb.Open(t.Context(), duckdb.Options{}); model.KindOf(err) != model.KindInvalid {
		t.Errorf("without a clock: %v", err)
	}
}

func TestAFileOfAnotherProgramVersionIsAConflict(t *testing.T) {
	for name, c := range map[string]struct{ change, says string }{
		"newer":   {"INSERT INTO schema_migrations VALUES (999, '0999_later', 'x', TIMESTAMP '2026-01-01')", "use a newer version"},
		"changed": {"UPDATE schema_migrations SET checksum = 'other' WHERE version = 1", "0001_facts was changed"},
	} {
		path := filepath.Join(t.TempDir(), "shop.duckdb")
		s := openAt(t, duckdb.Options{Path: path})
		if err := s.Exec(t.Context(), c.change); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		_, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, Clock: clock})
		if model.KindOf(err) != model.KindConflict || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSQLTouchesNothingButTheSpoolAndTheAllowedFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"spool/in.csv", "given.csv", "secret.csv"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("a\n1\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	s := openAt(t, duckdb.Options{
		Path: filepath.Join(dir, "shop.duckdb"), SpoolDirectory: filepath.Join(dir, "spool"),
		AllowedFiles: []string{filepath.Join(dir, "given.csv")},
	})
	try := func(text string) error { return s.Exec(t.Context(), strings.ReplaceAll(text, "DIR", dir)) }

	for _, allowed := range []string{
		"CREATE TABLE a AS SELECT * FROM read_csv('DIR/spool/in.csv')",
		"CREATE TABLE b AS SELECT * FROM read_csv('DIR/given.csv')",
		"COPY a TO 'DIR/spool/out.csv'",
	} {
		if err := try(allowed); err != nil {
			t.Errorf("%s: %v", allowed, err)
		}
	}
	for _, shut := range []string{
		"CREATE TABLE c AS SELECT * FROM read_csv('DIR/secret.csv')",
		"CREATE TABLE c AS SELECT * FROM read_csv('DIR/spool/../secret.csv')",
		"CREATE TABLE c AS SELECT * FROM read_text('/etc/hostname')",
		"COPY a TO 'DIR/out.csv'",
		"ATTACH 'DIR/other.duckdb'",
		"INSTALL httpfs",
		"SET enable_external_access = TRUE",
		"SET memory_limit = '100GB'",
	} {
		if err := try(shut); err == nil {
			t.Errorf("%s: allowed", shut)
		}
	}
}

func TestEveryConnectionHasTheSettings(t *testing.T) {
	s := openAt(t, duckdb.Options{MemoryLimit: "256MiB"})
	for range 3 {
		err := s.Read(t.Context(), func(outer *sql.Tx) error { // holds a connection, so that the next is new
			for name, want := range map[string]string{
				"TimeZone": "UTC", "memory_limit": "256.0 MiB", "threads": "2", "lock_configuration": "true",
				"enable_external_access": "false", "preserve_insertion_order": "true",
				"autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
			} {
				if got := value[string](t, s, "SELECT CAST(current_setting(?) AS VARCHAR)", name); got != want {
					t.Errorf("%s is %s, want %s", name, got, want)
				}
			}
			_, err := outer.ExecContext(t.Context(), "SELECT 1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnIgnoredErrorCannotCommit(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	if err := s.Exec(t.Context(), "CREATE TABLE t (x INTEGER)"); err != nil {
		t.Fatal(err)
	}
	err := s.Write(t.Context(), func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO t VALUES (1)"); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(), "INSERT INTO t SELECT CAST('no number' AS INTEGER)")
		if err == nil {
			t.Error("a text became a number")
		}
		return nil // The mistake under test.
	})
	if n := value[int](t, s, "SELECT count(*) FROM t"); n != 0 || err == nil {
		t.Errorf("%d rows are there, and the writer said %v", n, err)
	}
	if model.KindOf(err) != model.KindInternal {
		t.Errorf("kind %s: %v", model.KindOf(err), err)
	}
	// The next write is not touched by it.
	if err := s.Exec(t.Context(), "INSERT INTO t VALUES (2)"); err != nil {
		t.Error(err)
	}
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Exec(t.Context(), "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1); INSERT INTO t SELECT CAST('x' AS INTEGER)")
	if model.KindOf(err) != model.KindInvalid {
		t.Errorf("kind %s: %v", model.KindOf(err), err)
	}
	if n := value[int](t, s, "SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'"); n != 0 {
		t.Error("the table is there")
	}
}

func TestAWaitingWriterCanBeCancelled(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Write(t.Context(), func(*sql.Tx) error {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Exec(ctx, "CREATE TABLE t (x INTEGER)"); !errors.Is(err, context.Canceled) {
			t.Errorf("a second writer: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAParameterThatIsNotBoundIsAnError(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT $a AS a, $b AS b", sql.Named("a", 1), sql.Named("c", 2))
	if err == nil || !strings.Contains(err.Error(), "$b is not bound") {
		t.Errorf("got %v", err)
	}
}

func TestRunningOutOfMemoryIsExhaustedAndPasses(t *testing.T) {
	s := openAt(t, duckdb.Options{MemoryLimit: "64MiB"})
	err := s.Exec(t.Context(), "CREATE TABLE big AS SELECT list(i) AS l FROM range(40000000) r(i)")
	if model.KindOf(err) != model.KindExhausted {
		t.Errorf("kind %s: %v", model.KindOf(err), err)
	}
	if n := value[int](t, s, "SELECT 42"); n != 42 {
		t.Errorf("afterwards: %d", n)
	}
}

func TestNumbersInTemplatesKeepTheirBits(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	rapid.Check(t, func(r *rapid.T) {
		want := math.Float64frombits(rapid.Uint64().Draw(r, "bits"))
		got := value[float64](t, s, "SELECT "+warehouse.Number(want))
		same := math.Float64bits(got) == math.Float64bits(want)
		if !same && !(math.IsNaN(got) && math.IsNaN(want)) {
			r.Fatalf("%v became %v", want, got)
		}
	})
}

func TestInstantsInTemplatesKeepTheirMicroseconds(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	rapid.Check(t, func(r *rapid.T) {
		want := time.UnixMicro(rapid.Int64Range(-1e15, 4e15).Draw(r, "microseconds")).UTC()
		if got := value[time.Time](t, s, "SELECT "+warehouse.Instant(want)); !got.Equal(want) {
			r.Fatalf("%v became %v", want, got)
		}
		if got := value[time.Time](t, s, "SELECT CAST($t AS TIMESTAMP)", sql.Named("t", want)); !got.Equal(want) {
			r.Fatalf("%v bound became %v", want, got)
		}
	})
}
