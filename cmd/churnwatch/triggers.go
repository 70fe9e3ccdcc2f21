package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

func newTriggers(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "triggers", Short: "List what is to be done for whom, run the playbooks, and report what was done", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTriggersList(env), newTriggersShow(env), newTriggersRun(env), newTriggersAck(env), newTriggersResolve(env))
	return cmd
}

func newTriggersList(env *environment) *cobra.Command {
	var q model.TriggerQuery
	var statuses []string
	var since uint64
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List triggers, by default what is to be done",
		Long: "Lists triggers in the order of their last change. By default those on which somebody is to\n" +
			"act: open, acknowledged, escalated. --status all lists every one, scheduled ones too.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if q.Statuses, err = triggerStatuses(statuses); err != nil {
				return err
			}
			if q.Top < 0 {
				return usagef("--top %d: want 0 or more", q.Top)
			}
			q.UpdatedSince = model.Sequence(since)
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				found, err := a.Retention.List(ctx, q)
				if err != nil {
					return err
				}
				named := func(p playbook.Playbook) bool { return p.Name == q.Playbook }
				if q.Playbook != "" && len(found) == 0 && !slices.ContainsFunc(a.Retention.Playbooks(), named) {
					env.say("no playbook in force is called %s: churnwatch playbooks show lists them", q.Playbook)
				}
				return env.print(found, func() []output.Grid { return triggersGrid(found) })
			})
		},
	}
	cmd.Flags().StringSliceVar(&statuses, "status", []string{"open", "acknowledged", "escalated"}, "only these: scheduled, open, acknowledged, escalated, done, expired, suppressed, or all")
	cmd.Flags().StringVar(&q.Customer, "customer", "", "only of this customer `id`")
	cmd.Flags().StringVar(&q.Playbook, "playbook", "", "only of this playbook `name`")
	cmd.Flags().Uint64Var(&since, "updated-since", 0, "only what changed after this `sequence`")
	cmd.Flags().IntVar(&q.Top, "top", 100, "at most this `many`; 0 is all")
	return cmd
}

func triggerStatuses(words []string) (out []model.TriggerStatus, err error) {
	for _, word := range words {
		if word == "all" {
			return nil, nil
		}
		if !model.TriggerStatus(word).Known() {
			return nil, usagef("--status %q: want scheduled, open, acknowledged, escalated, done, expired, suppressed or all", word)
		}
		out = append(out, model.TriggerStatus(word))
	}
	return out, nil
}

func triggersGrid(found []model.Trigger) []output.Grid {
	g := output.Grid{
		Header: []string{
			"trigger", "customer", "playbook", "step", "urgency", "status", "due", "overdue", "channel", "template", "owner", "why",
		},
		Stacks: [][]int{{0, 1}, {2, 3}, {4, 5}, {6, 7}, {9, 8, 10}},
	}
	for i := range found {
		t := &found[i]
		why := t.Reason
		if t.SuppressedBy != nil {
			why += "; " + *t.SuppressedBy
		}
		var overdue any
		if t.Overdue {
			overdue = "overdue"
		}
		g.Rows = append(g.Rows, []any{
			t.ID, t.CustomerID, t.Playbook, t.Step, string(t.Urgency), string(t.Status), t.DueAt, overdue, t.Channel, t.Template, t.Owner, why,
		})
	}
	return []output.Grid{g}
}

func newTriggersShow(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "show ID", Short: "Show a trigger with its history", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				t, err := a.Retention.Show(ctx, args[0])
				if err != nil {
					return err
				}
				return env.print(t, func() []output.Grid { return triggerGrid(t) })
			})
		},
	}
}

func triggerGrid(t model.Trigger) []output.Grid {
	g := output.Grid{Title: "History", Header: []string{"at", "status", "what", "until"}}
	for _, l := range t.History {
		g.Rows = append(g.Rows, []any{l.At, string(l.Status), strings.TrimPrefix(l.Code+": "+l.Reason, ": "), l.PlannedAt})
	}
	return append(triggersGrid([]model.Trigger{t}), g)
}

func newTriggersRun(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the playbooks on everything that became known since the last run",
		Long: "Decides what is to be done: on what became known since the last run, and on what was planned\n" +
			"for the time since. The same facts give the same triggers, however often it runs, and\n" +
			"nothing is made twice. The first run looks back retention.first_look.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				report, err := a.Retention.Run(ctx, asOf.Time)
				if err != nil {
					return err
				}
				return env.print(report, func() []output.Grid { return runGrid(report) })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "up to this `time` (default: now, or the start of the day of the newest order where that is old)")
	return cmd
}

func runGrid(r retention.RunReport) []output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("From %s to %s: %d signals", r.From.Format(time.RFC3339), r.To.Format(time.RFC3339), r.Signals),
		Header: []string{"playbook", "planned", "opened", "suppressed"},
	}
	for _, p := range r.Playbooks {
		g.Rows = append(g.Rows, []any{p.Playbook, p.Planned, p.Opened, p.Suppressed})
	}
	g.Footer = []string{fmt.Sprintf("%d opened, %d done, %d expired, %d escalated", r.Opened, r.Done, r.Expired, r.Escalated)}
	for _, part := range []struct {
		what string
		of   map[string]int
	}{{"suppressed", r.Suppressed}, {"put off", r.PutOff}} {
		if len(part.of) > 0 {
			g.Footer = append(g.Footer, part.what+": "+counted(part.of))
		}
	}
	for _, warning := range r.Warnings {
		g.Footer = append(g.Footer, "warning: "+warning)
	}
	return []output.Grid{g}
}

// counted lists counts, the largest first.
func counted(of map[string]int) string {
	keys := slices.SortedFunc(maps.Keys(of), func(a, b string) int { return cmp.Or(cmp.Compare(of[b], of[a]), cmp.Compare(a, b)) })
	for i, key := range keys {
		keys[i] = fmt.Sprintf("%s %d", key, of[key])
	}
	return strings.Join(keys, ", ")
}

func newTriggersAck(env *environment) *cobra.Command {
	var owner, note string
	cmd := &cobra.Command{
		Use: "ack ID", Short: "Say that somebody takes care of an open trigger", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				t, err := a.Retention.Acknowledge(ctx, args[0], owner, note)
				if err != nil {
					return err
				}
				return env.print(t, func() []output.Grid { return triggerGrid(t) })
			})
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "who takes care of it (default: as it is)")
	cmd.Flags().StringVar(&note, "note", "", "a remark for its history")
	return cmd
}

func newTriggersResolve(env *environment) *cobra.Command {
	var note string
	cmd := &cobra.Command{
		Use: "resolve ID", Short: "Say that what a trigger asks for was done", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				t, err := a.Retention.Resolve(ctx, args[0], note)
				if err != nil {
					return err
				}
				return env.print(t, func() []output.Grid { return triggerGrid(t) })
			})
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "a remark for its history")
	return cmd
}
