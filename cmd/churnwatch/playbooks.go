package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

func newPlaybooks(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "playbooks", Short: "Check, show or try what is done about a risk", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPlaybooksCheck(env), newPlaybooksShow(env), newPlaybooksTest(env))
	return cmd
}

func newPlaybooksCheck(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Read files of playbooks and say what is wrong with them; nothing is stored",
		Long: "Reads playbooks of your own on top of those that come with the program, and prints all\n" +
			"that would be in force. A playbook replaces one of the same name. Name the files in the\n" +
			"configuration (retention.playbooks) to use them; `churnwatch playbooks show --yaml` prints\n" +
			"the program's own to begin with.",
		RunE: func(_ *cobra.Command, files []string) error {
			if len(files) == 0 {
				files = env.cfg.Retention.Playbooks
			}
			if err := env.readPlaybooks(files); err != nil {
				return err
			}
			all := env.cfg.Retention.Own
			for _, w := range playbook.Warnings(all) {
				env.say("warning: %s", w)
			}
			return env.print(all, func() []output.Grid { return playbooksGrid(all) })
		},
	}
}

func newPlaybooksShow(env *environment) *cobra.Command {
	var asYAML bool
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "Show the playbooks in force, or the steps of one", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if asYAML {
				return showDefaults(env.stdout)
			}
			all := env.cfg.Retention.Own
			if len(args) == 0 {
				return env.print(all, func() []output.Grid { return playbooksGrid(all) })
			}
			for _, p := range all {
				if p.Name == args[0] {
					return env.print(p, func() []output.Grid { return playbookGrid(p) })
				}
			}
			return model.Errorf(model.KindNotFound, "there is no playbook %q: churnwatch playbooks show lists them", args[0])
		},
	}
	cmd.Flags().BoolVar(&asYAML, "yaml", false, "print the file of the playbooks that come with the program, and the words that conditions may use")
	return cmd
}

// showDefaults prints the program's own playbooks, and what conditions mean.
func showDefaults(to io.Writer) error {
	for _, w := range playbook.Words() {
		if _, err := fmt.Fprintf(to, "# %-14s %s\n", w.Name, w.Meaning); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(to, "\n%s", playbook.Defaults().Text)
	return err
}

func playbooksGrid(all []playbook.Playbook) []output.Grid {
	g := output.Grid{Header: []string{"playbook", "sets it off", "for", "purpose", "steps", "enabled", "from"}}
	for _, p := range all {
		enabled := "yes"
		if !p.Enabled {
			enabled = "no"
		}
		g.Rows = append(g.Rows, []any{p.Name, p.Label, customersText(p.For), string(p.Purpose), len(p.Steps), enabled, p.From})
	}
	return []output.Grid{g}
}

func customersText(f playbook.For) string {
	var parts []string
	add := func(prefix string, words []string) {
		if len(words) > 0 {
			parts = append(parts, prefix+strings.Join(words, ", "))
		}
	}
	add("", conditions(f.All))
	add("any of ", conditions(f.Any))
	add("tier ", f.Tier)
	add("channel ", f.Channel)
	add("region ", f.Region)
	if len(parts) == 0 {
		return "everybody"
	}
	return strings.Join(parts, "; ")
}

func conditions(all []playbook.Condition) (out []string) {
	for _, c := range all {
		out = append(out, c.String())
	}
	return out
}

func playbookGrid(p playbook.Playbook) []output.Grid {
	g := output.Grid{Title: p.Name + ": " + p.Label, Header: []string{"step", "after", "if", "due within", "urgency", "action", "channel", "owner", "templates"}}
	for _, s := range p.Steps {
		keys := make([]string, len(s.Templates))
		for i, t := range s.Templates {
			keys[i] = strings.TrimSpace(t.Key + " " + strings.Join(conditions(t.If), "+"))
		}
		g.Rows = append(g.Rows, []any{
			s.Name, config.Duration(s.After).String(), strings.Join(conditions(s.If), ", "), config.Duration(s.Within).String(),
			string(s.Urgency), s.Action, s.Channel, s.Owner, strings.Join(keys, "; "),
		})
	}
	return []output.Grid{g}
}

func newPlaybooksTest(env *environment) *cobra.Command {
	var asOf instant
	var customer string
	span := config.Days(30)
	cmd := &cobra.Command{
		Use:   "test --customer ID",
		Short: "Say what the playbooks would do for a customer, and why not; nothing is stored",
		Long: "Runs the playbooks for one customer over a span of time, as if no trigger had been made\n" +
			"before, and prints what each would have opened when, and what would have stood against it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if customer == "" {
				return usagef("--customer is missing: whom to try them for")
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				trial, err := a.Retention.Test(ctx, customer, asOf.Time, span.Std())
				if err != nil {
					return err
				}
				return env.print(trial, func() []output.Grid { return trialGrid(trial) })
			})
		},
	}
	cmd.Flags().StringVar(&customer, "customer", "", "the customer's `id`")
	cmd.Flags().Var(&span, "span", "how far back to begin")
	cmd.Flags().Var(&asOf, "as-of", "up to this `time` (default: now, or the start of the day of the newest order where that is old)")
	return cmd
}

func trialGrid(trial retention.Trial) []output.Grid {
	g := output.Grid{
		Title:  fmt.Sprintf("%s from %s to %s", trial.CustomerID, trial.From.Format(time.DateOnly), trial.To.Format(time.DateOnly)),
		Header: []string{"playbook", "step", "status", "when", "due", "template", "why"},
		Stacks: [][]int{{0, 1, 5}, {3, 4}},
	}
	for _, p := range trial.Playbooks {
		if len(p.Triggers) == 0 {
			g.Rows = append(g.Rows, []any{p.Playbook, nil, "no trigger", nil, nil, nil, p.WhyNot})
		}
		for i := range p.Triggers {
			t := &p.Triggers[i]
			last := t.History[len(t.History)-1]
			at := last.At
			if t.Status == model.TriggerScheduled {
				at = t.PlannedAt
			}
			g.Rows = append(g.Rows, []any{p.Playbook, t.Step, string(t.Status), at, t.DueAt, t.Template, because(t, last)})
		}
	}
	return []output.Grid{g}
}

// because says why a trigger is what it is: what set it off, and what stands
// against it.
func because(t *model.Trigger, last model.TriggerLife) string {
	if last.Reason == "" {
		return t.Reason
	}
	return t.Reason + "; " + last.Reason
}
