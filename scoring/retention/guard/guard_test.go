package guard_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
)

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestQuietHoursAreTheCustomersAndGoOverMidnight(t *testing.T) {
	quiet, err := guard.ReadHours("21:00-08:00")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ at, until string }{
		{"2026-01-10 19:59", ""},
		{"2026-01-10 20:00", "2026-01-11 07:00"}, // 21:00 in Berlin
		{"2026-01-11 06:59", "2026-01-11 07:00"},
		{"2026-01-11 07:00", ""},
		{"2026-03-29 00:30", "2026-03-29 06:00"}, // the night in which the clock is put forward
		{"2026-10-24 23:30", "2026-10-25 07:00"}, // and back
	} {
		until, is := quiet.Until(instant(t, tt.at), berlin(t))
		if is != (tt.until != "") || is && !until.Equal(instant(t, tt.until)) {
			t.Errorf("at %s: %v until %s, want until %q", tt.at, is, until, tt.until)
		}
	}
}

func TestNoHoursAreNeverQuiet(t *testing.T) {
	if _, quiet := (guard.Hours{}).Until(instant(t, "2026-01-10 03:00"), time.UTC); quiet {
		t.Error("hours from 0 to 0 are quiet")
	}
}

func TestAServiceLevelRunsInWorkingHours(t *testing.T) {
	business, err := guard.ReadBusiness("mon-fri 09:00-17:00", []string{"2026-03-09"})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		from string
		span time.Duration
		want string
	}{
		{"2026-03-02 10:00", 2 * time.Hour, "2026-03-02 12:00"},  // Monday
		{"2026-03-02 16:00", 2 * time.Hour, "2026-03-03 10:00"},  // over night
		{"2026-03-06 16:00", 2 * time.Hour, "2026-03-10 10:00"},  // over a week-end and a holiday
		{"2026-03-07 12:00", 2 * time.Hour, "2026-03-10 11:00"},  // from a Saturday
		{"2026-03-02 10:00", 24 * time.Hour, "2026-03-03 10:00"}, // a day is a working day
		{"2026-03-06 10:00", 48 * time.Hour, "2026-03-11 10:00"},
		{"2026-03-02 18:30", 24 * time.Hour, "2026-03-04 09:00"}, // after work counts as the next morning
	} {
		if got := business.Add(instant(t, tt.from), tt.span, time.UTC); !got.Equal(instant(t, tt.want)) {
			t.Errorf("%s from %s: %s, want %s", tt.span, tt.from, got, tt.want)
		}
	}
	never := guard.Business{Days: []time.Weekday{}, Holidays: nil}
	if got := never.Add(instant(t, "2026-03-02 10:00"), time.Hour, time.UTC); !got.Equal(instant(t, "2026-03-02 11:00")) {
		t.Errorf("without working hours: %s", got)
	}
}

func TestWhatIsDueInQuietHoursPauses(t *testing.T) {
	rules := guard.Default()
	for _, tt := range []struct {
		from   string
		within time.Duration
		want   string
	}{
		{"2026-03-02 10:00", 2 * time.Hour, "2026-03-02 12:00"},
		{"2026-03-02 20:00", 2 * time.Hour, "2026-03-03 09:00"}, // an hour before they begin, an hour after
		{"2026-03-02 23:00", 2 * time.Hour, "2026-03-03 10:00"},
		{"2026-03-02 20:30", 24 * time.Hour, "2026-03-03 20:30"},
		{"2026-03-02 23:00", 24 * time.Hour, "2026-03-04 10:00"},
	} {
		if got := rules.Due(instant(t, tt.from), tt.within, time.UTC, true); !got.Equal(instant(t, tt.want)) {
			t.Errorf("%s from %s: %s, want %s", tt.within, tt.from, got, tt.want)
		}
	}
	if got := rules.Due(instant(t, "2026-03-02 23:00"), 2*time.Hour, time.UTC, false); !got.Equal(instant(t, "2026-03-03 01:00")) {
		t.Errorf("a task of people: %s", got)
	}
}

// A message when the cap says that it is free again keeps the cap, and one a
// moment before does not.
func TestACapIsFreeAgainExactlyWhenItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		limit := guard.Cap{Most: rapid.IntRange(1, 4).Draw(t, "most"), Days: rapid.IntRange(1, 10).Draw(t, "days")}
		rules := guard.Rules{Caps: []guard.Cap{limit}}
		var messages []guard.Message
		for range rapid.IntRange(0, 8).Draw(t, "messages") {
			messages = append(messages, guard.Message{Channel: "email", At: now.Add(-time.Duration(rapid.IntRange(0, 240).Draw(t, "hours ago")) * time.Hour)})
		}
		within := func(at time.Time) (n int) {
			for _, m := range messages {
				if at.Sub(m.At) < time.Duration(limit.Days)*model.Day {
					n++
				}
			}
			return n
		}
		_, until, capped := rules.Capped(messages, "email", now)
		switch {
		case capped != (within(now) >= limit.Most):
			t.Fatalf("capped %v with %d messages of %d", capped, within(now), limit.Most)
		case capped && within(until) >= limit.Most:
			t.Fatalf("at %s there are %d messages still", until, within(until))
		case capped && within(until.Add(-1)) < limit.Most:
			t.Fatalf("it is free before %s", until)
		}
	})
}

func TestACapOfAChannelCountsThatChannelAlone(t *testing.T) {
	now := instant(t, "2026-03-02 12:00")
	rules := guard.Rules{Caps: []guard.Cap{{Channel: "phone", Most: 1, Days: 7}}}
	messages := []guard.Message{{Channel: "email", At: now}, {Channel: "phone", Pending: true}}
	if _, _, capped := rules.Capped(messages, "email", now); capped {
		t.Error("a call caps mail")
	}
	limit, until, capped := rules.Capped(messages, "phone", now)
	if !capped || limit.String() != "1 by phone in 7 days" || !until.Equal(now.Add(model.Day)) {
		t.Errorf("a call that is on its way: %s until %s, %v", limit, until, capped)
	}
}

func TestWhatCannotBeReadIsAnError(t *testing.T) {
	for _, text := range []string{"21-08", "25:00-08:00", "21:00-08:61", "21:00", "21:00-24:01"} {
		if _, err := guard.ReadHours(text); err == nil {
			t.Errorf("hours %q can be read", text)
		}
	}
	for _, text := range []string{"mon-fry 09:00-17:00", "mon-fri", "mon-fri 17:00-09:00", "weekdays 09:00-17:00"} {
		if _, err := guard.ReadBusiness(text, nil); err == nil {
			t.Errorf("business hours %q can be read", text)
		}
	}
	for _, text := range []string{"3 a week", "0 in 7d", "3 in 0d", "e-mail 3 in 7d"} {
		if _, err := guard.ReadCaps([]string{text}); err == nil {
			t.Errorf("cap %q can be read", text)
		}
	}
	for _, texts := range [][]string{{"many"}, {"5", "6"}, {"phone -1"}} {
		if _, err := guard.ReadCapacity(texts); err == nil {
			t.Errorf("capacity %q can be read", texts)
		}
	}
	for _, texts := range [][]string{{"cheap"}, {"any 1", "any 2"}, {"any 0"}, {"any 1", "phone -8"}, {"phone 8"}, {"1"}, {}} {
		if _, err := guard.ReadCosts(texts); err == nil {
			t.Errorf("costs %q can be read", texts)
		}
	}
	if got, err := guard.ReadCosts([]string{"any 0.25", "phone 8"}); err != nil || got[""] != 0.25 || got["phone"] != 8 {
		t.Errorf("costs: %v, %v", got, err)
	}
	if got, err := guard.ReadBusiness("fri-mon 09:00-17:00", nil); err != nil || len(got.Days) != 4 {
		t.Errorf("over the week-end: %v, %v", got, err)
	}
}

// A stretch has no quiet moment in it, and what lies beside it does, or is out of
// the span.
func TestAStretchIsTheLongestTimeThatIsNotQuiet(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		half := func(name string, most int) time.Duration {
			return time.Duration(rapid.IntRange(0, most).Draw(r, name)) * 30 * time.Minute
		}
		quiet := guard.Hours{From: half("from", 47), To: half("to", 48)}
		zone := rapid.SampledFrom([]*time.Location{time.UTC, berlin(t)}).Draw(r, "zone")
		from := instant(t, "2026-03-28 00:00").Add(half("begin", 96)) // the clock is put forward on the 29th
		until := from.Add(half("span", 72))
		isQuiet := func(at time.Time) bool { _, q := quiet.Until(at, zone); return q }
		begin, end, found := quiet.Stretch(from, until, zone)
		longest, run := 0, 0
		for at := from; at.Before(until); at = at.Add(30 * time.Minute) {
			if run++; isQuiet(at) {
				run = 0
			}
			longest = max(longest, run)
		}
		if found != (longest > 0) || found && end.Sub(begin) != time.Duration(longest)*30*time.Minute {
			r.Fatalf("from %s to %s of a stretch of %d half hours", begin, end, longest)
		}
		for at := begin; at.Before(end); at = at.Add(30 * time.Minute) {
			if isQuiet(at) || at.Before(from) || !at.Before(until) {
				r.Fatalf("%s is quiet, or out of the span", at)
			}
		}
	})
}
