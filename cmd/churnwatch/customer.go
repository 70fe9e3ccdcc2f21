package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newCustomer(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "customer", Short: "Export or erase all that is held on one customer", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newCustomerExport(env), newCustomerErase(env))
	return cmd
}

func newCustomerExport(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "export ID",
		Short: "Print everything that is held on a customer",
		Long: "Prints every row about the customer, by the table that holds it: all versions of all facts, his\n" +
			"scores and what they rest on, triggers and their lives, and rows that were refused. The table\n" +
			"shows how many rows there are; --output json gives them.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				export, err := a.ExportCustomer(ctx, args[0])
				if err := a.NoteCustomer(ctx, "customer export", args[0], err); err != nil {
					return named(args[0], err)
				}
				return env.print(export, func() []output.Grid { return exportGrid(export) })
			})
		},
	}
}

func exportGrid(e model.CustomerExport) []output.Grid {
	g := output.Grid{Header: []string{"table", "rows"}}
	for _, table := range slices.Sorted(maps.Keys(e.Tables)) {
		g.Rows = append(g.Rows, []any{table, len(e.Tables[table])})
	}
	g.Footer = []string{"--output json gives the rows"}
	return []output.Grid{g}
}

func newCustomerErase(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "erase ID",
		Short: "Remove all that is held on a customer, for good",
		Long: "Deletes every row about the customer, copies the database into a fresh file so that the bytes are\n" +
			"gone too, and refuses rows about him from then on: his id is kept as a keyed hash alone. Prints a\n" +
			"receipt: tables, numbers of rows, and the backups made before, which hold him still. There is no\n" +
			"way back.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				receipt, err := a.EraseCustomer(ctx, args[0])
				if err == nil && env.serving == nil {
					err = a.ForgetAccepted(ctx)
				}
				if err := a.NoteCustomer(ctx, "customer erase", args[0], err); err != nil {
					return err
				}
				return env.print(receipt, func() []output.Grid { return erasureGrid(receipt) })
			})
		},
	}
}

func erasureGrid(e model.Erasure) []output.Grid {
	g := output.Grid{Title: "Erased: customer #" + e.Subject[:12], Header: []string{"table", "rows", "what became of them"}}
	for _, t := range e.Tables {
		became := "deleted"
		if t.Blanked {
			became = "text forgotten"
		}
		g.Rows = append(g.Rows, []any{t.Table, t.Rows, became})
	}
	if e.Compacted {
		g.Footer = append(g.Footer, "the database was copied into a fresh file: the bytes are gone")
	} else {
		g.Footer = append(g.Footer, "there was no room to copy the database into a fresh file: the bytes go with the next erasure or start")
	}
	backups := output.Grid{Title: "Backups that hold the customer still", Header: []string{"file", "made"}}
	for _, b := range e.Backups {
		backups.Rows = append(backups.Rows, []any{b.Path, b.MadeAt})
	}
	if len(backups.Rows) == 0 {
		return []output.Grid{g}
	}
	return []output.Grid{g, backups}
}
