package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newAudit(env *environment) *cobra.Command {
	var q model.AuditQuery
	var since instant
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "List who read what is known of people, and who changed something",
		Long: "Lists calls of the service that read what is known of people, changed something or were refused,\n" +
			"and commands on keys and customers, the newest first. Customers are kept as a keyed hash alone:\n" +
			"--customer finds what concerned one, and nobody can read from the log who is in it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Limit < 0 {
				return usagef("--top %d: want 0 or more", q.Limit)
			}
			q.Since = since.Time
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				entries, err := a.Store.Audited(ctx, q)
				if err != nil {
					return err
				}
				return env.print(entries, func() []output.Grid { return auditGrid(entries) })
			})
		},
	}
	cmd.Flags().Var(&since, "since", "only from this `time` on")
	cmd.Flags().StringVar(&q.Key, "key", "", "only by the key with this `ID`; local is this machine without one, command a command")
	cmd.Flags().StringVar(&q.CustomerID, "customer", "", "only about the customer with this `ID`")
	cmd.Flags().IntVar(&q.Limit, "top", 50, "at most this `many`; 0 is all")
	return cmd
}

func auditGrid(entries []model.AuditEntry) []output.Grid {
	g := output.Grid{Header: []string{"at", "key", "name", "action", "about", "outcome", "times", "request"}}
	for _, e := range entries {
		about := e.Resource
		if e.Subject != "" {
			const short = 12
			about = "customer #" + e.Subject[:short]
		}
		g.Rows = append(g.Rows, []any{e.At, e.KeyID, e.KeyName, e.Action, about, e.Outcome, e.Times, e.RequestID})
	}
	return []output.Grid{g}
}
