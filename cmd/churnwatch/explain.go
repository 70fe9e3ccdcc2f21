package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newExplain(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER",
		Short: "Say how likely a customer is to leave, and exactly why",
		Long: "Prints the published score with every contribution: the base and the contributions\n" +
			"add up to the log-odds exactly. With --as-of says what would have been said then.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				e, err := a.Scoring.Explain(ctx, args[0], asOf.Time)
				switch {
				case model.KindOf(err) == model.KindNotFound:
					return model.Errorf(model.KindNotFound, "customer %q: %w", args[0], err)
				case err != nil:
					return err
				}
				return env.print(e, func() []output.Grid { return explanationGrids(e, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "what would have been said at this `time`")
	return cmd
}
