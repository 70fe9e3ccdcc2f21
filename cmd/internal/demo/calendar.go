package demo

import (
	"math"
	"time"
)

const (
	hour = int64(3600)
	day  = 24 * hour
	// oldest is how many days before the start a customer may have signed up.
	oldest = 900
	// ahead is how many days after the end a promised day may lie.
	ahead = 60
)

// The shop's common movement: an annual wave, Christmas and promotions.
const (
	seasonAmplitude   = 0.12
	seasonPeakDay     = 340
	christmasLift     = 0.60
	christmasCentre   = 345
	christmasSpread   = 9.0
	promotionLift     = 0.50
	promotionDays     = 4
	weekendLift       = 0.15
	daysInYear        = 365.25
	promotionFirstDay = 15
)

// calendar translates days and seconds since the start of the history.
type calendar struct {
	start  time.Time
	days   int
	end    int64     // seconds since the start
	dates  []string  // from day -oldest on
	factor []float64 // the shop's common factor on the order rate, per day
}

func newCalendar(start time.Time, days int) *calendar {
	c := &calendar{start: start, days: days, end: int64(days) * day}
	c.dates = make([]string, oldest+days+ahead)
	for i := range c.dates {
		c.dates[i] = start.AddDate(0, 0, i-oldest).Format(time.DateOnly)
	}
	c.factor = make([]float64, days)
	for i := range c.factor {
		c.factor[i] = commonFactor(start.AddDate(0, 0, i))
	}
	return c
}

// commonFactor is what multiplies everybody's order rate on a day.
func commonFactor(date time.Time) float64 {
	d := float64(date.YearDay())
	f := 1 + seasonAmplitude*math.Cos(2*math.Pi*(d-seasonPeakDay)/daysInYear)
	z := (d - christmasCentre) / christmasSpread
	f *= 1 + christmasLift*math.Exp(-z*z/2)
	if isPromotion(date) {
		f *= 1 + promotionLift
	}
	if wd := date.Weekday(); wd == time.Saturday || wd == time.Sunday {
		f *= 1 + weekendLift
	}
	return f
}

// isPromotion reports whether date is one of the four days from the 15th of
// March, June, September or November.
func isPromotion(date time.Time) bool {
	switch date.Month() {
	case time.March, time.June, time.September, time.November:
		return date.Day() >= promotionFirstDay && date.Day() < promotionFirstDay+promotionDays
	default:
		return false
	}
}

func (c *calendar) date(d int) string { return c.dates[d+oldest] }

// appendMoment writes seconds since the start as RFC 3339 in UTC.
func (c *calendar) appendMoment(buf []byte, seconds int64) []byte {
	d := dayOf(seconds)
	rest := seconds - int64(d)*day
	buf = append(buf, c.date(d)...)
	buf = append(buf, 'T')
	buf = appendPadded(buf, int(rest/hour), 2)
	buf = append(buf, ':')
	buf = appendPadded(buf, int(rest%hour/60), 2)
	buf = append(buf, ':')
	buf = appendPadded(buf, int(rest%60), 2)
	return append(buf, 'Z')
}

// dayOf is the day of a time, rounded down also before the start.
func dayOf(seconds int64) int {
	d := seconds / day
	if seconds < d*day {
		d--
	}
	return int(d)
}
