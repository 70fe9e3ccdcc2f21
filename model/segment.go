package model

import (
	"time"

	"github.com/churnwatch/churnwatch/model/estimate"
)

// OrderTrend is where a customer's orders of the last 60 days go against the 60
// before, relative to the shop's own movement.
type OrderTrend string

// The trends. OrdersSteady is who ordered enough in one of the windows and shows
// neither of the first two; OrdersTooFew is of whom nothing can be said.
const (
	OrdersDeclining OrderTrend = "declining"
	OrdersSteady    OrderTrend = "steady"
	OrdersGrowing   OrderTrend = "growing"
	OrdersTooFew    OrderTrend = "too_few"
	// AllTrends is a row over all of them.
	AllTrends OrderTrend = "all"
)

// OrderTrends returns those of customers, from worst to not known.
func OrderTrends() []OrderTrend {
	return []OrderTrend{OrdersDeclining, OrdersSteady, OrdersGrowing, OrdersTooFew}
}

// NoAnswer is the group of who has never answered.
const NoAnswer AnswerGroup = "no_answer"

// SegmentGroups returns the groups of the matrix, most content first.
func SegmentGroups() []AnswerGroup { return append(AnswerGroups(), NoAnswer) }

// CustomerTrend is a customer's order trend as of an instant, with what it was
// told by: orders and spend in the 60 days before and in the last 60, and
// whether he was a customer for both.
type CustomerTrend struct {
	CustomerID string
	Trend      OrderTrend
	Orders     [2]int
	Spend      [2]float64
	Throughout bool
}

// StandingsQuery asks for what customers were at an instant.
type StandingsQuery struct {
	AsOf       time.Time
	Definition Definition
	// Outcome adds what they did in the horizon after, as known at its end.
	Outcome bool
	// AnyKind groups by the newest answer of any survey, not by that to the net
	// promoter question alone.
	AnyKind bool
	// Dimensions are columns of customers; values beyond the Most largest of one
	// fall into "other", 0 is no bound.
	Dimensions []string
	Most       int
}

// Standing is a customer who was eligible at an instant.
type Standing struct {
	CustomerID string
	// Group is that of his newest answer, NoAnswer without one.
	Group AnswerGroup
	// Cohorts are his values of the dimensions, "unknown" where there is none.
	Cohorts []string
	// Orders30d and Revenue30d are of the 30 days before the instant.
	Orders30d  int
	Revenue30d float64
	// RevenueBefore is of the horizon before the instant, RevenueAfter and Churned
	// of the one after.
	RevenueBefore, RevenueAfter float64
	Churned                     bool
}

// AnswerChangesQuery asks for customers' pairs of answers one after the other.
type AnswerChangesQuery struct {
	AsOf time.Time
	// Window in days: orders are counted in it before the second answer and from
	// it on; only pairs are given whose window from the second answer on has
	// passed, of customers who had ordered before the first.
	WindowDays int
}

// AnswerChange is two answers of a customer to the net promoter question with
// none between, and his orders around the second one.
type AnswerChange struct {
	CustomerID string
	// At is the second answer's day.
	At time.Time
	// Scores are the two, 0 to 10.
	Scores [2]float64
	// Orders are those in the window before the second answer and in the one from
	// it on; Shop those of everybody who was a customer before both.
	Orders [2]int
	Shop   [2]int
}

// SegmentReport is the matrix of answer groups by order trends.
type SegmentReport struct {
	AsOf time.Time `json:"as_of"`
	// GroupedBy says which answers make the groups: nps, or all where nobody
	// ever answered the net promoter question.
	GroupedBy string `json:"grouped_by"`
	// WindowDays is the length of the two windows that trends compare, ShopChange
	// how all orders moved from the one to the other: -0.1 is a tenth less.
	WindowDays int      `json:"trend_window_days"`
	ShopChange *float64 `json:"shop_order_change"`
	// Next is the period in which outcomes were seen; nil where the history is
	// too short for one that has closed.
	Next  *SegmentPeriod `json:"next"`
	Cells []SegmentCell  `json:"cells"`
	// By are the cells of each value of the dimensions asked for.
	By       []SegmentCohort `json:"by"`
	Rises    SegmentRises    `json:"nps_rises"`
	Minimum  int             `json:"minimum_cell"`
	Warnings []string        `json:"warnings"`
}

// SegmentPeriod is when outcomes were seen: of who stood in a cell at From,
// until Until.
type SegmentPeriod struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	// Customers and ChurnShare are everybody's; RevenueChange is the revenue of
	// the period against that of the one before, -0.1 a tenth less.
	Customers     int      `json:"customers"`
	ChurnShare    *float64 `json:"churn_share"`
	RevenueChange *float64 `json:"revenue_change"`
}

// SegmentCohort is the matrix of one value of a dimension.
type SegmentCohort struct {
	Dimension string        `json:"dimension"`
	Cohort    string        `json:"cohort"`
	Customers int           `json:"customers"`
	Cells     []SegmentCell `json:"cells"`
}

// SegmentCell is one group with one trend, or with all of them. Figures of a cell
// with fewer customers than the minimum are left out, and Reason says so.
type SegmentCell struct {
	Group     AnswerGroup `json:"group"`
	Trend     OrderTrend  `json:"trend"`
	Customers int         `json:"customers"`
	// Share is of all customers of the matrix.
	Share      *float64 `json:"share_of_customers"`
	Orders30d  *int     `json:"orders_30d"`
	Revenue30d *float64 `json:"revenue_30d"`
	// OrderChange is how the cell's orders of the last window moved more than
	// everybody's; nil where nothing can be compared.
	OrderChange *estimate.Estimate `json:"order_change"`
	Next        SegmentOutcome     `json:"next"`
	Action      *SegmentAction     `json:"action"`
	Status      FigureStatus       `json:"status"`
	Reason      *string            `json:"status_reason"`
}

// SegmentMember is a customer of a cell. HighValue says that his revenue of the
// horizon before is among the highest fifth of all who bought in it.
type SegmentMember struct {
	CustomerID string      `json:"customer_id"`
	Group      AnswerGroup `json:"group"`
	Trend      OrderTrend  `json:"trend"`
	Orders30d  int         `json:"orders_30d"`
	Revenue30d float64     `json:"revenue_30d"`
	Revenue    float64     `json:"revenue_horizon"`
	HighValue  bool        `json:"high_value"`
}

// SegmentOutcome is what became of those who stood in a cell when the next
// period began.
type SegmentOutcome struct {
	Customers int `json:"customers"`
	// Churn is a share, RevenueChange relative to everybody's.
	Churn         *estimate.Estimate `json:"churn"`
	RevenueChange *estimate.Estimate `json:"revenue_change"`
	Status        FigureStatus       `json:"status"`
	Reason        *string            `json:"status_reason"`
}

// SegmentAction is what the table of actions recommends.
type SegmentAction struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Text  string `json:"text"`
}

// SegmentRises says whether higher answers were followed by more orders.
type SegmentRises struct {
	Status FigureStatus `json:"status"`
	Reason *string      `json:"status_reason"`
	// WindowDays is that of orders before the second answer and from it on.
	WindowDays int `json:"window_days"`
	Pairs      int `json:"pairs"`
	Customers  int `json:"customers"`
	// PerPoint is the change of orders in a window, beyond the shop's movement,
	// that goes with one point more; Verdict is rises, falls or not_known.
	PerPoint *estimate.Estimate `json:"orders_per_point"`
	Verdict  string             `json:"verdict"`
	// Moves are by what the answer did.
	Moves []SegmentMove `json:"moves"`
}

// SegmentMove is what followed on answers that rose, stayed or fell.
type SegmentMove struct {
	Move   string `json:"move"`
	Pairs  int    `json:"pairs"`
	People int    `json:"customers"`
	// OrderChange is the mean change of orders in a window beyond the shop's
	// movement; nil for too few customers.
	OrderChange *estimate.Estimate `json:"order_change"`
}
