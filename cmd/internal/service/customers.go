package service

import (
	"context"

	"github.com/churnwatch/churnwatch/api"
	"github.com/churnwatch/churnwatch/model"
)

// customers hands out and removes what is held on one customer, in memory too.
type customers struct{ service *service }

var _ api.Customers = customers{}

// ExportCustomer returns everything.
func (c customers) ExportCustomer(ctx context.Context, customer string) (model.CustomerExport, error) {
	return c.service.App.ExportCustomer(ctx, customer)
}

// EraseCustomer removes everything, and lets go of answers and figures that may
// tell of it.
func (c customers) EraseCustomer(ctx context.Context, customer string) (model.Erasure, error) {
	receipt, err := c.service.App.EraseCustomer(ctx, customer)
	c.service.insights.forget()
	c.service.refresh(ctx)
	c.service.tell()
	return receipt, err
}
