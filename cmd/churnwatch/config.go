package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
)

func newConfig(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use: "config", Short: "Show or check the configuration", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var example bool
	show := &cobra.Command{
		Use: "show", Short: "Print every setting and where its value comes from", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if example {
				_, err := fmt.Fprint(env.stdout, config.Example())
				return err
			}
			values := env.cfg.Values()
			return env.print(values, func() []output.Grid {
				g := output.Grid{Header: []string{"setting", "value", "from", "what it is"}}
				for _, v := range values {
					g.Rows = append(g.Rows, []any{v.Path, v.Value, v.Origin, v.Comment})
				}
				return []output.Grid{g}
			})
		},
	}
	show.Flags().BoolVar(&example, "example", false, "print a commented file with every default instead")
	check := &cobra.Command{
		Use: "check", Short: "Check the configuration, all faults at once", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			env.say("the configuration is in order")
			return nil
		},
	}
	cmd.AddCommand(show, check)
	return cmd
}
