package model

// Economics are what it costs to contact a customer and what that is expected
// to bring.
type Economics struct {
	Effect Effect `json:"effect"`
	// Costs are those of one contact by channel; "" is every other one.
	Costs map[string]float64 `json:"costs"`
	// Margin is the share of what a customer spends that is left to the business.
	Margin float64 `json:"margin"`
	// LeastReturn is how many times its cost a contact must be expected to bring.
	LeastReturn float64 `json:"least_return"`
	// Capacity is the most contacts at one time; 0 is no bound.
	Capacity int `json:"capacity"`
}

// EffectBasis says where an effect comes from.
type EffectBasis string

// The bases of an effect.
const (
	EffectAssumed  EffectBasis = "assumed"
	EffectMeasured EffectBasis = "measured"
)

// Effect is the share of those who would churn that a contact keeps, with an
// interval: assumed, or measured by those who were held out.
type Effect struct {
	Value  float64     `json:"value"`
	Low    float64     `json:"low"`
	High   float64     `json:"high"`
	Basis  EffectBasis `json:"basis"`
	Source string      `json:"source"`
	// Contacts are how many contacts a customer has this effect, on average; 0 is
	// one. Cost is what they cost together where that is known.
	Contacts float64  `json:"contacts"`
	Cost     *float64 `json:"cost"`
}

// CostOf returns what it costs to have the effect on one customer by a channel:
// what all contacts that have it cost, where that is known, else the channel's
// cost of one as many times as they are.
func (e Economics) CostOf(channel string) float64 {
	if e.Effect.Cost != nil && *e.Effect.Cost > 0 {
		return *e.Effect.Cost
	}
	cost, ok := e.Costs[channel]
	if !ok {
		cost = e.Costs[""]
	}
	if e.Effect.Contacts > 0 {
		cost *= e.Effect.Contacts
	}
	return cost
}

// Net returns what contacting a customer is expected to bring: his probability
// of churn times the effect times the margin of what he spends if kept, less
// the cost.
func (e Economics) Net(probability, value float64, channel string) float64 {
	return probability*e.Effect.Value*e.Margin*value - e.CostOf(channel)
}

// Worth reports whether contacting a customer is expected to bring enough.
func (e Economics) Worth(probability, value float64, channel string) bool {
	return probability*e.Effect.Value*e.Margin*value >= max(e.LeastReturn, 0)*e.CostOf(channel)
}

// DefaultEconomics are those of a shop that says nothing. All of them are
// assumptions.
func DefaultEconomics() Economics {
	return Economics{
		Effect: Effect{
			Value: 0.10, Low: 0.02, High: 0.30, Basis: EffectAssumed,
			Contacts: 1,
			Source:   "an assumption: articles claim 0.25 to 0.35 for an answer within two hours and 0.4 to 0.7 for any follow-up, and give no method",
		},
		Costs:  map[string]float64{"": 1, "phone": 8},
		Margin: 0.30, LeastReturn: 1,
	}
}
