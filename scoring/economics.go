package scoring

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Effects tells what contacts were measured to do.
type Effects interface {
	// MeasuredEffect returns the share of those who would churn that retention
	// messages kept, as known before an instant; false while nothing measures it.
	MeasuredEffect(ctx context.Context, asOf time.Time) (model.Effect, bool, error)
}

// economics returns what contacts cost and do as known before an instant: the
// measured effect in the place of the assumed one where there is one.
func (s *Service) economics(ctx context.Context, asOf time.Time) (model.Economics, error) {
	e := s.settings.Economics
	if s.settings.Effects == nil {
		return e, nil
	}
	effect, measured, err := s.settings.Effects.MeasuredEffect(ctx, asOf)
	if err != nil || !measured {
		return e, err
	}
	effect.Basis = model.EffectMeasured
	e.Effect = effect
	return e, nil
}

// saysContacts says of what a measured effect is one, and hence what it costs.
func saysContacts(e model.Effect) string {
	whole := "the effect was measured of all that the playbooks did for a customer, not of one message: "
	switch {
	case e.Cost != nil && *e.Cost > 0:
		return whole + fmt.Sprintf("its cost is that of all of it, %.2f on average for %.2f messages as outreach told", *e.Cost, e.Contacts)
	case e.Contacts > 0:
		return whole + fmt.Sprintf("its cost is that of one message (economics.cost) times %.2f messages on average; outreach with a cost tells it exactly", e.Contacts)
	}
	return whole + "outreach reports no message that the held out did not get too, so that one is charged; import what was sent"
}

// unsaid warns of what nobody has measured or told.
func unsaid(e model.Economics) (warnings []string) {
	if e.Effect.Basis == model.EffectAssumed {
		warnings = append(warnings, fmt.Sprintf(
			"the effect of %g (%g to %g) is assumed, not measured (%s): every net below is a claim until the holdout measures it",
			e.Effect.Value, e.Effect.Low, e.Effect.High, e.Effect.Source))
	}
	if e.Effect.Basis == model.EffectMeasured {
		warnings = append(warnings, saysContacts(e.Effect))
	}
	if d := model.DefaultEconomics(); e.Margin == d.Margin && reflect.DeepEqual(e.Costs, d.Costs) {
		warnings = append(warnings, "the cost of a contact and the margin are the program's own: set economics.cost and economics.margin to yours")
	}
	return warnings
}
