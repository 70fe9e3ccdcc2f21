package survey_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

// years is a shop whose even customers buy every week, the odd ones twice a year.
type years struct {
	survey.Input

	people []string
	asked  map[string][]model.RetentionOutreach
}

func newYears(t *testing.T, people int, seed uint64) *years {
	t.Helper()
	rates, err := survey.ReadRates([]string{"post_purchase csat 5% after 2d", "delivery csat 5%", "quarterly nps 20%"})
	if err != nil {
		t.Fatal(err)
	}
	never := func(*model.Trigger) bool { return false }
	y := &years{people: ids(people), asked: map[string][]model.RetentionOutreach{}}
	y.Settings = survey.Settings{Rates: rates, RandomShare: 0.3, Capacity: 1000, Seed: seed}
	y.Bounds = survey.Bounds{Rules: guard.Default(), Zones: guard.Zones{}, Channel: "email", Exempt: never, Asks: never}
	y.Rules.ConsentUnknown = true
	return y
}

// plans makes the plan of a day, all of which is sent at once.
func (y *years) plans(on time.Time) model.SurveyPlan {
	y.Day, y.From, y.To = on.Format(time.DateOnly), on, on.Add(model.Day)
	y.Occasions, y.Subjects = nil, map[string]survey.Subject{}
	number := int(on.Unix() / 86400)
	come := func(id string, m model.SurveyMoment) {
		y.Occasions = append(y.Occasions, model.SurveyOccasion{CustomerID: id, Moment: m, Cause: string(m), At: on, VisibleAt: on.Add(-time.Hour)})
		y.Subjects[id] = survey.Subject{Customer: known.Customer{Cut: on, Of: &model.RetentionCustomer{ID: id, Outreach: y.asked[id]}}}
	}
	for i, id := range y.people {
		every := []int{7, 180}[i%2]
		if (number+i)%every == 0 {
			come(id, model.AfterPurchase)
		}
		if (number+i)%every == 2 {
			come(id, model.OnDelivery)
		}
		if survey.DayInQuarter(on, y.Salt(), id).Equal(on) {
			come(id, model.EveryQuarter)
		}
	}
	p := survey.Make(y.Input)
	for i := range p.Surveys {
		s := &p.Surveys[i]
		y.asked[s.CustomerID] = append(y.asked[s.CustomerID], model.RetentionOutreach{ID: s.ID, Kind: "survey", SentAt: s.SendFrom, VisibleAt: s.SendFrom})
	}
	return p
}

// However often somebody buys, and is asked about that, the answers of a quarter
// stand for him: the weights of each group add up to its customers.
func TestAQuartersWeightsStandForWhoBuysOftenToo(t *testing.T) {
	const people, seeds, rate = 1500, 3, 0.2
	first := time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)
	var weights, others [2]float64
	quarters := 0.0
	for seed := range uint64(seeds) {
		y := newYears(t, people, seed)
		place := map[string]int{}
		for i, id := range y.people {
			place[id] = i % 2
		}
		for on := first; on.Before(first.AddDate(1, 0, 0)); on = on.AddDate(0, 0, 1) {
			p := y.plans(on)
			if on.Before(first.AddDate(0, 3, 0)) {
				continue // nobody was asked before
			}
			for i := range p.Surveys {
				s := &p.Surveys[i]
				if s.Moment != model.EveryQuarter {
					others[place[s.CustomerID]]++
				} else {
					weights[place[s.CustomerID]] += 1 / s.InclusionProbability
				}
			}
		}
		quarters += 3
	}
	for group, name := range []string{"often", "rarely"} {
		got, want := weights[group]/quarters, people/2.0
		// One quarter's sum of n draws of weight 1/p has the variance n (1-p)/p.
		if se := math.Sqrt(want * (1 - rate) / rate / quarters); math.Abs(got-want) > 3.5*se {
			t.Errorf("who buys %s weighs %.0f a quarter, want %.0f +- %.0f", name, got, want, se)
		}
		if others[group] == 0 {
			t.Errorf("who buys %s is never asked at another moment", name)
		}
	}
	t.Logf("weights a quarter: often %.0f, rarely %.0f; asked at other moments %v", weights[0]/quarters, weights[1]/quarters, others)
}

// Who is drawn is asked on his day, with the quarter's rate as the probability;
// where the day has no room for all, with what is left of it.
func TestTheDrawnOfAQuarterAreAskedOnTheirDay(t *testing.T) {
	m := newDay(t, 600, 1)
	drawn := 0
	for _, id := range ids(600) {
		if m.Drawn(day, id) {
			drawn++
		}
	}
	if math.Abs(float64(drawn)-120) > 4*math.Sqrt(600*0.2*0.8) {
		t.Errorf("%d of 600 are drawn", drawn)
	}
	for _, capacity := range []int{1000, 30} {
		m.Capacity = capacity
		p, asked := survey.Make(m.Input), 0
		for i := range p.Surveys {
			s := &p.Surveys[i]
			if s.Moment != model.EveryQuarter {
				continue
			}
			asked++
			if !m.Drawn(day, s.CustomerID) || s.ChosenBy != model.ChosenAtRandom {
				t.Fatalf("%+v was not drawn", s)
			}
			if capacity == 1000 && s.InclusionProbability != 0.2 || capacity == 30 && !(s.InclusionProbability < 0.2) {
				t.Fatalf("capacity %d: probability %v", capacity, s.InclusionProbability)
			}
		}
		if capacity == 30 && asked != 30 || capacity == 1000 && asked < 50 {
			t.Errorf("capacity %d: %d asked", capacity, asked)
		}
	}
}

// Another moment lets whoever is kept alone, but one of leaving does not.
func TestWhoIsDrawnIsKeptForHisDay(t *testing.T) {
	s := newDay(t, 1, 1).Settings
	for i := range 300 {
		id := fmt.Sprint("k", i)
		own := survey.DayInQuarter(day, s.Salt(), id)
		for _, before := range []int{0, 1, 91, 92} {
			at, kept := s.KeptFor(own.AddDate(0, 0, -before), id, 90*model.Day)
			if drawn := s.Drawn(own, id); before < 92 && drawn && (!kept || at.After(own)) || !drawn && kept && at.Equal(own) || before > 91 && kept && at.Equal(own) {
				t.Fatalf("%s, %d days before %s (drawn %v): kept %v for %s", id, before, own, drawn, kept, at)
			}
		}
	}
	if survey.Keeps(model.OnExit) || survey.Keeps(model.EveryQuarter) || !survey.Keeps(model.OnDelivery) {
		t.Error("the wrong moments leave the kept alone")
	}
}
