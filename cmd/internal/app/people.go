package app

import (
	"context"
	"time"

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
// to receivers of changes meanwhile; afterwards they hear of it.
func (a *App) EraseCustomer(ctx context.Context, customer string) (model.Erasure, error) {
	defer a.Webhooks.Hold(ctx)()
	receipt, err := a.Store.EraseCustomer(ctx, customer, a.Clock().UTC())
	if err == nil {
		a.Webhooks.Erased(customer, receipt.Subject)
	}
	return receipt, err
}

// NoteCustomer writes a command on a customer into the audit log, with what
// became of it, and returns that.
func (a *App) NoteCustomer(ctx context.Context, action, customer string, err error) error {
	return a.noted(ctx, model.AuditEntry{Action: action, CustomerID: customer}, err)
}
