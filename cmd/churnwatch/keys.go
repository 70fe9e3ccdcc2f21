package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newKeys(env *environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, rotate and revoke the API keys of the service",
		Long: "API keys say who may do what over REST and gRPC. The database keeps a hash of a key and never\n" +
			"its text, which is shown once, when it is made. While there is no key, every program on this\n" +
			"machine may do everything, and nobody else anything; from the first one on every call needs one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysCreate(env), newKeysDraw(env), newKeysList(env), newKeysRotate(env), newKeysRevoke(env))
	return cmd
}

func newKeysCreate(env *environment) *cobra.Command {
	var scopes []string
	var expires string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a key, and show it this once",
		Long:  "NAME says who uses it. Scopes: " + scopeNames() + "; admin holds all others.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			lasts, err := lasting(expires)
			if err != nil {
				return err
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				issued, err := a.CreateKey(ctx, args[0], scopes, lasts)
				if err != nil {
					return err
				}
				return env.print(issued, func() []output.Grid { return issuedGrid(issued.Text, issued.Key, a.Clock()) })
			})
		},
	}
	cmd.Flags().StringSliceVar(&scopes, "scope", nil, "what it may do; several with commas or one a `flag`")
	cmd.Flags().StringVar(&expires, "expires", "never", "how long it holds, such as `90d`, or never")
	_ = cmd.MarkFlagRequired("scope") // It fails only for a flag that is not there.
	return cmd
}

func newKeysDraw(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "draw", Short: "Print a new key that no database knows yet, for a file of server.keys",
		Long: "Prints the text of a new key and touches no database. It is for secrets that are made before the\n" +
			"server: put it into a file that the setting server.keys names, and serve takes it in when it\n" +
			"starts. Where such a file is missing, serve draws one itself.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := app.DrawKey()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(env.stdout, text)
			return err
		},
	}
}

func scopeNames() string {
	names := make([]string, 0, len(model.Scopes()))
	for _, s := range model.Scopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// lasting reads how long a key holds; never is 0.
func lasting(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	d, err := config.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, usagef("--expires %q: want a number with its unit, such as 90d, or never", text)
	}
	return d.Std(), nil
}

// issuedGrid shows a new key.
func issuedGrid(text string, key model.APIKey, now time.Time) []output.Grid {
	g := keysGrid([]model.APIKey{key}, now)
	g[0].CSV = &output.Grid{Header: append([]string{"text"}, g[0].Header...), Rows: [][]any{append([]any{text}, g[0].Rows[0]...)}}
	g[0].Notes = []string{text, "Keep it now: it is shown this once. Send it as Authorization: Bearer " + text[:3] + "..."}
	return g
}

func newKeysList(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List every key that was ever made, and whether it holds", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				keys, err := a.Keys.List(ctx)
				if err != nil {
					return err
				}
				return env.print(keys, func() []output.Grid { return keysGrid(keys, a.Clock()) })
			})
		},
	}
}

func keysGrid(keys []model.APIKey, now time.Time) []output.Grid {
	g := output.Grid{Header: []string{"key", "name", "scopes", "state", "created", "ends", "successor"}}
	for _, k := range keys {
		scopes := make([]string, len(k.Scopes))
		for i, s := range k.Scopes {
			scopes[i] = string(s)
		}
		state := string(k.Ended(now))
		if state == "" {
			state = "holds"
		}
		g.Rows = append(g.Rows, []any{k.ID, k.Name, strings.Join(scopes, " "), state, k.CreatedAt, k.EndsAt, k.Successor})
	}
	return []output.Grid{g}
}

func newKeysRotate(env *environment) *cobra.Command {
	var overlap config.Duration
	text := "1d"
	cmd := &cobra.Command{
		Use:   "rotate ID",
		Short: "Make a successor of a key, which holds on for a while",
		Long:  "The successor has the same name and scopes and, where the key expires, as much time as it had.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if overlap, err = config.ParseDuration(text); err != nil || overlap < 0 {
				return usagef("--overlap %q: want a number with its unit, such as 1d, or 0", text)
			}
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				issued, err := a.RotateKey(ctx, args[0], overlap.Std())
				if err != nil {
					return err
				}
				return env.print(issued, func() []output.Grid { return issuedGrid(issued.Text, issued.Key, a.Clock()) })
			})
		},
	}
	cmd.Flags().StringVar(&text, "overlap", text, "how long the old key holds on")
	return cmd
}

func newKeysRevoke(env *environment) *cobra.Command {
	return &cobra.Command{
		Use: "revoke ID", Short: "End a key at once", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return env.work(cmd.Context(), nil, func(ctx context.Context, a *app.App) error {
				key, err := a.RevokeKey(ctx, args[0])
				if err != nil {
					return fmt.Errorf("revoke: %w", err)
				}
				return env.print(key, func() []output.Grid { return keysGrid([]model.APIKey{key}, a.Clock()) })
			})
		},
	}
}
