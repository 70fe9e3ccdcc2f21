package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/local"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
	"github.com/churnwatch/churnwatch/model"
)

func newHealth(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "health",
		Short: "Ask the server that holds the database whether it is ready",
		Long: "Asks by the socket beside the database, so that it needs no address, key or certificate, and\n" +
			"prints what /readyz answers. Exit status 0 is ready, 1 is not, or no server: a container's or a\n" +
			"supervisor's health check.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if env.serving != nil {
				return env.health(cmd.Context())
			}
			client, err := env.dialServer(cmd.Context())
			if err != nil {
				return err
			}
			return env.forward(cmd.Context(), client, nil)
		},
	}
}

// health prints the checks of the server that this runs in.
func (env *environment) health(ctx context.Context) error {
	checks := service.Health(ctx, env.serving.app)
	err := env.print(checks, func() []output.Grid {
		g := output.Grid{Header: []string{"check", "ok", "how it stands"}}
		for _, c := range checks {
			g.Rows = append(g.Rows, []any{c.Name, c.OK, c.Detail})
		}
		return []output.Grid{g}
	})
	for _, c := range checks {
		if !c.OK {
			err = errors.Join(err, model.Errorf(model.KindUnavailable, "not ready: %s: %s", c.Name, c.Detail))
		}
	}
	return err
}

// dialServer reaches the server that holds the database, and fails without one.
func (env *environment) dialServer(ctx context.Context) (*local.Client, error) {
	client, err := local.Dial(ctx, env.cfg.Database.Path)
	if errors.Is(err, local.ErrNoServer) {
		return nil, model.Errorf(model.KindUnavailable, "no server holds %s", env.cfg.Database.Path)
	}
	return client, err
}
