package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

// printThemes prints the weekly summary of complaints.
func printThemes(ctx context.Context, env *environment, a *app.App) error {
	weeks, err := a.Scoring.Themes(ctx, time.Time{})
	if err != nil {
		return err
	}
	if len(weeks) == 0 {
		env.say("no complaint: import responses with comments or tags, or tickets with topics or tags")
	}
	return env.print(weeks, func() []output.Grid {
		g := output.Grid{
			Title:  "What customers complained of, by week, [95 % interval]",
			Header: []string{"week of", "theme", "complaints", "customers", "severe", "share of remarks", "against the 4 weeks before", "sentiment", "examples"},
			Footer: []string{"themes are counted by words and tags; one comment can be read wrongly, the counts are what to look at"},
		}
		for _, w := range weeks {
			var sentiment, change any = "not scored", nil
			if w.Sentiment != nil {
				sentiment = output.Number{Value: *w.Sentiment, Decimals: 2}
			}
			if w.Change != nil {
				change = fmt.Sprintf("%+.1f points [%+.1f, %+.1f]", 100*w.Change.Value, 100*w.Change.Low, 100*w.Change.High)
			}
			var examples []string
			for _, e := range w.Examples {
				examples = append(examples, strings.TrimSuffix(string(e.Kind), "s")+" "+e.ID)
			}
			g.Rows = append(g.Rows, []any{
				w.Week, w.Theme, w.Complaints, w.Customers, w.Severe,
				fmt.Sprintf("%.1f %% [%.1f, %.1f]", 100*w.Share.Value, 100*w.Share.Low, 100*w.Share.High),
				change, sentiment, strings.Join(examples, ", "),
			})
		}
		return []output.Grid{g}
	})
}
