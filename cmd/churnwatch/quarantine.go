package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newQuarantine(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "quarantine", Short: "Show the rows that were refused, and why", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var q model.QuarantineQuery
	var kind string
	list := &cobra.Command{
		Use: "list", Short: "List refused rows, newest load first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if q.Limit < 0 {
				return usagef("--top %d: want 0 or more", q.Limit)
			}
			return env.quarantined(cmd, q, kind, shortRaw)
		},
	}
	list.Flags().IntVar(&q.Limit, "top", 50, "at most this `many`; 0 is all")
	export := &cobra.Command{
		Use: "export", Short: "Write all refused rows with their raw text", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q.Limit = 0
			return env.quarantined(cmd, q, kind, 0)
		},
	}
	for _, c := range []*cobra.Command{list, export} {
		c.Flags().StringVar(&kind, "kind", "", "only rows of this kind")
		c.Flags().StringVar(&q.Reason, "reason", "", "only rows refused for this reason")
		c.Flags().StringVar(&q.File, "file", "", "only rows of this file")
	}
	cmd.AddCommand(list, export)
	return cmd
}

// shortRaw is how much of a row's raw text a list shows.
const shortRaw = 60

func (env *environment) quarantined(cmd *cobra.Command, q model.QuarantineQuery, kind string, most int) error {
	q.Kind = model.FactKind(kind)
	if _, ok := model.SchemaOf(q.Kind); !ok && kind != "" {
		return usagef("--kind %q: want one of %s", kind, kindNames())
	}
	return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
		rows := []model.QuarantinedRow{}
		err := a.Store.Quarantined(ctx, q, func(r model.QuarantinedRow) error {
			rows = append(rows, r)
			return nil
		})
		if err != nil {
			return err
		}
		return env.print(rows, func() []output.Grid { return quarantineGrid(rows, most) })
	})
}

func quarantineGrid(rows []model.QuarantinedRow, most int) []output.Grid {
	g := output.Grid{Header: []string{"file", "line", "kind", "column", "reason", "detail", "raw"}}
	for _, r := range rows {
		raw := r.Raw
		if runes := []rune(raw); most > 0 && len(runes) > most {
			raw = string(runes[:most]) + "..."
		}
		g.Rows = append(g.Rows, []any{r.File, r.Line, string(r.Kind), r.Column, r.Reason, r.Detail, raw})
	}
	return []output.Grid{g}
}
