package feed_test

import (
	"testing"

	"github.com/churnwatch/churnwatch/api/webhook/feed"
	"github.com/churnwatch/churnwatch/model"
)

func TestAnIDSaysWhereItsEventStands(t *testing.T) {
	for id, want := range map[string]struct {
		of       model.Feed
		sequence model.Sequence
	}{
		"trigger-42-6f3a9c1d2e4b":                 {model.FeedTriggers, 42},
		"score-18446744073709551615-000000000000": {model.FeedScores, 1<<64 - 1},
		"erasure-1-6f3a9c1d2e4b":                  {model.FeedErasures, 1},
	} {
		if of, sequence, err := feed.PlaceOf(id); of != want.of || sequence != want.sequence || err != nil {
			t.Errorf("%s: %s %d, %v", id, of, sequence, err)
		}
	}
	for _, id := range []string{"", "trigger", "trigger-42", "order-42-0", "trigger-0-0", "trigger--1-0", "trigger-x-0", "trigger-1-0-0", "trigger-18446744073709551616-0"} {
		if of, sequence, err := feed.PlaceOf(id); model.KindOf(err) != model.KindInvalid {
			t.Errorf("%s: %s %d, %v", id, of, sequence, err)
		}
	}
}

func FuzzPlaceOf(f *testing.F) {
	f.Add("trigger-42-6f3a9c1d2e4b")
	f.Add("score-0-")
	f.Add("--")
	f.Fuzz(func(t *testing.T, id string) {
		of, sequence, err := feed.PlaceOf(id)
		if (err == nil) != (sequence > 0 && of != "") {
			t.Errorf("%q: %q %d, %v", id, of, sequence, err)
		}
	})
}
