package service

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"

	"github.com/churnwatch/churnwatch/cmd/internal/local"
)

// changing are the commands after which the figures may be others.
var changing = []string{"customer", "import", "models", "restore", "score", "train"}

// execute runs a client's command line. The log names the command alone: its
// arguments may name customers.
func (s *service) execute(ctx context.Context, call local.Call) (exit int) {
	began := s.App.Clock()
	command := s.Command(call.Args)
	defer func() {
		if cause := recover(); cause != nil {
			s.Log.LogAttrs(ctx, slog.LevelError, "command panicked", slog.String("command", command),
				slog.Any("cause", cause), slog.String("stack", string(debug.Stack())))
			fmt.Fprintln(call.Stderr, "churnwatch: a fault of the program: the server's log has the cause")
			exit = 1
		}
		took := s.App.Clock().Sub(began)
		s.jobs.Observe(command, exit == 0, took)
		s.Log.LogAttrs(ctx, slog.LevelInfo, "command", slog.String("command", command), slog.Int("exit", exit), slog.Duration("took", took))
		if command == "customer" || command == "restore" {
			s.insights.forget()
		}
		if slices.Contains(changing, command) {
			s.refresh(context.WithoutCancel(ctx))
			s.tell()
			s.touch()
		}
	}()
	return s.Execute(ctx, call)
}
