package main

import (
	"errors"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// newRoot builds the command tree for one run.
func newRoot(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "churnwatch",
		Short: "Churn risk from satisfaction, orders and behaviour, checked out of time",
		Long: "churnwatch turns satisfaction answers, orders and behaviour into a churn\n" +
			"probability per customer that can be checked, explained and acted on in time.\n\n" +
			"Start with `churnwatch demo`, or with `churnwatch import` and your own files.",
		SilenceErrors: true, SilenceUsage: true,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return env.load(cmd) },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usagef("%w\nsee: %s --help", err, cmd.CommandPath()) })
	flags := root.PersistentFlags()
	flags.StringVar(&env.flags.config, "config", "", "read the configuration from this YAML `file`")
	flags.StringVar(&env.flags.db, "db", "churnwatch.duckdb", "the database `file`")
	flags.StringVar(&env.flags.output, "output", "", "table, json or csv (default: table on a terminal, json otherwise)")
	flags.IntVar(&env.flags.threads, "threads", 0, "threads of Go and DuckDB (default: all)")
	flags.BoolVar(&env.flags.quiet, "quiet", false, "keep standard error silent")
	flags.StringVar(&env.flags.logLevel, "log-level", "", "debug, info, warn or error")
	root.AddCommand(
		newDemo(env), newImport(env), newQuarantine(env), newTrain(env), newEvaluate(env), newModels(env),
		newScore(env), newScores(env), newExplain(env), newPainPoints(env), newWhatIf(env), newDrift(env), newCohorts(env), newSegments(env), newTargets(env), newThemes(env), newReview(env), newHotspots(env),
		newPlaybooks(env), newTriggers(env), newThresholds(env), newSurveys(env), newExperiments(env),
		newCheck(env),
		newKeys(env), newWebhooks(env), newAudit(env), newCustomer(env), newBackup(env), newRestore(env),
		newServe(env), newHealth(env), newConfig(env), newDashboards(env), newBench(env), newVersion(env),
	)
	usageErrors(root)
	return root
}

// usageErrors makes wrong arguments exit as wrong usage everywhere.
func usageErrors(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usagef("%w\nsee: %s --help", err, cmd.CommandPath())
			}
			return nil
		}
	}
	if cmd.RunE != nil {
		cmd.PreRunE = func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(cmd.ValidateRequiredFlags(), cmd.ValidateFlagGroups()); err != nil {
				return usagef("%w\nsee: %s --help", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, child := range cmd.Commands() {
		usageErrors(child)
	}
}

// version names the code: the module's version, or the commit of a build from
// a checkout.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "devel-" + s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
