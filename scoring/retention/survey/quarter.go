package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Every customer has his own day in a quarter, spread evenly over it, and the
// same one in each: between two of them lie 90 days at least. Whether he is
// asked on it is drawn by hash from seed, quarter and id, so it is known before
// and depends on nothing that he does. Who is drawn is kept for it: other
// moments leave him alone in the time between two surveys before his day. So who
// buys often, and comes to many moments, is as likely to be asked as who does not.

// noneBelow sorts after every hexadecimal number.
const noneBelow = "g"

// quarterOf returns the first day of a day's quarter, how many days it has, and
// the day's place in it, from 0.
func quarterOf(day time.Time) (first time.Time, days, place int) {
	date := func(months int) time.Time {
		month := (int(day.Month())-1)/3*3 + 1 + months
		return time.Date(day.Year(), time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	first = date(0)
	return first, int(date(3).Sub(first) / (24 * time.Hour)), int(at.Sub(first) / (24 * time.Hour))
}

// Slot returns between which two hashes the customers lie whose day in the
// quarter it is; the day is taken in its own zone.
func Slot(day time.Time) (from, to string) {
	_, days, place := quarterOf(day)
	bound := func(k int) string {
		if k == days {
			return noneBelow
		}
		return fmt.Sprintf("%08x", (uint64(k)<<32+uint64(days)-1)/uint64(days))
	}
	return bound(place), bound(place + 1)
}

// AnyDay are the hashes of everybody.
func AnyDay() (from, to string) { return "", noneBelow }

// DayInQuarter returns a customer's own day in the quarter of a day, as the
// start of that day in its zone.
func DayInQuarter(day time.Time, salt, customer string) time.Time {
	first, days, _ := quarterOf(day)
	sum := sha256.Sum256([]byte(salt + "\x1f" + customer))
	place := int(uint64(binary.BigEndian.Uint32(sum[:4])) * uint64(days) >> 32)
	return time.Date(first.Year(), first.Month(), first.Day()+place, 0, 0, 0, 0, day.Location())
}

// Salt decides each customer's day in a quarter.
func (s Settings) Salt() string { return "churnwatch surveys " + strconv.FormatUint(s.Seed, 10) }

// Drawn reports whether a customer is drawn for the quarter of a day.
func (s Settings) Drawn(day time.Time, customer string) bool {
	r := s.rate(model.EveryQuarter)
	if r == nil {
		return false
	}
	first, _, _ := quarterOf(day)
	return uniform("quarter", strconv.FormatUint(s.Seed, 10), first.Format(time.DateOnly), customer) < r.Share
}

// KeptFor returns the day of a quarter that a customer is kept for on a day, the
// day itself or a later one, false where he is for none. Another survey on the
// day would keep the quarter's away, which must be every apart from it.
func (s Settings) KeptFor(day time.Time, customer string, every time.Duration) (time.Time, bool) {
	today := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC)
	until := today.Add(every + model.Day) // a survey may be sent late on its day
	for first, _, _ := quarterOf(today); !first.After(until); first = first.AddDate(0, 3, 0) {
		own := DayInQuarter(first, s.Salt(), customer)
		if !own.Before(today) && !own.After(until) && s.Drawn(own, customer) {
			return own, true
		}
	}
	return time.Time{}, false
}

// Keeps reports whether customers who are kept for their quarter's question are
// kept from a moment. Who leaves is not: no quarter's question waits for him.
func Keeps(m model.SurveyMoment) bool { return m != model.EveryQuarter && m != model.OnExit }
