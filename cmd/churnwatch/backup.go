package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/cmd/internal/output"
	"github.com/churnwatch/churnwatch/model"
)

func newBackup(env *environment) *cobra.Command {
	var every string
	var keep int
	var removed bool
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a consistent copy of the database, also while a server serves it",
		Long: "Writes a copy of the whole database as it is at one moment, for `churnwatch restore`. Reads and\n" +
			"writes go on meanwhile. FILE is for its owner alone (mode 0600); - is standard output. Where it\n" +
			"was written is noted: the receipt of an erasure lists it, since it holds the customer still.\n\n" +
			"With --every FILE is a folder: a copy named by its time is written there whenever the newest one\n" +
			"is older than that, all but the newest --keep of them are removed, and the command goes on until\n" +
			"it is stopped. It asks the server that holds the database and never opens the file itself. A copy\n" +
			"that fails is tried again a minute later, and what one left that was cut off is removed.\n\n" +
			"--removed writes nothing: it notes that the copy FILE is no more, so that receipts list it no longer.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if removed {
				return env.removedBackup(cmd.Context(), args[0])
			}
			if every == "" {
				return env.backup(cmd.Context(), args[0])
			}
			interval, err := config.ParseDuration(every)
			if err != nil || interval.Std() < time.Minute || keep < 1 {
				return usagef("--every %q --keep %d: want a number with its unit, such as 1d, of a minute at least, and 1 copy or more", every, keep)
			}
			folder, err := env.absolute(args[0])
			if err != nil {
				return err
			}
			return env.backups(folder, interval.Std(), keep).run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&every, "every", "", "go on, and write a copy into the folder so often, such as `1d`")
	cmd.Flags().IntVar(&keep, "keep", 7, "with --every: how many copies stay")
	cmd.Flags().BoolVar(&removed, "removed", false, "note that the copy is no more")
	cmd.MarkFlagsMutuallyExclusive("removed", "every")
	cmd.MarkFlagsMutuallyExclusive("removed", "keep")
	return cmd
}

// removedBackup notes that a copy is no more, which only who can look can say.
func (env *environment) removedBackup(ctx context.Context, path string) error {
	name, err := env.absolute(path)
	if err != nil {
		return err
	}
	if env.serving == nil {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return usagef("%s is still there: remove it first", name)
		}
	}
	return env.work(ctx, nil, func(ctx context.Context, a *app.App) error { return a.RemoveBackup(ctx, name) })
}

// backup writes one copy.
func (env *environment) backup(ctx context.Context, path string) error {
	name, err := env.absolute(path)
	if err != nil {
		return err
	}
	return env.intoFileFor(path, 0o600, func() error {
		return env.work(ctx, nil, func(ctx context.Context, a *app.App) error { return a.Backup(ctx, env.stdout, name) })
	})
}

// absolute makes an argument that names a file absolute, also in what a server
// is sent: it runs in another folder.
func (env *environment) absolute(argument string) (string, error) {
	if argument == "-" || env.serving != nil {
		return argument, nil
	}
	path, err := filepath.Abs(argument)
	if at := slices.Index(env.args, argument); at >= 0 {
		env.args = slices.Clone(env.args)
		env.args[at] = path
	}
	return path, err
}

func newRestore(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the database",
		Long: "Replaces the whole database by what `churnwatch backup` wrote; what it holds now is lost. A server\n" +
			"goes on serving. Customers who were erased after the backup was made are erased from it first, API\n" +
			"keys that ended since stay ended, and the audit log goes on. Who follows scores and triggers hears\n" +
			"of all of them anew, and that triggers which the backup does not know are withdrawn.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env.creates = true
			return env.work(cmd.Context(), args, func(ctx context.Context, a *app.App) error {
				path, err := env.path(args[0])
				if err != nil {
					return err
				}
				restored, err := a.Restore(ctx, path)
				if err != nil {
					return err
				}
				return env.print(restored, func() []output.Grid { return restoredGrid(restored) })
			})
		},
	}
}

func restoredGrid(r model.Restored) []output.Grid {
	return []output.Grid{{Header: []string{"restored", "customers erased from it again"}, Rows: [][]any{{r.RestoredAt, r.Erased}}}}
}
