package app

import (
	"context"
	"fmt"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// effects tells scoring what retention has measured.
type effects struct{ app *App }

// MeasuredEffect implements scoring.Effects. It is the effect on all whom a
// playbook wanted to reach, so that it is smaller than that of a message that
// arrived.
func (e effects) MeasuredEffect(ctx context.Context, asOf time.Time) (model.Effect, bool, error) {
	m, measured, err := e.app.Retention.MeasuredEffect(ctx, asOf)
	if err != nil || !measured || m.Relative == nil {
		return model.Effect{}, false, err
	}
	share := func(v float64) float64 { return max(-1, min(v, 1)) }
	return model.Effect{
		Value: share(m.Relative.Value), Low: share(m.Relative.Low), High: share(m.Relative.High), Basis: model.EffectMeasured,
		Source:   fmt.Sprintf("of %d treated against %d held out, as of %s", m.Treated, m.HeldOut, m.AsOf.Format(time.DateOnly)),
		Contacts: m.Contacts, Cost: m.ContactsCost,
	}, true, nil
}
