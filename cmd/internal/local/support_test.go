package local_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// folder is a folder whose path is short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cw") //nolint:usetesting // Its folders are named after the test, too long for a socket.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// serve runs a server for a database of the test's own and returns its path.
func serve(t *testing.T, execute local.Execute) (database string, server *local.Server) {
	t.Helper()
	dir := folder(t)
	database = filepath.Join(dir, "a.duckdb")
	return database, serveAt(t, database, dir, execute)
}

func serveAt(t *testing.T, database, spool string, execute local.Execute) *local.Server {
	t.Helper()
	server := local.NewServer(database, spool, execute, slog.New(slog.DiscardHandler))
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()
	t.Cleanup(func() {
		server.Stop(time.Second)
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return server
}

// call runs a request and returns what it gave and printed.
func call(ctx context.Context, t *testing.T, database string, r local.Request) (exit int, stdout, stderr string, err error) {
	t.Helper()
	client, err := local.Dial(ctx, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := client.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	var out, talk bytes.Buffer
	r.Stdout, r.Stderr = &out, &talk
	if r.Config.Database.Path == "" {
		r.Config = config.Default()
	}
	exit, err = client.Run(ctx, r)
	return exit, out.String(), talk.String(), err
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func long(n int) string { return strings.Repeat("d", n) }
