package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/board"
)

// fixedFlags say when something was mended.
type fixedFlags struct {
	asOf, since instant
	back        config.Duration
}

func (f *fixedFlags) add(cmd *cobra.Command) {
	cmd.Flags().Var(&f.since, "since", "it has been mended since this `day`")
	cmd.Flags().Var(&f.asOf, "as-of", "with what was known at this `time` (default: the newest order's day)")
	f.back = config.Days(365)
	cmd.Flags().Var(&f.back, "back", "how long before that customers count")
	if err := cmd.MarkFlagRequired("since"); err != nil {
		panic(err) // the flag is there
	}
}

// whomToTell says who is on the list, for the help texts.
const whomToTell = "Left out, and counted, is who gave no consent, who met with it again since, who has a ticket open,\n" +
	"who is held out of retention, and who was told: import the messages as outreach with the template\n" +
	"of the list. --output csv is ready for a tool."

func newThemesFixed(env *environment) *cobra.Command {
	var flags fixedFlags
	cmd := &cobra.Command{
		Use:   "fixed THEME --since DAY",
		Short: "List whom to tell that what they complained of was mended (\"you said, we built\")",
		Long:  "Lists who complained of a theme before it was mended and has not been told yet.\n\n" + whomToTell,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.fixed(cmd.Context(), flags, board.Mended{Theme: args[0]})
		},
	}
	flags.add(cmd)
	return cmd
}

func newHotspotsFixed(env *environment) *cobra.Command {
	var flags fixedFlags
	cmd := &cobra.Command{
		Use:     "fixed PAINPOINT DIMENSION=COHORT --since DAY",
		Short:   "List whom to tell that a hotspot that touched them was mended",
		Long:    "Lists who had an incident in a hotspot before it was mended and has not been told yet.\n\n" + whomToTell,
		Example: "  churnwatch hotspots fixed late_delivery supplier=S07 --since 2026-08-01 --output csv",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			dimension, cohort, ok := strings.Cut(args[1], "=")
			if !ok || !model.IsHotspotDimension(dimension) {
				return usagef("%q: want a dimension and its value such as supplier=S07; dimensions are %s", args[1], strings.Join(model.HotspotDimensions(), ", "))
			}
			return env.fixed(cmd.Context(), flags, board.Mended{
				Cell: model.PainPointCell{PainPoint: args[0], HotspotCell: model.HotspotCell{Dimension: dimension, Cohort: cohort}},
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// fixed prints whom to tell.
func (env *environment) fixed(ctx context.Context, flags fixedFlags, m board.Mended) error {
	if m.AsOf, m.FixedAt, m.Back = flags.asOf.Time, flags.since.Time, flags.back.Std(); m.Back < model.Day {
		return usagef("--back %s: want a day or more", flags.back)
	}
	return env.work(ctx, nil, func(ctx context.Context, a *app.App) error {
		report, err := a.Boards.YouSaid(ctx, m)
		if err != nil {
			return err
		}
		if report.Concerned == 0 {
			env.say("nobody was concerned by %s from %s to %s", report.Subject, report.From.Format(time.DateOnly), report.FixedAt.Format(time.DateOnly))
		} else {
			env.say("%d customers were concerned, %d are to be told%s", report.Concerned, len(report.Customers), leftOut(report.LeftOut))
		}
		return env.print(report, func() []output.Grid { return []output.Grid{mendedGrid(report)} })
	})
}

// leftOut counts by reason, in words.
func leftOut(reasons map[string]int) string {
	out := make([]string, 0, len(reasons))
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		out = append(out, fmt.Sprintf("%s %d", words(reason), reasons[reason]))
	}
	if len(out) == 0 {
		return ""
	}
	return "; left out: " + strings.Join(out, ", ")
}

func mendedGrid(r model.MendedReport) output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("To be told that %s was mended on %s", r.Subject, r.FixedAt.Format(time.DateOnly)),
		Header: []string{"customer_id", "first_name", "language", "owner", "times", "last_at", "said_in", "expected_value", "template"},
	}
	for _, c := range r.Customers {
		var times, last, said any
		if c.Times != nil {
			times, last, said = *c.Times, *c.LastAt, *c.Said
		}
		g.Rows = append(g.Rows, []any{c.CustomerID, c.FirstName, c.Language, c.Owner, times, last, said, money(c.ExpectedValue), c.Template})
	}
	return g
}
