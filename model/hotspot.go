package model

import (
	"context"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// LowSatisfaction is the pain point of a hotspot that is about answers, not
// incidents.
const LowSatisfaction = "low_satisfaction"

// WeekDimension is the dimension whose cells are weeks, by their Monday.
const WeekDimension = "week"

// HotspotDimensions returns what cells are told apart by, from the one that is
// most easily acted on.
func HotspotDimensions() []string {
	return []string{"supplier", "sku", "category", "channel", "region", WeekDimension}
}

// Direction is the side on which a cell departs.
type Direction string

// The directions.
const (
	Worse Direction = "hotspot"
	Excel Direction = "excels"
)

// Hotspot is a cell that departs from the rest of the shop.
type Hotspot struct {
	PainPoint string `json:"painpoint"`
	Label     string `json:"label"`
	// Dimension and Cohort name the cell; a week is named by its Monday.
	Dimension string    `json:"dimension"`
	Cohort    string    `json:"cohort"`
	Direction Direction `json:"direction"`
	// Exposures and the Incidents among them; of low satisfaction the answers,
	// and those of detractors.
	Exposures int64  `json:"exposures"`
	Unit      string `json:"exposure_unit"`
	Incidents int64  `json:"incidents"`
	// Rate and ExpectedRate are incidents per exposure; of low satisfaction
	// points of 0-100 against the mean of the same kind of answer. ShrunkRate
	// is what is to be believed.
	Rate         float64           `json:"rate"`
	ExpectedRate float64           `json:"expected_rate"`
	ShrunkRate   estimate.Estimate `json:"shrunk_rate"`
	// Excess is incidents (points) beyond expectation, negative where there
	// are fewer. DesignEffect is how much more the rate varies than that of
	// independent exposures.
	Excess       float64 `json:"excess"`
	DesignEffect float64 `json:"design_effect"`
	PValue       float64 `json:"p_value"`
	QValue       float64 `json:"q_value"`
	// Passes is twice, for a cell that passed a week ago too, or once, for one
	// that passed at a tenth of the level. Of all cells it is no for those that
	// did not, or stand out only by what they share with another, and not_tested
	// for those that passed beyond the most that are told apart.
	Passes string `json:"passes"`
	// FirstSeen is the Monday of the week in which the excess began, as far as
	// the window tells: it may have begun before where that is its first week.
	FirstSeen string `json:"first_seen"`
	// Customers and Revenue are those touched: with an incident in a hotspot,
	// all that are in the cell where it excels. Each order counts once in the
	// revenue; it is nil where there are such, but none with a known order.
	Customers int64    `json:"customers"`
	Revenue   *float64 `json:"revenue"`
	// Score is the excess at the cautious end of its interval, in incidents;
	// of low satisfaction in answers that lost the whole scale.
	Score float64 `json:"score"`
	// AlsoSeenAs are cells that stand out only by what they share with it.
	AlsoSeenAs []HotspotCell `json:"also_seen_as"`
	Warnings   []string      `json:"warnings"`
}

// HotspotCell names a cell of a dimension.
type HotspotCell struct {
	Dimension string `json:"dimension"`
	Cohort    string `json:"cohort"`
}

// PainPointCell names a cell of a pain point.
type PainPointCell struct {
	PainPoint string
	HotspotCell
}

// HotspotReport is a scan of all cells of a snapshot.
type HotspotReport struct {
	AsOf time.Time `json:"as_of"`
	From time.Time `json:"from"`
	// Cells with at least Least exposures were looked at, of PainPoints seen in
	// the window.
	Cells      int       `json:"cells"`
	Least      int64     `json:"min_exposures"`
	PainPoints []string  `json:"painpoints"`
	Level      float64   `json:"false_discovery_rate"`
	Hotspots   []Hotspot `json:"hotspots"`
	Warnings   []string  `json:"warnings"`
}

// HotspotQuery asks for the exposures that were decided in [From, AsOf), as
// known at AsOf. Cells with fewer than Least are left out; the least is on
// exposures, never on incidents.
type HotspotQuery struct {
	AsOf, From time.Time
	// BegunFrom and BegunBefore bound when the order was placed that an exposure is
	// of, or else when it was decided; zero is no bound. They hold for
	// HotspotCustomers alone.
	BegunFrom, BegunBefore time.Time
	Least                  int64
	// Own are a user's pain points. Those of events and messages are left out:
	// nothing says how often they could have happened.
	Own []PainPoint
}

// HotspotReader counts what hotspots are found in.
type HotspotReader interface {
	// HotspotCounts returns the counts of every pain point seen in the window,
	// by name.
	HotspotCounts(ctx context.Context, q HotspotQuery) ([]HotspotCounts, error)
	// HotspotOverlaps returns how many exposures each two cells of a pain point
	// share, by their places in cells.
	HotspotOverlaps(ctx context.Context, q HotspotQuery, painpoint string, cells []HotspotCell) ([][]int64, error)
	// HotspotCustomers returns, for each of some cells, the customers with an
	// incident in it, in the order of their ids.
	HotspotCustomers(ctx context.Context, q HotspotQuery, cells []PainPointCell) ([][]string, error)
}

// HotspotCounts is what one pain point's hotspots are found in.
type HotspotCounts struct {
	PainPoint string
	// Weeks are the whole, by week and class.
	Weeks []HotspotWeek
	// Whole is all exposures.
	Whole HotspotReach
	Cells []HotspotCellCounts
	// Batches are the suppliers' weeks, Days the days, by week and class.
	Batches, Days []HotspotCluster
	// Repeats are the customers by how many exposures they have.
	Repeats []HotspotRepeats
}

// HotspotWeek is what a cell, or the whole, has in a week and class. Exposures
// of one class can be compared. Sum is of outcomes: 1 for an incident, of an
// answer its thousandths of points above the mean of its kind, Base. Members, Square
// and Cross are, with n_j exposures of the N_j of the whole in cluster j, the
// sums of n_j, n_j^2 and n_j N_j, over suppliers (Batch) and days.
type HotspotWeek struct {
	Week, Class                           string
	Exposures, Sum, Squares, Bad, Base    int64
	Cubes                                 float64
	BatchMembers, BatchSquare, BatchCross int64
	DaySquare, DayCross                   int64
}

// HotspotReach is whom a cell reaches: its exposures, the bad ones, customers
// and cents of all and of the bad ones, and how exposures repeat customers. The
// cents are those of distinct orders, nil where none is known.
type HotspotReach struct {
	Exposures, Bad              int64
	Customers, CustomersTouched int64
	Cents, CentsTouched         *int64
	Square, Cross               int64
}

// HotspotCellCounts is a cell.
type HotspotCellCounts struct {
	HotspotCell
	// Weeks is empty for a week, which is all of its own.
	Weeks []HotspotWeek
	Reach HotspotReach
}

// HotspotCluster is the outcomes of exposures that have something in common.
type HotspotCluster struct {
	Name, Week, Class string
	Exposures         int64
	Sum, Squares      int64
}

// HotspotRepeats is all customers with the same number of exposures.
type HotspotRepeats struct {
	Exposures, Customers     int64
	Sum, Squares, SumSquares int64
}

// IsHotspotDimension reports whether cells are told apart by the dimension.
func IsHotspotDimension(name string) bool { return slices.Contains(HotspotDimensions(), name) }
