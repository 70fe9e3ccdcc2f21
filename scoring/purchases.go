package scoring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/btyd"
)

// fitPurchases fits the rhythm of orders on the days with an order known
// before asOf and the values of its orders, those of customers long gone included: whoever left tells how
// customers leave. Without enough of them the part says what it needs, and
// forecasts are missing.
func (s *Service) fitPurchases(ctx context.Context, asOf time.Time) (PurchasePart, error) {
	known, err := s.warehouse.Purchases(ctx, model.PurchasesQuery{AsOf: asOf, MaxRows: s.sampleRows(), Seed: s.settings.Seed})
	if err != nil {
		return PurchasePart{}, err
	}
	histories, spends := make([]btyd.History, len(known)), make([]btyd.Spend, len(known))
	for i, h := range known {
		histories[i] = btyd.History{Repeats: h.Repeats, Last: h.LastDays, Age: h.AgeDays}
		days := h.Repeats + 1
		spends[i] = btyd.Spend{Orders: days, Mean: max(h.Amount, 0) / float64(days)}
	}
	var out PurchasePart
	options := btyd.Options{Confidence: s.settings.IntervalLevel, Stop: stopper(ctx)}
	orders, err := btyd.Fit(histories, options)
	if out.Status, err = s.purchaseStatus(ctx, err); err != nil || out.Status.Status != statusOK {
		return out, err
	}
	out.Orders = &orders
	values, err := btyd.FitSpend(spends, options)
	if out.ValueStatus, err = s.purchaseStatus(ctx, err); err != nil || out.ValueStatus.Status != statusOK {
		return out, err
	}
	out.Values = &values
	return out, nil
}

// purchaseStatus turns what a fit says into a status; other errors are kept.
func (s *Service) purchaseStatus(ctx context.Context, err error) (model.PartStatus, error) {
	switch {
	case err == nil:
		return model.PartStatus{Status: statusOK}, nil
	case ctx.Err() != nil:
		return model.PartStatus{}, ctx.Err()
	case errors.Is(err, btyd.ErrFewRepeaters):
		return model.PartStatus{Status: statusNoData, Needs: []string{"customers with orders on two days or more: " + err.Error()}}, nil
	case errors.Is(err, btyd.ErrDiverged):
		return model.PartStatus{Status: statusNoData, Needs: []string{"orders that a rhythm can be fitted to: " + err.Error()}}, nil
	}
	return model.PartStatus{}, s.fitError(ctx, "purchases", err)
}

// parameters are those that features are made with.
func (p PurchasePart) parameters() (model.PurchaseParameters, error) {
	if p.Orders == nil {
		return model.PurchaseParameters{}, nil
	}
	classes, err := p.Orders.Classes()
	if err != nil {
		return model.PurchaseParameters{}, model.Wrap(model.KindInternal, "classes of dropout", fmt.Errorf("of %+v: %w", p.Orders.Parameters, err))
	}
	out := model.PurchaseParameters{R: p.Orders.R, Alpha: p.Orders.Alpha, A: p.Orders.A, B: p.Orders.B}
	for _, c := range classes {
		out.Dropout = append(out.Dropout, model.DropoutClass{Probability: c.Dropout, Weight: c.Weight})
	}
	if p.Values != nil {
		out.P, out.Q, out.V = p.Values.P, p.Values.Q, p.Values.V
	}
	return out, nil
}
