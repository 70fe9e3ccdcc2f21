package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/churnwatch/churnwatch/model"
)

// socketMode lets the owner alone connect.
const socketMode = 0o600

// listen makes the socket at path. A socket that stands there is taken for
// what a process left behind that ended without notice: only the holder of the
// database's lock may call this.
func listen(ctx context.Context, path string) (*net.UnixListener, error) {
	if filepath.Dir(path) == privateFolder() {
		if err := ownFolder(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	if err := removeStale(path); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		var failed error
		return errors.Join(conn.Control(func(fd uintptr) { failed = restrict(fd) }), failed)
	}}
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket beside the database: %w", err)
	}
	if err := os.Chmod(path, socketMode); err != nil {
		return nil, errors.Join(fmt.Errorf("socket beside the database: %w", err), listener.Close())
	}
	return listener.(*net.UnixListener), nil
}

// removeStale removes a socket; anything else that stands there stays.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("socket beside the database: %w", err)
	case info.Mode().Type() != fs.ModeSocket:
		return model.Errorf(model.KindConflict, "%s is in the way of the server's socket and is none: move it away", path)
	}
	return os.Remove(path)
}

// ownFolder makes a folder for this user alone, or checks that it is so.
func ownFolder(path string) error {
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("folder for the socket: %w", err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("folder for the socket: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Geteuid() || info.Mode().Perm()&0o077 != 0 {
		return model.Errorf(model.KindConflict, "folder for the socket: %s must be a folder of mode 0700 of this user", path)
	}
	return nil
}

// guarded accepts connections of one user and closes all others.
type guarded struct {
	*net.UnixListener
	uid int
	log *slog.Logger
}

// Accept returns the next connection of the user.
func (g guarded) Accept() (net.Conn, error) {
	for {
		conn, err := g.AcceptUnix()
		if err != nil {
			return nil, err
		}
		uid, err := peerOf(conn)
		if err == nil && uid == g.uid {
			return conn, nil
		}
		g.log.Warn("socket: refused a peer of another user", slog.Int("uid", uid), slog.Any("error", err))
		_ = conn.Close() // Nothing was said on it.
	}
}
