package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newExplain(env *environment) *cobra.Command {
	var asOf, since instant
	cmd := &cobra.Command{
		Use:   "explain CUSTOMER",
		Short: "Say how likely a customer is to leave, and exactly why",
		Long: "Prints the published score with every contribution: the base and the contributions\n" +
			"add up to the log-odds exactly. With --as-of says what would have been said then: by the\n" +
			"model of the scores published then, else by the newest model trained not after it, else\n" +
			"by the active one, with a warning (train --as-of TIME --activate=false makes one).\n\n" +
			"With --since says why the score changed from that time on, as an exact sum: another\n" +
			"model version, corrections of what was known then, time passing, and new facts.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				if !since.IsZero() {
					change, err := a.Scoring.ExplainSince(ctx, args[0], since.Time, asOf.Time)
					if err != nil {
						return named(args[0], err)
					}
					return env.print(change, func() []output.Grid { return changeGrids(change, a.Config.Currency) })
				}
				e, err := a.Scoring.Explain(ctx, args[0], asOf.Time)
				if err != nil {
					return named(args[0], err)
				}
				return env.print(e, func() []output.Grid { return explanationGrids(e, a.Config.Currency) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "what would have been said at this `time`")
	cmd.Flags().Var(&since, "since", "why the score changed since this `time`")
	return cmd
}

// named says which customer was not found.
func named(customer string, err error) error {
	if model.KindOf(err) == model.KindNotFound {
		return model.Errorf(model.KindNotFound, "customer %q: %w", customer, err)
	}
	return err
}
