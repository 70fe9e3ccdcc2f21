package local_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/model"
)

func nothing(context.Context, local.Call) int { return 0 }

func TestWithoutAServerTheClientIsToldSo(t *testing.T) {
	database := filepath.Join(folder(t), "a.duckdb")
	for _, path := range []string{database, filepath.Join(folder(t), "none", "a.duckdb")} {
		if _, err := local.Dial(t.Context(), path); !errors.Is(err, local.ErrNoServer) {
			t.Errorf("%s: %v, want ErrNoServer", path, err)
		}
	}
}

func TestAStaleSocketCountsAsNoServerAndIsReplaced(t *testing.T) {
	dir := folder(t)
	database := filepath.Join(dir, "a.duckdb")
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: database + ".sock", Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false)
	_ = stale.Close()

	if _, err := local.Dial(t.Context(), database); !errors.Is(err, local.ErrNoServer) {
		t.Errorf("%v, want ErrNoServer", err)
	}
	serveAt(t, database, dir, nothing)
	if _, _, _, err := call(t.Context(), t, database, local.Request{}); err != nil {
		t.Error(err)
	}
}

func TestInputsThatADeadServerHasLeftAreRemoved(t *testing.T) {
	dir := folder(t)
	left := write(t, filepath.Join(dir, "call-123", "1", "orders.csv"), "private")
	other := write(t, filepath.Join(dir, "calls.txt"), "not ours")
	serveAt(t, filepath.Join(dir, "a.duckdb"), dir, nothing)
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

func TestAFileInTheWayIsNotRemoved(t *testing.T) {
	database := filepath.Join(folder(t), "a.duckdb")
	write(t, database+".sock", "precious")
	server := local.NewServer(database, t.TempDir(), nothing, slog.New(slog.DiscardHandler))
	err := server.Listen(t.Context())
	if model.KindOf(err) != model.KindConflict {
		t.Errorf("%v, want a conflict", err)
	}
	if content, err := os.ReadFile(database + ".sock"); string(content) != "precious" {
		t.Errorf("the file holds %q, %v", content, err)
	}
}

func TestTheSocketIsForTheOwnerAloneAndGoesWithTheServer(t *testing.T) {
	database, server := serve(t, nothing)
	if want := database + ".sock"; server.Address() != want {
		t.Errorf("address %s, want %s", server.Address(), want)
	}
	info, err := os.Stat(server.Address())
	if err != nil || info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	server.Stop(0)
	server.Stop(0) // Twice is once.
	if _, err := os.Stat(database + ".sock"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestAServerOfAnotherUserIsNotTalkedTo(t *testing.T) {
	database, _ := serve(t, nothing)
	_, err := local.DialAs(t.Context(), database, os.Geteuid()+1)
	if model.KindOf(err) != model.KindConflict || !strings.Contains(fmt.Sprint(err), "run the command as that user") {
		t.Errorf("%v, want a conflict that says what to do", err)
	}
}

func TestAClientOfAnotherUserIsNotServed(t *testing.T) {
	ran := false
	dir := folder(t)
	database := filepath.Join(dir, "a.duckdb")
	server := local.NewServer(database, dir, func(context.Context, local.Call) int {
		ran = true
		return 0
	}, slog.New(slog.DiscardHandler))
	server.ServeUser(os.Geteuid() + 1)
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve() }()

	client, err := local.Dial(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Run(t.Context(), local.Request{Config: config.Default()})
	_ = client.Close()
	server.Stop(0)
	<-done
	if err == nil || ran {
		t.Errorf("error %v, ran %v", err, ran)
	}
}

func TestBothEndsFindEachOtherByAnyNameOfTheDatabase(t *testing.T) {
	dir := folder(t)
	write(t, filepath.Join(dir, "real", "a.duckdb"), "")
	if err := os.Symlink("real", filepath.Join(dir, "alias")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join("real", "a.duckdb"), filepath.Join(dir, "linked.duckdb")); err != nil {
		t.Fatal(err)
	}
	serveAt(t, filepath.Join(dir, "alias", "a.duckdb"), dir, nothing)
	t.Chdir(dir)
	for _, name := range []string{"real/a.duckdb", "./alias/../real/a.duckdb", "linked.duckdb", filepath.Join(dir, "alias/a.duckdb")} {
		if _, _, _, err := call(t.Context(), t, name, local.Request{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestALongPathMovesTheSocketToTheRuntimeFolder(t *testing.T) {
	dir := folder(t)
	runtime := filepath.Join(dir, "run")
	if err := os.Mkdir(runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_RUNTIME_DIR", runtime)
	database := filepath.Join(dir, long(100), "a.duckdb")
	write(t, database, "")
	server := serveAt(t, database, dir, nothing)
	if name, _ := filepath.Rel(runtime, server.Address()); !strings.HasPrefix(name, "churnwatch-") || !strings.HasSuffix(name, ".sock") {
		t.Errorf("address %s, want churnwatch-<hash>.sock in %s", server.Address(), runtime)
	}
	if _, _, _, err := call(t.Context(), t, database, local.Request{}); err != nil {
		t.Error(err)
	}
	other := filepath.Join(dir, long(100), "b.duckdb")
	if _, err := local.Dial(t.Context(), other); !errors.Is(err, local.ErrNoServer) {
		t.Errorf("another database: %v, want ErrNoServer", err)
	}
}

func TestWithoutARuntimeFolderTheSocketIsInAPrivateOne(t *testing.T) {
	dir := folder(t)
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", dir)
	database := filepath.Join(dir, long(100), "a.duckdb")
	write(t, database, "")
	server := serveAt(t, database, dir, nothing)
	info, err := os.Stat(filepath.Dir(server.Address()))
	if err != nil || info.Mode().Perm() != 0o700 || filepath.Dir(filepath.Dir(server.Address())) != dir {
		t.Errorf("address %s in %v, %v", server.Address(), info.Mode(), err)
	}
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/none") // Where the client looks first.
	if _, _, _, err := call(t.Context(), t, database, local.Request{}); err != nil {
		t.Error(err)
	}
}

func TestAPrivateFolderThatOthersCanOpenIsRefused(t *testing.T) {
	dir := folder(t)
	t.Setenv("XDG_RUNTIME_DIR", "")
	t.Setenv("TMPDIR", dir)
	shared := filepath.Join(dir, fmt.Sprintf("churnwatch-%d", os.Geteuid()))
	if err := os.Mkdir(shared, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o755); err != nil {
		t.Fatal(err)
	}
	server := local.NewServer(filepath.Join(dir, long(100), "a.duckdb"), dir, nothing, slog.New(slog.DiscardHandler))
	if err := server.Listen(t.Context()); model.KindOf(err) != model.KindConflict {
		t.Errorf("%v, want a conflict", err)
	}
}
