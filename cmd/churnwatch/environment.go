package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/painfile"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/board"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// environment is what one run of a command line sees of the world. In a
// server that works for a client it is the client's, sent over the socket.
type environment struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	terminal       bool // stdout is a terminal
	progress       bool // stderr is a terminal
	environ        []string
	clock          func() time.Time

	// serving is set in a server that works for a client: the program that
	// holds the database, the client's configuration and its files.
	serving *serving

	// creates lets the command make a database where there is none.
	creates bool

	flags globalFlags
	cfg   config.Loaded
}

// serving is what a server adds for a client's command.
type serving struct {
	app    *app.App
	config config.Config
	inputs map[string]string // the client's name of a file -> where it is spooled
}

// globalFlags are on every command.
type globalFlags struct {
	config, db, output, logLevel string
	threads                      int
	quiet                        bool
}

// The exit statuses of the contract.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3
)

// usageError is a mistake in the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitError carries the exit status of a command that a server ran and whose
// output has been shown already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

// execute runs one command line and returns its exit status.
func execute(ctx context.Context, env *environment) int {
	root := newRoot(env) //nolint:contextcheck // commands get it from ExecuteContext
	root.SetArgs(env.args)
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	err := root.ExecuteContext(ctx)
	return env.report(err)
}

// report prints an error and returns the exit status that it stands for.
func (env *environment) report(err error) int {
	var exit exitError
	var usage usageError
	var faults config.FaultsError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &exit):
		return int(exit)
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(env.stderr, "churnwatch: interrupted")
		return exitFailed
	}
	fmt.Fprintf(env.stderr, "churnwatch: %v\n", err)
	switch {
	case errors.As(err, &usage), errors.As(err, &faults):
		return exitUsage
	case model.KindOf(err) == model.KindRefused:
		return exitRefused
	}
	return exitFailed
}

// load reads the configuration under the command's flags.
func (env *environment) load(cmd *cobra.Command) error {
	if env.serving != nil {
		env.cfg = config.Loaded{Config: env.serving.config}
		return nil
	}
	cfg, err := config.Load(config.Options{File: env.flags.config, Environ: env.environ, Flags: cmd.Flags()})
	env.cfg = cfg
	if err != nil {
		return err
	}
	if err := errors.Join(env.readPlaybooks(cfg.Retention.Playbooks), env.readActions(cfg.Boards.Actions)); err != nil || len(cfg.PainPoints.Files) == 0 {
		return err
	}
	return env.readPainPoints(cfg.PainPoints.Files)
}

// readActions reads the user's own table of what boards recommend. A server has
// it from its client's configuration.
func (env *environment) readActions(path string) error {
	if env.serving != nil || path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return usageError{model.Errorf(model.KindInvalid, "boards.actions: %w", err)}
	}
	if _, err := board.Actions(string(text)); err != nil {
		return usageError{fmt.Errorf("boards.actions: %s: %w", path, err)}
	}
	env.cfg.Boards.Own = string(text)
	return nil
}

// readPlaybooks reads the user's own playbooks on top of the program's. A
// server has them from its client's configuration.
func (env *environment) readPlaybooks(files []string) error {
	if env.serving != nil {
		return nil
	}
	sources := []playbook.Source{playbook.Defaults()}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return usageError{model.Errorf(model.KindInvalid, "playbooks: %w", err)}
		}
		sources = append(sources, playbook.Source{Name: path, Text: string(text)})
	}
	own, err := playbook.Read(sources...)
	if err != nil {
		return usageError{err}
	}
	env.cfg.Retention.Own = own
	return nil
}

// readPainPoints reads the user's own pain points. A server has them from its
// client's configuration and never opens a file that a client names.
func (env *environment) readPainPoints(files []string) error {
	if env.serving != nil {
		return nil
	}
	own, err := painfile.Read(files)
	if err != nil {
		return usageError{err}
	}
	env.cfg.PainPoints.Own = own
	return nil
}

// talk is where progress and remarks go; nowhere with --quiet.
func (env *environment) talk() io.Writer {
	if env.flags.quiet {
		return io.Discard
	}
	return env.stderr
}

// say prints a remark.
func (env *environment) say(format string, args ...any) {
	fmt.Fprintf(env.talk(), format+"\n", args...)
}

// logger logs to standard error. Commands talk for themselves, so that only
// warnings are logged unless a level was asked for; serve logs at its level.
func (env *environment) logger(quiet bool) *slog.Logger {
	level := slog.LevelInfo
	if err := level.UnmarshalText([]byte(env.cfg.Log.Level)); err != nil {
		level = slog.LevelInfo
	}
	if quiet && env.flags.logLevel == "" {
		level = max(level, slog.LevelWarn)
	}
	options := &slog.HandlerOptions{Level: level}
	if env.cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(env.talk(), options))
	}
	return slog.New(slog.NewTextHandler(env.talk(), options))
}

// print shows a result in the chosen format.
func (env *environment) print(value any, grid func() []output.Grid) error {
	format, err := output.Parse(env.flags.output, env.terminal)
	if err != nil {
		return usageError{err}
	}
	return output.Write(env.stdout, format, value, grid)
}

// work runs fn on the database: in the server that holds it where one runs,
// by opening the file otherwise. inputs are the files that fn reads.
func (env *environment) work(ctx context.Context, inputs []string, fn func(context.Context, *app.App) error) error {
	if _, err := output.Parse(env.flags.output, env.terminal); err != nil {
		return usageError{err}
	}
	if env.serving != nil {
		a, err := env.serving.app.With(env.cfg.Config)
		if err != nil {
			return err
		}
		return fn(ctx, a)
	}
	client, err := local.Dial(ctx, env.cfg.Database.Path)
	switch {
	case err == nil:
		return env.forward(ctx, client, inputs)
	case !errors.Is(err, local.ErrNoServer):
		return err
	}
	if err := env.mustExist(); err != nil {
		return err
	}
	a, err := app.Open(ctx, env.cfg.Config, app.Options{Log: env.logger(true), Clock: env.clock, Version: version()})
	if err != nil {
		return err
	}
	err = fn(ctx, a)
	return errors.Join(err, a.Close()) //nolint:contextcheck // closing outlives the context
}

// mustExist refuses a database that is not there, which only a command that
// loads facts may create.
func (env *environment) mustExist() error {
	path := env.cfg.Database.Path
	if env.creates || path == "" || path == ":memory:" {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return model.Errorf(model.KindNoData, "there is no database %s: import some facts first (churnwatch import KIND FILE), or name another (--db FILE)", path)
	}
	return nil
}

// forward lets the server run this command line.
func (env *environment) forward(ctx context.Context, client *local.Client, inputs []string) (err error) {
	defer func() { err = errors.Join(err, client.Close()) }()
	status, err := client.Run(ctx, local.Request{
		Args: env.args, Config: env.cfg.Config, Terminal: env.terminal, Progress: env.progress,
		Inputs: inputs, Stdin: env.stdin, Stdout: env.stdout, Stderr: env.stderr,
	})
	if err != nil {
		return err
	}
	if status != exitDone {
		return exitError(status)
	}
	return nil
}

// path returns where an input can be read: the file itself, or where a server
// spooled it for its client.
func (env *environment) path(name string) (string, error) {
	if env.serving == nil {
		return name, nil
	}
	spooled, ok := env.serving.inputs[name]
	if !ok {
		return "", model.Errorf(model.KindInvalid, "%s was not sent", name)
	}
	return spooled, nil
}
