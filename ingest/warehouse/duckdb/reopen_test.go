package duckdb_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestADeadHandleIsReopened(t *testing.T) {
	s := openAt(t, duckdb.Options{Path: filepath.Join(t.TempDir(), "shop.duckdb")})
	if err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	if err := s.Fault(t.Context()); model.KindOf(err) != model.KindUnavailable {
		t.Errorf("the call that met the fault: %v", err)
	}
	if n := value[int](t, s, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows after reopening", n)
	}
	if err := s.Exec(t.Context(), "INSERT INTO t VALUES (2)"); err != nil {
		t.Errorf("write after reopening: %v", err)
	}
	if got := value[string](t, s, "SELECT CAST(current_setting('enable_external_access') AS VARCHAR)"); got != "false" {
		t.Errorf("external access after reopening is %s", got)
	}
}

func TestADeadHandleIsNotReopenedUnderACall(t *testing.T) {
	s := openAt(t, duckdb.Options{Path: filepath.Join(t.TempDir(), "shop.duckdb")})
	err := s.Read(t.Context(), func(*sql.Tx) error {
		if err := s.Fault(t.Context()); err == nil {
			t.Error("the fault was not told")
		}
		_, err := s.Models(t.Context())
		if model.KindOf(err) != model.KindUnavailable {
			t.Errorf("a new call while an old one runs on the dead handle: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Models(t.Context()); err != nil {
		t.Errorf("after the old call has ended: %v", err)
	}
}

func TestACallWaitsUntilADeadHandleIsFree(t *testing.T) {
	s := openAt(t, duckdb.Options{Path: filepath.Join(t.TempDir(), "shop.duckdb")})
	answered := make(chan error, 1)
	err := s.Read(t.Context(), func(*sql.Tx) error {
		if err := s.Fault(t.Context()); err == nil {
			t.Error("the fault was not told")
		}
		go func() {
			_, err := s.Models(t.Context())
			answered <- err
		}()
		select {
		case err := <-answered:
			t.Errorf("a call was answered on the dead handle: %v", err)
			answered <- nil
		case <-time.After(50 * time.Millisecond): // It waits, or has yet to begin.
		}
		return nil
	})
	if err := errors.Join(err, <-answered); err != nil {
		t.Error(err)
	}
}

func TestADatabaseInMemoryDoesNotComeBackEmpty(t *testing.T) {
	s := openAt(t, duckdb.Options{})
	if err := s.Fault(t.Context()); err == nil {
		t.Fatal("the fault was not told")
	}
	if _, err := s.Models(t.Context()); model.KindOf(err) != model.KindUnavailable {
		t.Errorf("a lost database in memory answers: %v", err)
	}
}

func TestClosingLeavesNoGoroutineBehind(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := openAt(t, duckdb.Options{})
	if _, err := s.Models(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, before)
}
