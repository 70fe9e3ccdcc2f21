package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/model"
)

func newModelsExport(env *environment) *cobra.Command {
	var format, dialect string
	cmd := &cobra.Command{
		Use:   "export V",
		Short: "Write a model's file, or its risk as SQL for a warehouse of your own",
		Long: "With --format json writes the model file, byte for byte. With --format sql writes one\n" +
			"statement that reads a table churnwatch_features (one row per customer, columns named\n" +
			"as the model's features) and gives each customer's probability, log-odds and their\n" +
			"parts, as churnwatch computes them. It holds no intervals.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case format != "json" && format != "sql":
				return usagef("--format %q: want json or sql", format)
			case !slices.Contains([]string{"duckdb", "clickhouse", "ansi"}, dialect):
				return usagef("--dialect %q: want duckdb, clickhouse or ansi", dialect)
			case format == "json" && cmd.Flags().Changed("dialect"):
				return usagef("--dialect is for --format sql")
			}
			return env.withVersion(cmd, args[0], func(ctx context.Context, a *app.App, v int) error {
				if format == "sql" {
					return exportSQL(ctx, env, a, v, dialect)
				}
				stored, _, err := a.Scoring.Model(ctx, v)
				if err != nil {
					return err
				}
				if !json.Valid(stored.File) {
					return model.Errorf(model.KindInternal, "model %d: the stored file is not JSON", v)
				}
				_, err = env.stdout.Write(stored.File)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "json", "json: the model file; sql: a statement that scores")
	cmd.Flags().StringVar(&dialect, "dialect", "duckdb", "with --format sql: duckdb, clickhouse or ansi")
	return cmd
}

func exportSQL(ctx context.Context, env *environment, a *app.App, version int, dialect string) error {
	statement, err := a.ModelSQL(ctx, version, dialect)
	if err != nil {
		return err
	}
	_, err = io.WriteString(env.stdout, statement)
	return err
}
