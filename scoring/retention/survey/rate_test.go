package survey_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

func TestEveryMomentOfTheFieldIsAskedByDefault(t *testing.T) {
	rates, err := survey.ReadRates(survey.DefaultRates())
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range model.SurveyMoments() {
		if len(rates) != len(model.SurveyMoments()) || rates[i].Moment != m || !(rates[i].Share > 0 && rates[i].Share <= 0.5) {
			t.Fatalf("%s: %+v", m, rates)
		}
	}
}

func TestMomentsCanBeRead(t *testing.T) {
	got, err := survey.ReadRates([]string{"delivery ces 2.5% after 36h", "pre_renewal nps 100% before 30d"})
	want := []survey.Rate{
		{Moment: model.BeforeRenewal, Kind: "nps", Share: 1, After: 30 * model.Day},
		{Moment: model.OnDelivery, Kind: "ces", Share: 0.025, After: 36 * time.Hour},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, text := range []string{
		"birthday nps 5%", "delivery smiles 5%", "delivery nps 0%", "delivery nps 101%", "delivery nps 5", "delivery nps 5% before 2d",
		"pre_renewal nps 5% after 2d", "quarterly nps 5% after 2d", "delivery nps 5% after two days",
	} {
		if _, err := survey.ReadRates([]string{text}); err == nil {
			t.Errorf("%q can be read", text)
		}
	}
	if _, err := survey.ReadRates([]string{"delivery nps 5%", "delivery csat 5%"}); err == nil {
		t.Error("a moment may stand twice")
	}
}

// Everybody has one day in each quarter, the same customers are asked for on it
// as have it, and between two lie 90 days.
func TestEveryCustomerHasHisOwnDayInAQuarter(t *testing.T) {
	const salt = "churnwatch surveys 1"
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, customer := range ids(2000) {
		day := survey.DayInQuarter(time.Date(2023, 10, 5, 0, 0, 0, 0, berlin), salt, customer)
		for range 10 { // over a leap year
			from, to := survey.Slot(day)
			if hash := hashOf(salt, customer); hash < from || hash >= to {
				t.Fatalf("%s has %s, but its hash %s is not in %s to %s", customer, day, hash, from, to)
			}
			next := survey.DayInQuarter(day.AddDate(0, 0, 1-day.Day()).AddDate(0, 3, 0), salt, customer)
			if apart := next.Sub(day); apart < 90*model.Day-time.Hour { // the clock is put back once
				t.Fatalf("%s is asked on %s and on %s", customer, day, next)
			}
			day = next
		}
		counts[day.Format(time.DateOnly)]++
	}
	for day, n := range counts {
		if n > 50 { // 22 are expected
			t.Errorf("%d of 2,000 on %s", n, day)
		}
	}
}
