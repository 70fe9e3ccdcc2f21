package app

import (
	"context"
	"time"

	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/model"
)

// ExportCustomer returns everything that is held on a customer, with why his
// score is what it is.
func (a *App) ExportCustomer(ctx context.Context, customer string) (model.CustomerExport, error) {
	export, err := a.Store.ExportCustomer(ctx, customer)
	if err != nil {
		return export, err
	}
	explanation, err := a.Scoring.Explain(ctx, customer, time.Time{})
	switch kind := model.KindOf(err); {
	case err == nil:
		export.Explanation = &explanation
	case kind != model.KindNotFound && kind != model.KindNoData:
		return model.CustomerExport{}, err
	}
	return export, nil
}

// EraseCustomer removes everything that is held on a customer. Nothing is sent
// to receivers of changes meanwhile; afterwards they hear of it. An accepted batch
// whose load has begun is loaded first, and gone from the spool; one that waits is
// loaded afterwards, without him.
func (a *App) EraseCustomer(ctx context.Context, customer string) (model.Erasure, error) {
	release, err := a.HoldErasures(ctx)
	if err != nil {
		return model.Erasure{}, err
	}
	defer release()
	defer a.Webhooks.Hold(ctx)()
	receipt, err := a.Store.EraseCustomer(ctx, customer, a.Clock().UTC())
	if err == nil {
		a.Webhooks.Erased(customer, receipt.Subject)
	}
	return receipt, err
}

// HoldErasures lets no customer be erased until release is called: who holds
// them has something in hand that may name one.
func (a *App) HoldErasures(ctx context.Context) (release func(), err error) {
	select {
	case a.erasing <- struct{}{}:
		return func() { <-a.erasing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// ForgetAccepted lets go of what a server that was killed left in the spool, which
// may name a customer who was erased: no server is there to load it. The operations
// of accepted batches say so.
func (a *App) ForgetAccepted(ctx context.Context) error {
	left, err := ingest.AcceptedIn(a.spool)
	if err != nil {
		return err
	}
	for _, batch := range left {
		if stored, err := a.Store.Job(ctx, batch.ID); err != nil || stored.Status == model.JobRunning {
			if err := a.Store.SaveJob(ctx, a.lost(batch)); err != nil {
				return err
			}
		}
		if err := batch.Forget(); err != nil {
			return err
		}
	}
	return ingest.Sweep(a.spool)
}

// lost is the operation of a batch that was let go of.
func (a *App) lost(batch ingest.Accepted) model.Job {
	out := batch.Job()
	at := a.Clock().UTC().Truncate(time.Microsecond)
	out.Status, out.EndedAt, out.Code = model.JobFailed, &at, new(model.KindConflict)
	out.Error = new("a customer was erased while the server was down, before these rows were loaded, and they were let go of: send them again")
	return out
}

// NoteCustomer writes a command on a customer into the audit log, with what
// became of it, and returns that.
func (a *App) NoteCustomer(ctx context.Context, action, customer string, err error) error {
	return a.noted(ctx, model.AuditEntry{Action: action, CustomerID: customer}, err)
}
