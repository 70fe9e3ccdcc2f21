package satisfaction_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model/satisfaction"
)

func TestEveryKindSpansAllPointsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]satisfaction.Kind{"nps", "csat", "ces", "rating", "sentiment"}).Draw(t, "kind")
		low, high, err := satisfaction.Range(kind)
		if err != nil {
			t.Fatal(err)
		}
		a := rapid.Float64Range(low, high).Draw(t, "a")
		b := rapid.Float64Range(low, high).Draw(t, "b")
		x, err := satisfaction.Points(kind, a)
		if err != nil || x < 0 || x > 100 {
			t.Fatalf("points of %v: %v, %v", a, x, err)
		}
		y, err := satisfaction.Points(kind, b)
		if err != nil || a < b && x > y {
			t.Fatalf("%v gives %v, %v gives %v, %v", a, x, b, y, err)
		}
		bottom, _ := satisfaction.Points(kind, low)
		top, _ := satisfaction.Points(kind, high)
		if bottom != 0 || top != 100 {
			t.Fatalf("the scale spans %v to %v", bottom, top)
		}
	})
}

func TestScoresOffTheirScaleAreRefused(t *testing.T) {
	for _, score := range []float64{-0.1, 10.5, math.NaN(), math.Inf(1)} {
		if _, err := satisfaction.Points(satisfaction.NPS, score); !errors.Is(err, satisfaction.ErrValue) {
			t.Errorf("nps %v: %v", score, err)
		}
	}
	if _, err := satisfaction.Points("smiley", 3); !errors.Is(err, satisfaction.ErrKind) {
		t.Errorf("smiley: %v", err)
	}
}

func TestGroupsFollowTheTableOfTheField(t *testing.T) {
	for kind, groups := range map[satisfaction.Kind]string{
		satisfaction.NPS: "dddddddaapp", satisfaction.CSAT: "ddapp", satisfaction.Rating: "ddapp", satisfaction.CES: "dddaapp",
	} {
		low, _, err := satisfaction.Range(kind)
		if err != nil {
			t.Fatal(err)
		}
		for i, letter := range groups {
			want := map[rune]satisfaction.Group{'d': satisfaction.Detractor, 'a': satisfaction.Passive, 'p': satisfaction.Promoter}[letter]
			got, ok, err := satisfaction.GroupOf(kind, low+float64(i))
			if got != want || !ok || err != nil {
				t.Errorf("%s %v: %s, %v, %v, want %s", kind, low+float64(i), got, ok, err, want)
			}
		}
	}
	if _, ok, err := satisfaction.GroupOf(satisfaction.Sentiment, -1); ok || err != nil {
		t.Errorf("sentiment has a group: %v, %v", ok, err)
	}
}

func TestAZeroIsNotASix(t *testing.T) {
	for score, want := range map[float64]bool{0: true, 3: true, 4: false, 6: false, 10: false} {
		if got := satisfaction.Severe(satisfaction.NPS, score); got != want {
			t.Errorf("nps %v severe: %v", score, got)
		}
	}
	if satisfaction.Severe("smiley", 0) || satisfaction.Severe(satisfaction.Sentiment, -1) {
		t.Error("a kind without detractors is severe")
	}
}

func TestNetPromoterScoreIsBoundedAndSymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.SliceOfN(rapid.SampledFrom([]satisfaction.Group{"promoter", "passive", "detractor"}), 1, 80).Draw(t, "groups")
		mirrored := make([]satisfaction.Group, len(groups))
		for i, g := range groups {
			mirrored[i] = map[satisfaction.Group]satisfaction.Group{"promoter": "detractor", "passive": "passive", "detractor": "promoter"}[g]
		}
		a, err := satisfaction.NetPromoter(groups, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		b, err := satisfaction.NetPromoter(mirrored, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		if a.Value != -b.Value || a.StandardError != b.StandardError || !(a.Low >= -100 && a.High <= 100 && a.Low < a.High) {
			t.Fatalf("%+v and %+v", a, b)
		}
		if (len(a.Warnings) > 0) != (len(groups) < 30) {
			t.Fatalf("%d answers, warnings %q", len(groups), a.Warnings)
		}
	})
	if _, err := satisfaction.NetPromoter(nil, 0); !errors.Is(err, satisfaction.ErrNoAnswers) {
		t.Errorf("no answers: %v", err)
	}
}
