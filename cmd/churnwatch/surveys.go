package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
)

func newSurveys(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "surveys", Short: "Plan whom to ask next, and show a customer's surveys", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSurveysPlan(env), newSurveysCalendar(env))
	return cmd
}

func newSurveysPlan(env *environment) *cobra.Command {
	var r retention.SurveyRequest
	var capacity int
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "List whom to ask on a day, at which moment and why",
		Long: "Draws a sample of those who come to a moment on the day (surveys.moments) and whom nothing\n" +
			"stands against: another survey within retention.survey_every, no consent, an open ticket,\n" +
			"the caps. Part of it is drawn at random, the rest by what an answer is worth to a decision;\n" +
			"each survey says by which, and with what probability, whose inverse weighs the answer.\n" +
			"Everything is as known at the start of the day.\n\n" +
			"The plan is kept: asked again, a day's plan is the same, with what became of each survey.\n" +
			"What your tool sends comes back as outreach of kind survey with its survey_id. A planned\n" +
			"survey keeps other surveys of the customer away, those of playbooks too, until it was sent,\n" +
			"or for a week when nobody reports so. Do not send what has expired or is withdrawn.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("capacity") {
				if capacity < 0 {
					return usagef("--capacity %d: want 0 or more", capacity)
				}
				r.Capacity = &capacity
			}
			if _, err := time.Parse(time.DateOnly, r.Day); r.Day != "" && err != nil {
				return usagef("--day %q: want such as 2026-08-01", r.Day)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				plan, err := a.Retention.PlanSurveys(ctx, r)
				if err != nil {
					return err
				}
				for _, warning := range plan.Warnings {
					env.say("%s", warning)
				}
				return env.print(plan, func() []output.Grid { return surveysGrids(plan) })
			})
		},
	}
	cmd.Flags().StringVar(&r.Day, "day", "", "the shop's `day`, such as 2026-08-01 (default: today, or that of the newest order where it is old)")
	cmd.Flags().IntVar(&capacity, "capacity", 0, "at most this `many` surveys (default: surveys.capacity)")
	cmd.Flags().BoolVar(&r.Look, "dry-run", false, "keep nothing; may look ahead to a day that has not begun")
	return cmd
}

// surveysGrids are the surveys, and how they were drawn. A CSV file holds the
// surveys alone.
func surveysGrids(p model.SurveyPlan) []output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("%s: %d surveys of %d customers who come to a moment, %d of whom may be asked", p.Day, len(p.Surveys), p.Candidates, p.Eligible),
		Header: []string{"customer", "moment", "send", "chosen by", "with", "status", "why"},
		Widths: []int{0, 0, 0, 0, 0, 16, 32},
		CSV: &output.Grid{Header: []string{
			"survey_id", "day", "customer_id", "moment", "kind", "template", "channel", "cause", "send_from", "send_until", "chosen_by",
			"inclusion_probability", "random_probability", "value_of_answer", "status", "status_reason", "why",
		}},
	}
	for i := range p.Surveys {
		s := &p.Surveys[i]
		status := string(s.Status)
		if s.StatusReason != nil {
			status += ": " + *s.StatusReason
		}
		g.Rows = append(g.Rows, []any{
			s.CustomerID, string(s.Moment) + " " + s.Kind, s.SendFrom.Format("01-02 15:04") + s.SendUntil.Format("-15:04"), string(s.ChosenBy),
			output.Percent(s.InclusionProbability), status, s.Why,
		})
		g.CSV.Rows = append(g.CSV.Rows, []any{
			s.ID, s.Day, s.CustomerID, string(s.Moment), s.Kind, s.Template, s.Channel, s.Cause, s.SendFrom, s.SendUntil, string(s.ChosenBy),
			s.InclusionProbability, s.RandomProbability, s.ValueOfAnswer, string(s.Status), s.StatusReason, s.Why,
		})
	}
	if len(p.Refused) > 0 {
		g.Footer = append(g.Footer, "not asked: "+counted(p.Refused))
	}
	return []output.Grid{g, momentsGrid(p), segmentsGrid(p)}
}

func momentsGrid(p model.SurveyPlan) output.Grid {
	g := output.Grid{Title: "By moment", Header: []string{"moment", "kind", "rate", "come to it", "may be asked", "expected", "chosen"}, CSV: &output.Grid{}}
	for _, m := range p.Moments {
		rate := m.Rate
		g.Rows = append(g.Rows, []any{string(m.Moment), m.Kind, percent(&rate), m.Candidates, m.Eligible, output.Number{Value: m.Expected, Decimals: 1}, m.Chosen})
	}
	return g
}

func segmentsGrid(p model.SurveyPlan) output.Grid {
	g := output.Grid{
		Title:  "By segment",
		Header: []string{"dimension", "segment", "answers in 90 days", "quota", "may be asked", "expected", "chosen"}, CSV: &output.Grid{},
	}
	for _, c := range p.Segments {
		g.Rows = append(g.Rows, []any{c.Dimension, c.Segment, c.Answers, c.Quota, c.Eligible, output.Number{Value: c.Expected, Decimals: 1}, c.Chosen})
	}
	return g
}

func newSurveysCalendar(env *environment) *cobra.Command {
	var asOf instant
	cmd := &cobra.Command{
		Use:   "calendar CUSTOMER",
		Short: "Show a customer's past surveys, when he may be asked again, and the moments ahead",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				c, err := a.Retention.SurveyCalendar(ctx, args[0], asOf.Time)
				if err != nil {
					return err
				}
				return env.print(c, func() []output.Grid { return []output.Grid{calendarGrid(c)} })
			})
		},
	}
	cmd.Flags().Var(&asOf, "as-of", "as known at this `time` (default: now, or the start of the day of the newest order where that is old)")
	return cmd
}

func calendarGrid(c model.SurveyCalendar) output.Grid {
	g := output.Grid{Title: c.CustomerID + " as of " + c.AsOf.Format(time.RFC3339), Header: []string{"at", "what", "moment", "kind", "score", "asked with", "status", "note"}}
	switch {
	case c.NextAllowedAt != nil:
		g.Footer = append(g.Footer, "may be asked again from "+c.NextAllowedAt.Format(time.RFC3339)+" on")
	case c.WhyNot == nil:
		g.Footer = append(g.Footer, "may be asked now")
	}
	if c.WhyNot != nil {
		g.Footer = append(g.Footer, "not now: "+*c.WhyNot)
	}
	for _, e := range c.Entries {
		g.Rows = append(g.Rows, []any{e.At, e.What, wordOf(e.Moment), wordOf(e.Kind), scoreOf(e), percent(e.Rate), wordOf(e.Status), e.Note})
	}
	return g
}

// wordOf shows a word that may be missing.
func wordOf[T ~string](word *T) any {
	if word == nil {
		return nil
	}
	return string(*word)
}

// scoreOf shows the score of an answer on its own scale.
func scoreOf(e model.SurveyEntry) any {
	if e.Score == nil {
		return nil
	}
	return strconv.FormatFloat(*e.Score, 'g', -1, 64)
}
