package app

import (
	"context"
	"io"

	"github.com/churnwatch/churnwatch/model"
)

// Backup writes a consistent copy of the database. Name is where it goes, for
// receipts of erasures, which can't reach it there.
func (a *App) Backup(ctx context.Context, to io.Writer, name string) error {
	err := a.Store.Backup(ctx, to, name, a.Clock().UTC())
	return a.noted(ctx, model.AuditEntry{Action: "backup"}, err)
}

// RemoveBackup notes that the copy of a name is no more.
func (a *App) RemoveBackup(ctx context.Context, name string) error {
	return a.noted(ctx, model.AuditEntry{Action: "backup removed"}, a.Store.RemoveBackup(ctx, name, a.Clock().UTC()))
}

// Restore puts a backup in the place of the database.
func (a *App) Restore(ctx context.Context, path string) (model.Restored, error) {
	defer a.Webhooks.Hold(ctx)()
	restored, err := a.Store.Restore(ctx, path, a.Clock().UTC())
	if err == nil {
		err = a.Keys.Reload(ctx)
	}
	return restored, a.noted(ctx, model.AuditEntry{Action: "restore"}, err)
}
