package duckdb_test

import (
	"context"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

func TestNothingIsWrittenWhereTheDiskHasLessSpaceThanIsKeptFree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	s := openAt(t, duckdb.Options{Path: path, KeepFree: 1}) // Every disk has that.
	if err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	full := openAt(t, duckdb.Options{Path: path, KeepFree: 1 << 60}) // No disk has that. It opens all the same.
	err := full.Exec(t.Context(), "INSERT INTO t VALUES (2)")
	if model.KindOf(err) != model.KindExhausted || !strings.Contains(err.Error(), "database.keep_free") {
		t.Errorf("a write: %s %v", model.KindOf(err), err)
	}
	for what, write := range urgent(full) {
		if err := write(t.Context()); model.KindOf(err) != model.KindExhausted {
			t.Errorf("%s with less than a quarter of it: %s %v", what, model.KindOf(err), err)
		}
	}
	if n := value[int](t, full, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows are there, want 1", n)
	}
}

// urgent are writes that go on while the disk is nearly full.
func urgent(s *duckdb.Store) map[string]func(context.Context) error {
	key := model.APIKey{ID: "k", Name: "leaked", Hash: "h", Scopes: []model.Scope{model.ScopeScoresRead}, CreatedAt: noon}
	return map[string]func(context.Context) error{
		"a key": func(ctx context.Context) error {
			if err := s.SaveKey(ctx, key); err != nil {
				return err
			}
			return s.EndKey(ctx, key.ID, model.KeyRevoked, noon)
		},
		"an erasure": func(ctx context.Context) error {
			_, err := s.EraseCustomer(ctx, "ann", noon)
			return err
		},
		"the audit log": func(ctx context.Context) error {
			return s.Audit(ctx, []model.AuditEntry{{At: noon, Action: "read", CustomerID: "ann"}})
		},
		"an operation": func(ctx context.Context) error {
			return s.SaveJob(ctx, model.Job{ID: "a", Kind: "score", Status: model.JobRunning, Steps: []string{}, StartedAt: noon})
		},
		"what a comment says": func(ctx context.Context) error {
			return s.SaveRemarks(ctx, "words", []model.RemarkReading{{Hash: "r", Language: "en", Themes: []string{}, Severities: []int{}}})
		},
		"a receiver": func(ctx context.Context) error {
			return s.SaveReceiver(ctx, model.Receiver{ID: "w", URL: "http://127.0.0.1", CreatedAt: noon, State: model.ReceiverActive})
		},
		"deliveries": func(ctx context.Context) error {
			return s.SaveDeliveries(ctx, []model.Deliveries{{ReceiverID: "w", Cursors: map[model.Feed]model.Sequence{model.FeedScores: 1}}})
		},
	}
}

func TestWhatIsUrgentIsWrittenWhileTheDiskIsNearlyFull(t *testing.T) {
	dir := t.TempDir()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	free := int64(disk.Bavail) * disk.Bsize
	// Less is free than is to be kept, and far more than a quarter of it.
	s := openAt(t, duckdb.Options{Path: filepath.Join(dir, "shop.duckdb"), KeepFree: 2 * free})
	for what, write := range map[string]func(context.Context) error{
		"room": func(context.Context) error { return s.CheckRoom() },
		"a load": func(ctx context.Context) error {
			_, err := s.Load(ctx, model.LoadSpec{Kind: model.Orders, RecordedAt: noon}, func(context.Context, model.Staging) error { return nil })
			return err
		},
		"a publication": func(ctx context.Context) error {
			_, err := s.Publish(ctx, 1, noon)
			return err
		},
		"a model": func(ctx context.Context) error {
			_, err := s.SaveModel(ctx, model.StoredModel{CreatedAt: noon, AsOf: noon})
			return err
		},
	} {
		if err := write(t.Context()); model.KindOf(err) != model.KindExhausted {
			t.Errorf("%s: %s %v", what, model.KindOf(err), err)
		}
	}
	shown := s.Shown("ann")
	for what, write := range urgent(s) {
		if err := write(t.Context()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s.Shown("ann") == shown {
		t.Error("readers of scores are not told of an erasure")
	}
}

func TestSomebodyIsErasedWhereThereIsNoRoomForAFreshCopy(t *testing.T) {
	dir := t.TempDir()
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		t.Fatal(err)
	}
	roomy := duckdb.Options{Path: filepath.Join(dir, "shop.duckdb"), SpoolDirectory: t.TempDir()}
	tight := roomy
	tight.KeepFree = 2 * int64(disk.Bavail) * disk.Bsize
	s := openAt(t, tight)
	receipt, err := s.EraseCustomer(t.Context(), "ann", noon)
	if err != nil || receipt.Compacted || receipt.Subject == "" {
		t.Errorf("%+v %v", receipt, err)
	}
	for _, c := range []struct {
		options duckdb.Options
		due     int
	}{{tight, 1}, {roomy, 0}} {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = openAt(t, c.options)
		if due := value[int](t, s, "SELECT count(*) FROM compactions_due"); due != c.due {
			t.Errorf("%d copies are due after a start, want %d", due, c.due)
		}
	}
}

func TestADatabaseInMemoryKeepsNoDiskFree(t *testing.T) {
	s := openAt(t, duckdb.Options{KeepFree: 1 << 60})
	if err := s.Exec(t.Context(), "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Error(err)
	}
}
