package guard

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var (
	hoursText    = regexp.MustCompile(`^(\d\d):(\d\d)-(\d\d):(\d\d)$`)
	capText      = regexp.MustCompile(`^(?:([a-z][a-z0-9_]*) )?(\d{1,4}) in (\d{1,3})d$`)
	capacityText = regexp.MustCompile(`^(?:([a-z][a-z0-9_]*) )?(\d{1,7})$`)
	costText     = regexp.MustCompile(`^([a-z][a-z0-9_]*) (\d{1,6}(?:\.\d{1,4})?)$`)
)

// ReadHours reads 21:00-08:00; "" is none.
func ReadHours(text string) (Hours, error) {
	if text == "" {
		return Hours{}, nil
	}
	m := hoursText.FindStringSubmatch(text)
	if m == nil {
		return Hours{}, fmt.Errorf("hours %q: want such as 21:00-08:00", text)
	}
	at := func(hours, minutes string) time.Duration {
		h, _ := strconv.Atoi(hours)
		m, _ := strconv.Atoi(minutes)
		return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	}
	h := Hours{From: at(m[1], m[2]), To: at(m[3], m[4])}
	if m[1] > "23" || m[3] > "24" || m[2] > "59" || m[4] > "59" || h.To > 24*time.Hour {
		return Hours{}, fmt.Errorf("hours %q: want times of a day", text)
	}
	return h, nil
}

// ReadBusiness reads mon-fri 09:00-17:00; "" is always.
func ReadBusiness(text string, holidays []string) (Business, error) {
	b := Business{Holidays: holidays}
	for _, day := range holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return b, fmt.Errorf("holiday %q: want such as 2026-12-25", day)
		}
	}
	if text == "" {
		return b, nil
	}
	days, hours, found := strings.Cut(text, " ")
	first, last, ranged := strings.Cut(days, "-")
	from, ok := weekdays()[first]
	to := from
	if ranged {
		var known bool
		to, known = weekdays()[last]
		ok = ok && known
	}
	h, err := ReadHours(hours)
	if !found || !ok || err != nil || h.To <= h.From {
		return b, fmt.Errorf("business hours %q: want such as mon-fri 09:00-17:00", text)
	}
	b.From, b.To = h.From, h.To
	for d := from; ; d = (d + 1) % 7 {
		b.Days = append(b.Days, d)
		if d == to {
			return b, nil
		}
	}
}

func weekdays() map[string]time.Weekday {
	out := map[string]time.Weekday{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		out[strings.ToLower(d.String()[:3])] = d
	}
	return out
}

// ReadCaps reads 3 in 7d (all channels together) and phone 1 in 7d.
func ReadCaps(texts []string) ([]Cap, error) {
	out := []Cap{}
	for _, text := range texts {
		m := capText.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("cap %q: want such as 3 in 7d, or phone 1 in 7d", text)
		}
		most, _ := strconv.Atoi(m[2])
		days, _ := strconv.Atoi(m[3])
		if most == 0 || days == 0 {
			return nil, fmt.Errorf("cap %q: want 1 or more, in 1d or more", text)
		}
		out = append(out, Cap{Channel: m[1], Most: most, Days: days})
	}
	return out, nil
}

// ReadCapacity reads 200 (all channels together) and phone 20.
func ReadCapacity(texts []string) (map[string]int, error) {
	out := map[string]int{}
	for _, text := range texts {
		m := capacityText.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("capacity %q: want such as 200, or phone 20", text)
		}
		if _, twice := out[m[1]]; twice {
			return nil, fmt.Errorf("capacity %q: its channel stands twice", text)
		}
		out[m[1]], _ = strconv.Atoi(m[2])
	}
	return out, nil
}

// anyChannel is every channel without a cost of its own.
const anyChannel = "any"

// ReadCosts reads the costs of one contact: any 1.5 (every channel without its
// own, "" in what is returned) and phone 8.
func ReadCosts(texts []string) (map[string]float64, error) {
	out := map[string]float64{}
	for _, text := range texts {
		m := costText.FindStringSubmatch(text)
		if m == nil {
			return nil, fmt.Errorf("cost %q: want such as any 1.5, or phone 8", text)
		}
		channel := m[1]
		if channel == anyChannel {
			channel = ""
		}
		if _, twice := out[channel]; twice {
			return nil, fmt.Errorf("cost %q: its channel stands twice", text)
		}
		cost, err := strconv.ParseFloat(m[2], 64)
		if err != nil || !(cost > 0) {
			return nil, fmt.Errorf("cost %q: want more than 0", text)
		}
		out[channel] = cost
	}
	if _, ok := out[""]; !ok {
		return nil, errors.New("costs: one of any channel is needed, such as any 1.5")
	}
	return out, nil
}
