package main

import (
	"context"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newWebhooksReplay(env *environment) *cobra.Command {
	var q app.Replay
	var feed, since, until string
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Send a receiver one event, a range, or all that were given up, once more",
		Long: "Events keep their ids. --failed are all that were given up; --event is one by its id; --feed scores,\n" +
			"triggers or erasures is what stands on that feed behind --since up to --until. The server sends\n" +
			"them at once, or when it next runs.",
		Example: "  churnwatch webhooks replay wh_0c5d2a --failed\n" +
			"  churnwatch webhooks replay wh_0c5d2a --event trigger-42-6f3a9c1d2e4b\n" +
			"  churnwatch webhooks replay wh_0c5d2a --feed triggers --since 100 --until 250",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if q.Feed = model.Feed(feed); feed != "" && !slices.Contains(model.Feeds(), q.Feed) {
				return usagef("--feed %q: want some of %v", feed, model.Feeds())
			}
			if q.Since, err = sequence("--since", since); err != nil {
				return err
			}
			if q.Until, err = sequence("--until", until); err != nil {
				return err
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				replayed, err := a.ReplayTo(ctx, args[0], q)
				if err != nil {
					return err
				}
				return env.print(replayed, func() []output.Grid {
					return []output.Grid{{Header: []string{"receiver", "events to be sent again"}, Rows: [][]any{{replayed.ReceiverID, replayed.Events}}}}
				})
			})
		},
	}
	cmd.Flags().BoolVar(&q.Failed, "failed", false, "all that were given up")
	cmd.Flags().StringVar(&q.EventID, "event", "", "one event, by the `id` that webhook-id gave")
	cmd.Flags().StringVar(&feed, "feed", "", "what stands on a `feed`: scores, triggers or erasures")
	cmd.Flags().StringVar(&since, "since", "0", "of the feed, what comes behind this sequence `number`")
	cmd.Flags().StringVar(&until, "until", "0", "of the feed, what comes up to this sequence `number`; 0 is all")
	cmd.MarkFlagsOneRequired("failed", "event", "feed")
	cmd.MarkFlagsMutuallyExclusive("failed", "event", "feed")
	return cmd
}

// sequence reads a number of a feed.
func sequence(flag, text string) (model.Sequence, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, usagef("%s %q: want a whole number", flag, text)
	}
	return model.Sequence(n), nil
}
