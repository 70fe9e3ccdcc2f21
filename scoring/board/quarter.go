package board

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Quarter is a quarter of the calendar, in UTC.
type Quarter struct{ Year, Number int }

var quarterText = regexp.MustCompile(`^(\d{4})-?[Qq]([1-4])$`)

// ReadQuarter reads a quarter such as 2026Q3 or 2026-Q3.
func ReadQuarter(text string) (Quarter, error) {
	parts := quarterText.FindStringSubmatch(text)
	if parts == nil {
		return Quarter{}, model.Errorf(model.KindInvalid, "quarter %q: want one such as 2026Q3", text)
	}
	year, err := strconv.Atoi(parts[1])
	if err != nil {
		return Quarter{}, model.Errorf(model.KindInvalid, "quarter %q: %w", text, err)
	}
	return Quarter{Year: year, Number: int(parts[2][0] - '0')}, nil
}

// QuarterOf returns the quarter that an instant lies in.
func QuarterOf(t time.Time) Quarter {
	t = t.UTC()
	return Quarter{Year: t.Year(), Number: (int(t.Month())-1)/3 + 1}
}

// Begin is the quarter's first instant, and the end of the one before.
func (q Quarter) Begin() time.Time {
	return time.Date(q.Year, time.Month(3*q.Number-2), 1, 0, 0, 0, 0, time.UTC)
}

// Add returns the quarter so many after q.
func (q Quarter) Add(n int) Quarter { return QuarterOf(q.Begin().AddDate(0, 3*n, 0)) }

// String writes it as 2026Q3.
func (q Quarter) String() string { return fmt.Sprintf("%dQ%d", q.Year, q.Number) }
