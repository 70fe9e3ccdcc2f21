package main

import (
	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/bench"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func newBench(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "bench", Short: "Measure the program against a baseline in the same run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newBenchImport(env), newBenchScore(env), newBenchTriggers(env), newBenchServe(env), newBenchSoak(env))
	return cmd
}

func newBenchImport(env *environment) *cobra.Command {
	var rows int64
	var dir string
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import generated orders, against DuckDB's own typed reader into a bare table",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if rows < 1 {
				return usagef("--rows %d: want 1 or more", rows)
			}
			r, err := bench.Import(cmd.Context(), env.cfg.Config, rows, dir, env.clock, env.logger(true))
			if err != nil {
				return err
			}
			return env.print(r, func() []output.Grid {
				return []output.Grid{{
					Header: []string{"rows", "MB", "bare read s", "import s", "share of the bare speed", "peak MiB"},
					Rows:   [][]any{{r.Rows, tenths(float64(r.Bytes) / 1e6), tenths(r.BareSeconds), tenths(r.ImportSeconds), r.Ratio, tenths(r.PeakMiB)}},
				}}
			})
		},
	}
	cmd.Flags().Int64Var(&rows, "rows", 1_000_000, "how many orders")
	cmd.Flags().StringVar(&dir, "dir", "", "work in a temporary folder below this `folder`")
	return cmd
}

func newBenchScore(env *environment) *cobra.Command {
	var customers int
	var dir string
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Score a made-up shop, against the query of its features alone",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if customers < 1 {
				return usagef("--customers %d: want 1 or more", customers)
			}
			r, err := bench.Score(cmd.Context(), env.cfg.Config, customers, dir, env.clock, env.logger(true))
			if err != nil {
				return err
			}
			return env.print(r, func() []output.Grid {
				return []output.Grid{{
					Header: []string{"customers", "features", "bare query s", "score s", "times the bare query", "peak MiB"},
					Rows:   [][]any{{r.Customers, r.Features, tenths(r.BareSeconds), tenths(r.ScoreSeconds), r.Ratio, tenths(r.PeakMiB)}},
				}}
			})
		},
	}
	cmd.Flags().IntVar(&customers, "customers", 100_000, "how many customers")
	cmd.Flags().StringVar(&dir, "dir", "", "work in a temporary folder below this `folder`")
	return cmd
}

func newBenchTriggers(env *environment) *cobra.Command {
	var customers int
	var dir string
	cmd := &cobra.Command{
		Use:   "triggers",
		Short: "Evaluate a day of all playbooks for a made-up shop, against scoring it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if customers < 1 {
				return usagef("--customers %d: want 1 or more", customers)
			}
			r, err := bench.Triggers(cmd.Context(), env.cfg.Config, customers, dir, env.clock, env.logger(true))
			if err != nil {
				return err
			}
			return env.print(r, func() []output.Grid {
				return []output.Grid{{
					Header: []string{"customers", "signals", "concerned", "opened", "score s", "playbooks s", "times the scoring", "peak MiB"},
					Rows: [][]any{{
						r.Customers, r.Signals, r.Concerned, r.Opened, tenths(r.ScoreSeconds), tenths(r.TriggersSeconds), r.Ratio, tenths(r.PeakMiB),
					}},
				}}
			})
		},
	}
	cmd.Flags().IntVar(&customers, "customers", 100_000, "how many customers")
	cmd.Flags().StringVar(&dir, "dir", "", "work in a temporary folder below this `folder`")
	return cmd
}

func tenths(v float64) output.Number { return output.Number{Value: v, Decimals: 1} }
