package scoring

import "github.com/churnwatch/churnwatch/model"

// Limits say when a data-quality gate turns yellow (Warn) or red (Refuse).
// Shares are between 0 and 1.
type Limits struct {
	// MaxAgeDays is the age of the newest order by the clock that is still fresh.
	MaxAgeDays float64
	// StaleWarn and StaleRefuse are how many of a kind's usual gaps may pass
	// without a fact, before the watermark.
	StaleWarn, StaleRefuse float64
	// LabelsAtRisk is the share of customers that missing orders may turn from
	// kept into churned.
	LabelsAtRisk float64
	// VolumeZ is how many standard deviations a kind's volume may move.
	VolumeZ float64
	// Broken references, repeated rows, refused rows.
	BrokenWarn, BrokenRefuse         float64
	RepeatedWarn, RepeatedRefuse     float64
	QuarantineWarn, QuarantineRefuse float64
	// Linked is the least share of facts about customers with an order or a
	// contract.
	LinkedWarn, LinkedRefuse float64
	// OddWarn and OddRefuse are shares of impossible dates and far-off amounts.
	OddWarn, OddRefuse float64
	// Piled is the largest share of one score among answers of a kind.
	PiledWarn, PiledRefuse float64
	// Leak is the ROC-AUC that one feature alone may reach.
	LeakWarn, LeakRefuse float64
	// DriftWarn is the population stability index that a feature may reach.
	DriftWarn float64
}

// DefaultLimits are those of a user who sets nothing.
func DefaultLimits() Limits {
	return Limits{
		MaxAgeDays: 3,
		StaleWarn:  3, StaleRefuse: 10,
		LabelsAtRisk: 0.10, VolumeZ: 4.5,
		BrokenWarn: 0.02, BrokenRefuse: 0.9,
		RepeatedWarn: 0.01, RepeatedRefuse: 0.2,
		QuarantineWarn: 0.02, QuarantineRefuse: 0.5,
		LinkedWarn: 0.5, LinkedRefuse: 0.1,
		OddWarn: 0.01, OddRefuse: 0.5,
		PiledWarn: 0.9, PiledRefuse: 0.98,
		LeakWarn: 0.97, LeakRefuse: 0.99,
		DriftWarn: 0.25,
	}
}

// The least and the greatest age at which a kind counts as stale, whatever its
// rhythm.
const (
	leastStaleDays   = 7
	leastRefusedDays = 30
)

// allParts are the parts of a model, in the order of reports.
func allParts() []string { return []string{partRisk, partSatisfaction, partPainPoints, partDrift} }

// heldBy returns the parts that can't be trusted when a kind of facts can't:
// all of them where labels are read from it. A kind that holds nothing is
// never red.
func heldBy(kind model.FactKind, definition model.DefinitionKind) []string {
	switch {
	case kind == labelKind(definition):
		return allParts()
	case kind == model.Responses:
		return []string{partSatisfaction, partPainPoints}
	case kind == model.Orders:
		return []string{partDrift, partPainPoints}
	}
	return []string{}
}

// labelKind is the kind of facts that labels are read from.
func labelKind(definition model.DefinitionKind) model.FactKind {
	if definition == model.Cancellation {
		return model.Contracts
	}
	return model.Orders
}
