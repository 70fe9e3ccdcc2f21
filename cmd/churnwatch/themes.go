package main

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newThemes(env *environment) *cobra.Command {
	var week string
	cmd := &cobra.Command{
		Use:   "themes",
		Short: "Print what customers complained of in a week, and whom to tell that it was mended",
		Long: "Prints the complaints of a week by theme: how many, by whom and how severe, their share of all\n" +
			"remarks against that of the four weeks before with its noise, what those customers buy, and\n" +
			"where the worst are to be read. `churnwatch painpoints --themes` shows the last eight weeks.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			monday, err := mondayOf(week)
			if err != nil {
				return err
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				weeks, err := a.Scoring.ThemesOfWeek(ctx, monday)
				if err != nil {
					return err
				}
				return env.printThemes(weeks, a.Config.Currency)
			})
		},
	}
	cmd.Flags().StringVar(&week, "week", "", "an ISO week such as 2026-W40, or a day of it (default: the newest with a remark)")
	cmd.AddCommand(newThemesFixed(env))
	return cmd
}

// mondayOf reads a week as ISO 8601 numbers it, or as one of its days; zero for
// nothing.
func mondayOf(week string) (time.Time, error) {
	if week == "" {
		return time.Time{}, nil
	}
	if parts := regexp.MustCompile(`^(\d{4})-?W(\d{2})$`).FindStringSubmatch(week); parts != nil {
		year, _ := strconv.Atoi(parts[1])
		number, _ := strconv.Atoi(parts[2])
		fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC) // always in the first week
		monday := startOfWeek(fourth).AddDate(0, 0, 7*(number-1))
		if y, w := monday.ISOWeek(); y != year || w != number {
			return time.Time{}, usagef("--week %s: %d has no such week", week, year)
		}
		return monday, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, week, time.UTC)
	if err != nil {
		return time.Time{}, usagef("--week %q: want a week such as 2026-W40, or a day of it such as 2026-09-28", week)
	}
	return startOfWeek(day), nil
}

// startOfWeek is the Monday of a day's week.
func startOfWeek(day time.Time) time.Time { return day.AddDate(0, 0, -(int(day.Weekday())+6)%7) }

// printThemes prints complaints by week.
func (env *environment) printThemes(weeks []model.ThemeWeek, currency string) error {
	if len(weeks) == 0 {
		env.say("no complaint: import responses with comments or tags, or tickets with topics or tags")
	}
	return env.print(weeks, func() []output.Grid {
		g := output.Grid{
			Title: "What customers complained of, by week, [95 % interval]",
			Header: []string{
				"week of", "theme", "complaints", "customers", "severity (1-3)", "severe", "share of remarks", "against the 4 weeks before",
				"sentiment", "revenue 90 d " + currency, "the worst",
			},
			Stacks: [][]int{{2, 3}, {4, 5}},
			Footer: []string{
				"themes are counted by words and tags; one comment can be read wrongly, the counts are what to look at",
				"revenue: what the customers who complained bought in the 90 days before the week's end; --output json has more of the worst",
			},
		}
		for _, w := range weeks {
			var sentiment, change any = "not scored", nil
			if w.Sentiment != nil {
				sentiment = output.Number{Value: *w.Sentiment, Decimals: 2}
			}
			if w.Change != nil {
				change = fmt.Sprintf("%+.1f points [%+.1f, %+.1f]", 100*w.Change.Value, 100*w.Change.Low, 100*w.Change.High)
			}
			worst := ""
			if len(w.Examples) > 0 {
				worst = strings.TrimSuffix(string(w.Examples[0].Kind), "s") + " " + w.Examples[0].ID
			}
			g.Rows = append(g.Rows, []any{
				w.Week, w.Theme, w.Complaints, w.Customers,
				output.Number{Value: w.Severity, Decimals: 1},
				w.Severe,
				fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*w.Share.Value, 100*w.Share.Low, 100*w.Share.High),
				change, sentiment, output.Money(w.Revenue90d), worst,
			})
		}
		return []output.Grid{g}
	})
}
