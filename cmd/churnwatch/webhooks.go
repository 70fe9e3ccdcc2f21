package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newWebhooks(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhooks",
		Short: "Tell other programs of changes: their addresses, and what became of it",
		Long: "While `churnwatch serve` runs, every change of a score or a trigger is posted to each receiver as a\n" +
			"signed message of Standard Webhooks, and every erasure of a customer. What is not taken is tried\n" +
			"again for webhooks.retry_for and then kept for webhooks.keep, to be replayed. A receiver that\n" +
			"answers 410, or takes nothing for webhooks.disable_after, is disabled. Receivers in private\n" +
			"networks are refused unless webhooks.allow_networks names them.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newWebhooksAdd(env), newWebhooksList(env), newWebhooksUndelivered(env), newWebhooksTest(env), newWebhooksReplay(env),
		newWebhooksRotate(env), newWebhooksEnable(env), newWebhooksRemove(env),
	)
	return cmd
}

func newWebhooksAdd(env *environment) *cobra.Command {
	var q app.Receive
	cmd := &cobra.Command{
		Use:   "add URL",
		Short: "Add a receiver, and show its secret this once",
		Long: "Events: " + strings.Join(app.ReceiverEvents(), ", ") + "; trigger.* is all of a kind.\n" +
			"customer.erased always comes, so that the receiver can erase too.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q.URL = args[0]
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				issued, err := a.AddReceiver(ctx, q)
				if err != nil {
					return err
				}
				return env.print(issued, func() []output.Grid { return issuedReceiverGrid(issued) })
			})
		},
	}
	cmd.Flags().StringVar(&q.Name, "name", "", "who receives, in your words")
	cmd.Flags().StringSliceVar(&q.Types, "events", nil, "what it wants to hear of; several with commas or one a `flag`; nothing is everything")
	cmd.Flags().BoolVar(&q.All, "all", false, "send it everything that there is first, not only what changes from now on")
	_ = cmd.MarkFlagRequired("name") // It fails only for a flag that is not there.
	return cmd
}

// issuedReceiverGrid shows a new secret.
func issuedReceiverGrid(issued app.IssuedReceiver) []output.Grid {
	g := receiversGrid([]model.Receiver{issued.Receiver})
	g[0].CSV = &output.Grid{Header: append([]string{"secret"}, g[0].Header...), Rows: [][]any{append([]any{issued.Secret}, g[0].Rows[0]...)}}
	g[0].Notes = []string{issued.Secret, "Keep it now: it is shown this once. The receiver checks the signature of what comes with it."}
	return g
}

func newWebhooksList(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the receivers, how far each is, and what it did not take", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				receivers, err := a.Webhooks.List(ctx)
				if err != nil {
					return err
				}
				return env.print(receivers, func() []output.Grid { return receiversGrid(receivers) })
			})
		},
	}
}

func receiversGrid(receivers []model.Receiver) []output.Grid {
	g := output.Grid{Header: []string{"receiver", "name", "address", "events", "state", "waiting", "dead", "last success", "failing since", "reason"}}
	for i := range receivers {
		r := &receivers[i]
		events := "all"
		if len(r.Types) > 0 {
			events = strings.Join(r.Types, " ")
		}
		g.Rows = append(g.Rows, []any{r.ID, r.Name, shownAddress(r.URL), events, string(r.State), r.Waiting, r.Dead, r.LastSuccessAt, r.FailingSince, r.Reason})
	}
	return []output.Grid{g}
}

// shownAddress leaves the query out, where some keep a password.
func shownAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.RawQuery == "" {
		return text
	}
	u.RawQuery = "..."
	return u.String()
}

func newWebhooksUndelivered(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "undelivered [ID]", Short: "List the events that receivers did not take, and why", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				events, err := a.Webhooks.Undelivered(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				return env.print(events, func() []output.Grid {
					g := output.Grid{Header: []string{"receiver", "event", "type", "attempts", "first tried", "tried again", "given up", "reason"}}
					for _, u := range events {
						g.Rows = append(g.Rows, []any{u.ReceiverID, u.EventID, u.Type, u.Attempts, u.FirstAt, u.DueAt, u.DiedAt, u.Reason})
					}
					return []output.Grid{g}
				})
			})
		},
	}
}

func newWebhooksTest(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "test ID", Short: "Send a receiver a test, and say what it answers", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				trial, err := a.TestReceiver(ctx, args[0])
				if err != nil {
					return err
				}
				var status any // nothing where it did not answer
				if trial.Status != nil {
					status = *trial.Status
				}
				err = env.print(trial, func() []output.Grid {
					return []output.Grid{{
						Header: []string{"receiver", "delivered", "status", "seconds", "reason"},
						Rows:   [][]any{{trial.ReceiverID, trial.Delivered, status, trial.Seconds, trial.Reason}},
					}}
				})
				if err == nil && !trial.Delivered {
					err = model.Errorf(model.KindUnavailable, "the test did not reach receiver %s: %s", args[0], trial.Reason)
				}
				return err
			})
		},
	}
}

func newWebhooksRotate(env *environment) *cobra.Command {
	text := "1d"
	cmd := &cobra.Command{
		Use:   "rotate ID",
		Short: "Give a receiver a new secret, beside which the old one signs for a while",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			overlap, err := config.ParseDuration(text)
			if err != nil || overlap < 0 {
				return usagef("--overlap %q: want a number with its unit, such as 1d, or 0", text)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				issued, err := a.RotateReceiver(ctx, args[0], overlap.Std())
				if err != nil {
					return err
				}
				return env.print(issued, func() []output.Grid { return issuedReceiverGrid(issued) })
			})
		},
	}
	cmd.Flags().StringVar(&text, "overlap", text, "how long both secrets sign")
	return cmd
}

func newWebhooksEnable(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "enable ID", Short: "Start a disabled receiver again: it goes on where it was", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				receiver, err := a.EnableReceiver(ctx, args[0])
				if err != nil {
					return err
				}
				return env.print(receiver, func() []output.Grid { return receiversGrid([]model.Receiver{receiver}) })
			})
		},
	}
}

func newWebhooksRemove(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "remove ID", Short: "Forget a receiver and all that waits for it", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				if err := a.RemoveReceiver(ctx, args[0]); err != nil {
					return fmt.Errorf("webhooks: %w", err)
				}
				removed := struct {
					ID string `json:"removed"`
				}{args[0]}
				return env.print(removed, func() []output.Grid {
					return []output.Grid{{Header: []string{"removed"}, Rows: [][]any{{args[0]}}}}
				})
			})
		},
	}
}
