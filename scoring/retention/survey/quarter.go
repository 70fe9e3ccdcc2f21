package survey

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Every customer has his own day in a quarter, spread evenly over it, and the
// same one in each: between two of them lie 90 days at least.

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
