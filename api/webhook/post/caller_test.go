package post_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/api/webhook/post"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestRetryAfterIsSecondsOrADateUpToADay(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "-5": 0, "soon": 0, "1.5": 0, "99999999999999999999": 0,
		"120": 2 * time.Minute, "100000": 24 * time.Hour,
		noon.Add(time.Hour).Format(http.TimeFormat):       time.Hour,
		noon.Add(-time.Hour).Format(http.TimeFormat):      0,
		noon.Add(30 * 24 * time.Hour).Format(time.RFC850): 24 * time.Hour,
		noon.Add(time.Minute).Format(time.ANSIC):          time.Minute,
	} {
		if got := post.RetryAfter(text, noon); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("120")
	f.Add(noon.Format(http.TimeFormat))
	f.Fuzz(func(t *testing.T, text string) {
		if got := post.RetryAfter(text, noon); got < 0 || got > 24*time.Hour {
			t.Errorf("%q: %s", text, got)
		}
	})
}
