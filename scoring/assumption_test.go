package scoring_test

import (
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring"
)

func TestEveryAssumptionIsALabelledNumberAboutAFeature(t *testing.T) {
	all, err := scoring.Assumptions()
	if err != nil || len(all) < 10 {
		t.Fatalf("%d assumptions, %v", len(all), err)
	}
	seen := map[string]bool{}
	for _, a := range all {
		f, ok := model.FeatureOf(model.Cancellation, a.Feature)
		if !ok || f.Levels || f.Internal {
			t.Errorf("%s is no number that a risk is fitted on", a.Feature)
		}
		if seen[a.Feature] {
			t.Errorf("%s is there twice", a.Feature)
		}
		seen[a.Feature] = true
		if a.LogOdds == 0 || !(a.Deviation > 0) || a.Per == "" || !strings.HasPrefix(a.Source, "assumption") {
			t.Errorf("%+v is not a labelled figure", a)
		}
	}
}
