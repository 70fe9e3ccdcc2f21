package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
)

func newServe(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve scores by REST and gRPC, metrics, and every other command on the database",
		Long: "Holds the database and serves what was published: REST and /metrics by HTTP, and gRPC,\n" +
			"on this machine only. Every other command works through it while it runs. Customers are\n" +
			"scored anew every server.rescore_every. SIGTERM or Ctrl-C ends it gracefully.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := app.Open(cmd.Context(), env.cfg.Config, app.Options{Log: env.logger(false), Clock: env.clock, Version: version()})
			if err != nil {
				return err
			}
			return errors.Join(env.serve(cmd.Context(), a), a.Close())
		},
	}
	d := config.Default()
	cmd.Flags().String("http", d.Server.HTTP, "the `address` for REST and metrics, on this machine; port 0 is any")
	cmd.Flags().String("grpc", d.Server.GRPC, "the `address` for gRPC, on this machine; port 0 is any")
	return cmd
}

// serve serves an open database until ctx ends. It does not close it.
func (env *environment) serve(ctx context.Context, a *app.App) error {
	return service.Run(ctx, service.Options{
		App: a, Log: env.logger(false), Command: commandName,
		Execute: func(ctx context.Context, call local.Call) int { return env.executeFor(ctx, a, call) },
		Ready: func(at service.Addresses) {
			env.say("serving %s", a.Config.Database.Path)
			env.say("  page     http://%s/", at.HTTP)
			env.say("  REST     http://%s/v1/scores", at.HTTP)
			env.say("  metrics  http://%s/metrics", at.HTTP)
			env.say("  gRPC     %s", at.GRPC)
			env.say("  socket   %s", at.Socket)
			if at.Admin != "" {
				env.say("  profiles http://%s/debug/pprof/", at.Admin)
			}
			env.say("Ctrl-C ends it")
		},
	})
}

// notForwarded are the commands that a server does not run for a client: they
// are servers, or read and write paths of their own.
var notForwarded = []string{"bench", "dashboards", "demo", "serve"}

// executeFor runs a client's command line on the database that this process
// holds.
func (env *environment) executeFor(ctx context.Context, a *app.App, call local.Call) int {
	client := &environment{
		args: call.Args, stdin: strings.NewReader(""), stdout: call.Stdout, stderr: call.Stderr,
		terminal: call.Terminal, progress: call.Progress, clock: env.clock,
		serving: &serving{app: a, config: call.Config, inputs: call.Inputs},
	}
	if name := commandName(call.Args); slices.Contains(notForwarded, name) { //nolint:contextcheck // It builds commands and runs none.
		return client.report(usageError{fmt.Errorf("%s does not run in a server", name)})
	}
	return execute(ctx, client)
}

// commandName returns the first word of a command line's command, or "".
func commandName(args []string) string {
	root := newRoot(&environment{})
	cmd, _, err := root.Find(args)
	if err != nil || cmd == root {
		return ""
	}
	for cmd.Parent() != root {
		cmd = cmd.Parent()
	}
	return cmd.Name()
}
