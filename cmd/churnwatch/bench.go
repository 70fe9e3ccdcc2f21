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
	var rows int64
	var dir string
	imports := &cobra.Command{
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
				one := func(v float64) output.Number { return output.Number{Value: v, Decimals: 1} }
				return []output.Grid{{
					Header: []string{"rows", "MB", "bare read s", "import s", "share of the bare speed", "peak MiB"},
					Rows:   [][]any{{r.Rows, one(float64(r.Bytes) / 1e6), one(r.BareSeconds), one(r.ImportSeconds), r.Ratio, one(r.PeakMiB)}},
				}}
			})
		},
	}
	imports.Flags().Int64Var(&rows, "rows", 1_000_000, "how many orders")
	imports.Flags().StringVar(&dir, "dir", "", "work in a temporary folder below this `folder`")
	cmd.AddCommand(imports)
	return cmd
}
