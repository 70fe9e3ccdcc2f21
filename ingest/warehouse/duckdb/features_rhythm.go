package duckdb

import (
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// rhythmView names what a customer's own rhythm is read from, as of To: the
// columns of the days with an order, and the CTEs that judge them. Now is the
// shop's time from To to the instant.
type rhythmView struct {
	To                              time.Time
	Count, Newest                   string
	First, Third, Second, Last      string
	Pauses, Running, Cycles, Signal string
	Now                             float64
	// The same days in the shop's time.
	FirstAge, ThirdAge, SecondAge, LastAge shopTimeView
}

func rhythmsOf(asOf time.Time, cycle time.Duration, movement [driftCycles]float64) []rhythmView {
	days := model.Days(cycle)
	view := func(name string, to time.Time, now float64) rhythmView {
		v := rhythmView{
			To: to, Now: now, Count: name + "_days", Newest: name + "_newest",
			First: name + "_first", Third: name + "_third", Second: name + "_second", Last: name + "_last",
			Pauses: name + "_pauses", Running: name + "_running", Cycles: name + "_cycles", Signal: name + "_signal",
		}
		v.FirstAge, v.ThirdAge = shopTimeOf(v.First, days, movement), shopTimeOf(v.Third, days, movement)
		v.SecondAge, v.LastAge = shopTimeOf(v.Second, days, movement), shopTimeOf(v.Last, days, movement)
		return v
	}
	return []rhythmView{
		view("own", asOf, 0),
		view("earlier_own", asOf.Add(-cycle), movement[driftCycles-1]*days),
	}
}

// shopTimeView is the shop's time over a column of days: Reach days in segments of CycleDays, each
// with its movement, and plain days beyond.
type shopTimeView struct {
	Column           string
	Reach, CycleDays float64
	Segments         []segmentView
}

// segmentView is the cycle that ends Behind days before the instant.
type segmentView struct{ Behind, Movement float64 }

func shopTimeOf(column string, cycleDays float64, movement [driftCycles]float64) shopTimeView {
	v := shopTimeView{Column: column, Reach: driftCycles * cycleDays, CycleDays: cycleDays}
	for i, m := range movement {
		v.Segments = append(v.Segments, segmentView{Behind: float64(driftCycles-1-i) * cycleDays, Movement: m})
	}
	return v
}

// declineWindow is that of the order decline.
const declineWindow = 60 * model.Day

// declineSpans are the 60 days before the last 60, and the last 60.
func declineSpans(asOf time.Time) []answerSpanView {
	middle := asOf.Add(-declineWindow)
	return []answerSpanView{
		{Count: "decline_before_count", Sum: "decline_before_sum", From: middle.Add(-declineWindow), To: middle},
		{Count: "decline_last_count", Sum: "decline_last_sum", From: middle, To: asOf},
	}
}
