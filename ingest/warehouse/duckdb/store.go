package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"sync"

	driverdb "github.com/duckdb/duckdb-go/v2"

	"github.com/churnwatch/churnwatch/ingest/warehouse"
	"github.com/churnwatch/churnwatch/model"
)

var _ model.Warehouse = (*Store)(nil)

// Store is one DuckDB file (or one database in memory), owned by this
// process while it is open.
type Store struct {
	options Options
	queries *warehouse.Queries
	// writing holds a token while a write runs: there is one writer.
	writing chan struct{}
	// shown counts the writes that readers of scores may see.
	shown shown
	// copying holds one while the database is copied: there is one copy at a time.
	copying chan struct{}
	// keepFree is Options.KeepFree once the database is open: opening may write.
	keepFree int64
	// cleanup removes what Open made outside of the database.
	cleanup func() error

	mu     sync.Mutex
	idle   *sync.Cond // signalled when users falls to 0
	db     *sql.DB
	users  int
	dead   bool // a FATAL error has invalidated db
	closed bool
	// swapping is closed when the file has been exchanged; nil while nobody does.
	swapping chan struct{}
}

// Open opens or makes a database, brings it up to the newest layout, and
// shuts everything outside of it but the spool and the allowed files. A file
// that another process holds is KindConflict with its number; one that a
// newer program made is KindConflict too.
func Open(ctx context.Context, options Options) (*Store, error) {
	o, err := options.checked()
	if err != nil {
		return nil, err
	}
	if err := checkFile(o.Path); err != nil {
		return nil, err
	}
	queries, err := warehouse.LoadQueries(files, "sql")
	if err != nil {
		return nil, model.Wrap(model.KindInternal, "open database", err)
	}
	s := &Store{options: o, queries: queries, writing: make(chan struct{}, 1), copying: make(chan struct{}, 1), cleanup: func() error { return nil }}
	s.idle = sync.NewCond(&s.mu)
	if o.TempDirectory == "" {
		dir, err := os.MkdirTemp("", "churnwatch-")
		if err != nil {
			return nil, model.Wrap(model.KindInternal, "open database in memory", err)
		}
		s.options.TempDirectory = dir
		s.cleanup = func() error { return os.RemoveAll(dir) }
	}
	if s.db, err = s.connect(ctx); err == nil {
		err = s.sweepCopies()
	}
	if err == nil {
		err = s.layOut(ctx)
	}
	if err == nil {
		err = s.compactDue(ctx)
	}
	if err != nil {
		return nil, s.abandon(err)
	}
	s.keepFree = o.KeepFree
	return s, nil
}

// abandon gives back what a failed Open has taken and returns the failure.
func (s *Store) abandon(err error) error {
	if s.db != nil {
		_ = s.db.Close() // The failure that led here says more.
	}
	_ = s.cleanup()
	return err
}

// connect opens the file and applies the settings.
func (s *Store) connect(ctx context.Context) (*sql.DB, error) {
	connector, err := driverdb.NewConnector(s.options.address(), nil)
	if err != nil {
		return nil, openError(s.options.Path, err)
	}
	db := sql.OpenDB(connector)
	settings, err := s.queries.Render("store/settings", struct{ Directories, Files []string }{
		Directories: nonEmpty(s.options.SpoolDirectory), Files: s.options.AllowedFiles,
	})
	if err == nil {
		_, err = run(ctx, db, settings)
	}
	if err != nil {
		_ = db.Close() // The failed setting says more.
		return nil, openError(s.options.Path, err)
	}
	db.SetMaxIdleConns(8)
	return db, nil
}

// acquire counts the caller among the users of the handle and returns it. A
// handle that a FATAL error has killed is reopened first, once nobody uses
// it any more; callers wait for that, and get KindUnavailable where it takes long.
func (s *Store) acquire(ctx context.Context) (*sql.DB, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.letPass(ctx); err != nil {
		return nil, err
	}
	if s.dead && s.users > 0 {
		s.awaitIdle(ctx)
	}
	switch {
	case s.closed:
		return nil, model.Errorf(model.KindUnavailable, "the database is closed")
	case s.dead && s.users > 0:
		return nil, model.Errorf(model.KindUnavailable, "the database is being reopened after a fault: try again")
	case s.dead:
		if err := s.reopen(ctx); err != nil {
			return nil, err
		}
	}
	s.users++
	return s.db, nil
}

// awaitIdle waits a while until nobody uses the dead handle, whose statements all
// fail, or somebody has reopened it. The caller holds mu. A reader that reads again
// inside of its own read would wait for itself, so that nobody waits for long.
func (s *Store) awaitIdle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, swapPatience)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.idle.Broadcast()
	})()
	for s.dead && s.users > 0 && !s.closed && ctx.Err() == nil {
		s.idle.Wait()
	}
}

// letPass waits while the file is being exchanged. The caller holds mu. A reader
// that reads again inside of its own read would keep the exchange waiting for
// itself, so that nobody waits for long.
func (s *Store) letPass(ctx context.Context) error {
	const patience = 2 * swapPatience
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for s.swapping != nil {
		gate := s.swapping
		s.mu.Unlock()
		select {
		case <-gate:
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return model.Errorf(model.KindUnavailable, "the database file is being exchanged: try again")
		}
	}
	return nil
}

// release gives the handle back and notes whether err has killed it.
func (s *Store) release(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if isFatal(err) && !s.dead {
		s.dead = true
		s.options.Logger.Error("database handle is dead") // The caller gets the text, which may hold values.
	}
	if s.users--; s.users == 0 {
		s.idle.Broadcast()
	}
}

// reopen replaces a dead handle. The caller holds mu and nobody uses db.
func (s *Store) reopen(ctx context.Context) error {
	if s.options.Path == "" {
		return model.Errorf(model.KindUnavailable, "the database in memory was lost by a fault")
	}
	if s.db != nil {
		_ = s.db.Close() // It is dead: nothing that it says counts.
		s.db = nil
	}
	db, err := s.connect(ctx)
	if err != nil {
		return fmt.Errorf("reopen after a fault: %w", err)
	}
	s.db, s.dead = db, false
	s.options.Logger.Info("database reopened")
	return nil
}

// Close waits for running calls, writes everything into the file and lets go
// of it. It may be called twice.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for s.users > 0 {
		s.idle.Wait()
	}
	var err error
	if s.db != nil && !s.dead {
		_, err = run(context.Background(), s.db, s.queries.Script("store/checkpoint"))
	}
	if s.db != nil {
		if e := s.db.Close(); err == nil && !s.dead {
			err = e
		}
	}
	if e := s.cleanup(); err == nil {
		err = e
	}
	return kinded(err)
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
