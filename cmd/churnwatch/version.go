package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func newVersion(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			v := map[string]string{"version": version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
			return env.print(v, func() []output.Grid {
				return []output.Grid{{Header: []string{"version", "go", "platform"}, Rows: [][]any{{v["version"], v["go"], v["platform"]}}}}
			})
		},
	}
}
