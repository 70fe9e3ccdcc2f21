package main

import (
	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/cmd/internal/service"
)

func newDashboards(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "dashboards", Short: "Write the Grafana dashboards, alerts and runbooks", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	export := &cobra.Command{
		Use:   "export DIR",
		Short: "Write every dashboard as JSON into a folder, with the rules of alerts and their runbooks",
		Long: "Writes every dashboard as JSON into a folder, which is made if need be. Import a file in\n" +
			"Grafana, or provision it from the folder; the data source is a Prometheus that scrapes\n" +
			"/metrics of churnwatch serve. Rules of alerts for that Prometheus go into DIR/rules, what to\n" +
			"do about each alert into DIR/runbooks.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			paths, err := service.ExportDashboards(args[0])
			if err != nil {
				return err
			}
			return env.print(map[string][]string{"files": paths}, func() []output.Grid {
				g := output.Grid{Header: []string{"file"}}
				for _, path := range paths {
					g.Rows = append(g.Rows, []any{path})
				}
				return []output.Grid{g}
			})
		},
	}
	cmd.AddCommand(export)
	return cmd
}
