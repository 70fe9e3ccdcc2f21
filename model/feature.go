package model

// Family groups features for people.
type Family string

// The families of features.
const (
	Rhythm       Family = "rhythm"
	Value        Family = "money"
	Decline      Family = "decline"
	Satisfaction Family = "satisfaction"
	Pain         Family = "pain"
	Drift        Family = "drift"
	Support      Family = "support"
	Behaviour    Family = "behaviour"
	Profile      Family = "profile"
)

// Aggregate is one of the closed set of ways to make a feature from facts. An
// engine renders each in its own SQL.
type Aggregate string

// The aggregates. Window and Offset of the Feature are in days; a zero Window
// means the lookback of the churn definition.
const (
	// Count counts the source's rows in the window.
	Count Aggregate = "count"
	// Sum, Mean, Max and Last are over Measure in the window; of several last
	// rows of one instant the largest counts.
	Sum  Aggregate = "sum"
	Mean Aggregate = "mean"
	Max  Aggregate = "max"
	Last Aggregate = "last"
	// Distinct counts the distinct values of Measure.
	Distinct Aggregate = "distinct"
	// DaysSinceLast and DaysSinceFirst are ages of the source's rows at T.
	DaysSinceLast  Aggregate = "days_since_last"
	DaysSinceFirst Aggregate = "days_since_first"
	// GapMean, GapSD, GapMax and GapLast are over the days between the
	// customer's consecutive days with an order.
	GapMean Aggregate = "gap_mean"
	GapSD   Aggregate = "gap_sd"
	GapMax  Aggregate = "gap_max"
	GapLast Aggregate = "gap_last"
	// Column takes a column of a computed source (satisfaction, drift, ...) or
	// of the customer's profile as it is.
	ColumnOf Aggregate = "column"
	// Ratio is feature Of[0] divided by max(feature Of[1], Floor).
	Ratio Aggregate = "ratio"
	// Difference is feature Of[0] minus feature Of[1].
	Difference Aggregate = "difference"
	// RelativeChange is the log of (Of[0] + Floor) / (Of[1] + Floor) minus the
	// same of the shop's totals: a decline beyond the shop's own movement. Both
	// are counts or sums over orders; for sums of money Floor is in mean order
	// values of the shop, so that it suits every currency.
	RelativeChange Aggregate = "relative_change"
	// Together is no value of its own: the predictor's joint part of features
	// Of[0] and Of[1], see [PairOf].
	Together Aggregate = "together"
)

// Source is what a feature is made from: a kind of facts, or a set that the
// engine computes from facts.
type Source string

// The sources of features.
const (
	FromOrders       Source = "orders"
	FromItems        Source = "items"
	FromTickets      Source = "tickets"
	FromEvents       Source = "events"
	FromResponses    Source = "responses"
	FromIncidents    Source = "incidents"
	FromSatisfaction Source = "satisfaction"
	FromDrift        Source = "drift"
	FromPurchases    Source = "purchases"
	FromContracts    Source = "contracts"
	FromProfile      Source = "profile"
	FromFeatures     Source = "features"
)

// Feature is one entry of the catalogue: data from which the SQL, the
// predictor's terms, the explanation and the reference page are made.
type Feature struct {
	Name      string    `json:"name"`
	Label     string    `json:"label"`
	Family    Family    `json:"family"`
	Unit      string    `json:"unit"`
	Source    Source    `json:"source"`
	Aggregate Aggregate `json:"aggregate"`
	// Measure names the column that is aggregated.
	Measure string `json:"measure,omitempty"`
	// Of names the features that a derived one is made from.
	Of []string `json:"of,omitempty"`
	// Only restricts the source's rows to one name: an event's, a pain point's.
	Only string `json:"only,omitempty"`
	// Incident says what makes the incidents of a user's own pain point, which
	// Only names; nil for those that come with the program.
	Incident *IncidentRule `json:"incident,omitempty"`
	// Window and Offset in days: rows in [T-Offset-Window, T-Offset).
	Window int     `json:"window,omitempty"`
	Offset int     `json:"offset,omitempty"`
	Floor  float64 `json:"floor,omitempty"`
	// Levels says that the feature is a word, not a number.
	Levels bool `json:"levels,omitempty"`
	// MissingIsZero says that no row means 0, not missing.
	MissingIsZero bool `json:"missing_is_zero,omitempty"`
	// Internal features serve others and display; they are not terms of the
	// risk predictor.
	Internal bool `json:"internal,omitempty"`
	// Only for one definition, where set.
	Definition DefinitionKind `json:"definition,omitempty"`
}

// PairOf names what two features say together, for a contribution that is
// neither's alone: "a:b", of the first one's family.
func PairOf(a, b Feature) Feature {
	return Feature{
		Name: a.Name + ":" + b.Name, Label: a.Label + ", together with " + b.Label, Family: a.Family,
		Source: FromFeatures, Aggregate: Together, Of: []string{a.Name, b.Name},
	}
}
