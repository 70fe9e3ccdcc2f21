package duckdb_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/warehouse/duckdb"
	"github.com/churnwatch/churnwatch/model"
)

// child starts this test binary as another process that runs one test alone
// on the file, and returns its output.
func child(t *testing.T, test, path string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+test+"$")
	command.Env = append(os.Environ(), "CHURNWATCH_TEST_FILE="+path)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe() // The child ends with its input.
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait()
	})
	return command, bufio.NewScanner(stdout)
}

// asChild returns the file that a child works on, and skips the test when
// this process is no child.
func asChild(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CHURNWATCH_TEST_FILE")
	if path == "" {
		t.Skip("runs in a child process only")
	}
	return path
}

func say(format string, args ...any) { _, _ = fmt.Fprintf(os.Stdout, format+"\n", args...) }

func TestChildHoldsTheFile(t *testing.T) {
	openAt(t, duckdb.Options{Path: asChild(t)})
	say("open")
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func TestAFileThatAnotherProcessHoldsIsAConflictThatNamesIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	command, output := child(t, "TestChildHoldsTheFile", path)
	if !output.Scan() {
		t.Fatal("the child said nothing")
	}
	_, err := duckdb.Open(t.Context(), duckdb.Options{Path: path, Clock: clock})
	if model.KindOf(err) != model.KindConflict {
		t.Fatalf("kind %s: %v", model.KindOf(err), err)
	}
	for _, says := range []string{path, "process " + strconv.Itoa(command.Process.Pid)} {
		if !strings.Contains(err.Error(), says) {
			t.Errorf("%q is not in: %v", says, err)
		}
	}
}

// TestChildMeetsAFullDisk bounds the size of its files, which is as close to
// a full disk as a process can bring itself.
func TestChildMeetsAFullDisk(t *testing.T) {
	s := openAt(t, duckdb.Options{Path: asChild(t)})
	fill := func(ctx context.Context) error {
		return s.Exec(ctx, "INSERT INTO t SELECT i, md5(CAST(i AS VARCHAR)) FROM range(400000) r(i)")
	}
	if err := s.Exec(t.Context(), "CREATE TABLE t (i BIGINT, x VARCHAR); INSERT INTO t VALUES (-1, 'kept')"); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	var usual syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &usual); err != nil {
		t.Fatal(err)
	}
	small := syscall.Rlimit{Cur: 1 << 20, Max: usual.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	err := fill(t.Context())
	if err == nil {
		t.Fatal("a full disk took the rows")
	}
	if model.KindOf(err) != model.KindExhausted {
		t.Errorf("kind %s: %v", model.KindOf(err), err)
	}
	if n := value[int](t, s, "SELECT count(*) FROM t"); n != 1 {
		t.Errorf("%d rows after the failure, want the one before", n)
	}
	say("reading goes on")
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &usual); err != nil {
		t.Fatal(err)
	}
	if err := fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := value[int](t, s, "SELECT count(*) FROM t"); n != 400001 {
		t.Errorf("%d rows after there is room again", n)
	}
	say("writing goes on")
}

func TestAFullDiskIsSurvived(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.duckdb")
	_, output := child(t, "TestChildMeetsAFullDisk", path)
	var said []string
	for output.Scan() {
		said = append(said, output.Text())
	}
	all := strings.Join(said, "\n")
	if !strings.Contains(all, "reading goes on") || !strings.Contains(all, "writing goes on") || strings.Contains(all, "FAIL") {
		t.Fatalf("the child said:\n%s", all)
	}
	s := openAt(t, duckdb.Options{Path: path})
	if n := value[int](t, s, "SELECT count(*) FROM t"); n != 400001 {
		t.Errorf("%d rows in the file", n)
	}
}
