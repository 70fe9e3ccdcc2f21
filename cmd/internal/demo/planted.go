package demo

import (
	"slices"
	"strings"
	"time"
)

// Version is the generator's: it changes whenever a byte of the files or a
// planted value does.
const Version = 1

// Planted is the truth behind a made-up shop.
type Planted struct {
	Version      int          `json:"generator_version"`
	Seed         uint64       `json:"seed"`
	Customers    int          `json:"customers"`
	Days         int          `json:"days"`
	Start        time.Time    `json:"start"`
	End          time.Time    `json:"end"`
	HorizonDays  int          `json:"horizon_days"`
	PainPoints   []PainPoint  `json:"painpoints"` // by name
	NoEffect     []NoEffect   `json:"no_effect"`  // by name
	Drift        Drift        `json:"drift"`
	Season       Season       `json:"season"`
	Satisfaction Satisfaction `json:"satisfaction"`
	Hotspots     []Hotspot    `json:"hotspots"`
	Facts        Facts        `json:"facts"`
}

// PainPoint is the truth about one detector.
//
// SatisfactionPoints is what one incident of mean severity changes on the
// scale 0-100, SatisfactionFlag + SatisfactionPerSeverity*MeanSeverity; all
// are 0 for a detector without effect. ChurnDirection is +1 where an incident
// raises the risk and 0 where it changes nothing. The hazard's figures are
// parameters of the generator; the weight that a risk model should find for
// the reported feature is ChurnLogOdds, nil where it was not computed for
// these options.
type PainPoint struct {
	Name                    string     `json:"name"`
	SatisfactionPoints      float64    `json:"satisfaction_points"`
	SatisfactionFlag        float64    `json:"satisfaction_flag"`
	SatisfactionPerSeverity float64    `json:"satisfaction_per_severity"`
	MeanSeverity            float64    `json:"mean_severity"`
	SeverityUnit            string     `json:"severity_unit"`
	ChurnDirection          int        `json:"churn_direction"`
	HazardLogRatio          float64    `json:"hazard_log_ratio"`
	HazardPerSeverity       float64    `json:"hazard_per_severity"`
	HalfLifeDays            float64    `json:"half_life_days"`
	SatisfactionReference   *Reference `json:"satisfaction_reference"`
	ChurnLogOdds            *Reference `json:"churn_log_odds"`
}

// NoEffect is something recorded that changes neither satisfaction nor churn.
type NoEffect struct {
	Name         string     `json:"name"`
	Where        string     `json:"where"` // file.column or file.column=value
	ChurnLogOdds *Reference `json:"churn_log_odds"`
}

// Drift is the truth about declines over cycles.
type Drift struct {
	CycleDays           int        `json:"cycle_days"`
	MeanDaysBetween     float64    `json:"mean_days_between"`
	SecondCycleShare    float64    `json:"second_cycle_share"` // declines that go on for a second cycle
	LeaveShare          float64    `json:"leave_share"`        // of these, end in leaving
	OrderFactors        [2]float64 `json:"order_factors"`
	SatisfactionPoints  [2]float64 `json:"satisfaction_points"`
	OddsDirection       int        `json:"odds_direction"`
	OddsRatioOneDecline *Reference `json:"odds_ratio_one_decline"`
	OddsRatioTwo        *Reference `json:"odds_ratio_two_declines"`
}

// Season is the truth about the shop's common movement.
type Season struct {
	AnnualAmplitude float64 `json:"annual_amplitude"` // share of the mean order rate
	PeakDayOfYear   int     `json:"peak_day_of_year"`
	ChristmasLift   float64 `json:"christmas_lift"`
	PromotionLift   float64 `json:"promotion_lift"`
	PromotionDays   int     `json:"promotion_days"` // from the 15th of March, June, September and November
	WeekendLift     float64 `json:"weekend_lift"`
}

// Satisfaction is the truth about a customer's level.
type Satisfaction struct {
	Base              float64 `json:"base"`       // 0-100, without incidents
	HalfWidth         float64 `json:"half_width"` // of the triangular spread of customers
	LogHazardPerPoint float64 `json:"log_hazard_per_point"`
}

// Hotspot is a cell with more incidents than the rest.
type Hotspot struct {
	PainPoint string  `json:"painpoint"`
	Dimension string  `json:"dimension"`
	Cell      string  `json:"cell"`
	Rate      float64 `json:"rate"`       // per order with such an item
	OtherRate float64 `json:"other_rate"` // per order without
}

// PainPoint returns the truth about a detector, and false for one that the
// shop says nothing about.
func (p Planted) PainPoint(name string) (PainPoint, bool) {
	i, ok := slices.BinarySearchFunc(p.PainPoints, name, func(a PainPoint, b string) int {
		return strings.Compare(a.Name, b)
	})
	if !ok {
		return PainPoint{}, false
	}
	return p.PainPoints[i], true
}

// PointsAt is the effect of one incident of the given severity, in points.
func (p PainPoint) PointsAt(severity float64) float64 {
	return p.SatisfactionFlag + p.SatisfactionPerSeverity*severity
}

// newPlanted states the truth of a shop and adds the reference values that
// hold for its options.
func newPlanted(opts Options, facts Facts) (Planted, error) {
	p := Planted{
		Version: Version, Seed: opts.Seed, Customers: opts.Customers, Days: opts.Days,
		Start: opts.End.AddDate(0, 0, -opts.Days), End: opts.End, HorizonDays: horizonDays,
		PainPoints: painPoints(), NoEffect: withoutEffect(),
		Drift: Drift{
			CycleDays: cycleDays, MeanDaysBetween: declineMeanDays,
			SecondCycleShare: declineSecond, LeaveShare: declineLeaves,
			OrderFactors:       [2]float64{firstCycleRate, secondCycleRate},
			SatisfactionPoints: [2]float64{firstCyclePoints, lastCyclePoints},
			OddsDirection:      1,
		},
		Season: Season{
			AnnualAmplitude: seasonAmplitude, PeakDayOfYear: seasonPeakDay, ChristmasLift: christmasLift,
			PromotionLift: promotionLift, PromotionDays: promotionDays, WeekendLift: weekendLift,
		},
		Satisfaction: Satisfaction{Base: baseScore, HalfWidth: customerSpread, LogHazardPerPoint: satisfactionHazard},
		Hotspots: []Hotspot{
			{effects[lateDelivery].name, "supplier", hotSupplier, lateShareHot, lateShare},
			{effects[returnedMisfit].name, "sku", newCatalogue().products[hotProduct].sku, misfitShareHot, misfitShare},
		},
		Facts: facts,
	}
	references, err := LoadReferences()
	if err != nil {
		return Planted{}, err
	}
	references.Apply(&p)
	return p, nil
}

// painPoints lists the detectors with and without effect, by name.
func painPoints() []PainPoint {
	points := make([]PainPoint, 0, int(causes)+5)
	for what, e := range effects {
		p := PainPoint{
			Name: e.name, SatisfactionPoints: e.atMean(), SatisfactionFlag: e.points,
			SatisfactionPerSeverity: e.perSeverity, ChurnDirection: 1,
			HazardLogRatio: e.hazard, HazardPerSeverity: e.hazardPerSeverity, HalfLifeDays: hazardHalfLife,
		}
		if cause(what) == lateDelivery {
			p.MeanSeverity, p.SeverityUnit = meanLateDays, severityUnit
		}
		points = append(points, p)
	}
	for _, name := range []string{"cart_abandon", "payment_failed", "refund", "reopened_ticket", "returned"} {
		points = append(points, PainPoint{Name: name})
	}
	slices.SortFunc(points, func(a, b PainPoint) int { return strings.Compare(a.Name, b.Name) })
	return points
}

// withoutEffect lists what is recorded and means nothing, by name.
func withoutEffect() []NoEffect {
	return []NoEffect{
		{Name: "channel", Where: "customers.channel"},
		{Name: "discount", Where: "orders.discount_amount"},
		{Name: "express_shipping", Where: "orders.shipping_method=express"},
		{Name: "industry", Where: "customers.industry"},
		{Name: "region", Where: "customers.region"},
		{Name: "search", Where: "events.name=search"},
		{Name: "tier", Where: "customers.tier"},
	}
}
