// Command churnwatch turns satisfaction answers, orders and behaviour into a
// churn probability per customer that can be checked, explained and acted on.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // time zones where the system has none

	"golang.org/x/term"
)

func main() { os.Exit(run()) }

// run executes the command line of this process.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, &environment{
		args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		terminal: term.IsTerminal(int(os.Stdout.Fd())), progress: term.IsTerminal(int(os.Stderr.Fd())),
		environ: os.Environ(), clock: time.Now,
	})
}
