package survey_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/survey"
)

func ids(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("c%05d", i)
	}
	return out
}

func hashOf(salt, customer string) string {
	sum := sha256.Sum256([]byte(salt + "\x1f" + customer))
	return hex.EncodeToString(sum[:4])
}

var day = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// day is a made-up day of customers who come to the quarter's moment: the nearer
// to churn, the lower they would answer.
type madeUp struct {
	survey.Input

	answer map[string]float64
}

func newDay(t interface{ Fatal(...any) }, n int, seed uint64) madeUp {
	rates, err := survey.ReadRates([]string{"quarterly nps 20%", "delivery csat 5%"})
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	rules := guard.Default()
	m := madeUp{answer: map[string]float64{}}
	m.Settings = survey.Settings{
		Rates: rates, RandomShare: 0.3, Capacity: 1000, Segments: []string{"region", "tenure"}, Seed: seed, Borders: []float64{0.35, 0.65},
	}
	m.Bounds = survey.Bounds{
		Rules: rules, Zones: guard.Zones{}, Channel: "email",
		Exempt: func(*model.Trigger) bool { return false }, Asks: func(*model.Trigger) bool { return true },
	}
	m.Day, m.From, m.To = "2026-03-02", day, day.Add(model.Day)
	m.Subjects, m.Traits = map[string]survey.Subject{}, map[string]model.SurveyTraits{}
	rng := rand.New(rand.NewPCG(7, 7))
	for i, id := range ids(n) {
		m.Occasions = append(m.Occasions, model.SurveyOccasion{CustomerID: id, Moment: model.EveryQuarter, At: day, VisibleAt: day.Add(-1)})
		if i%3 == 0 {
			m.Occasions = append(m.Occasions, model.SurveyOccasion{CustomerID: id, Moment: model.OnDelivery, Cause: "o" + id, At: day.Add(-time.Hour), VisibleAt: day.Add(-time.Hour)})
		}
		p := 0.02 + 0.9*rng.Float64()
		e, stake := 5+15*rng.Float64(), math.Exp(4+rng.NormFloat64())
		region := []string{"north", "south", "south", "south", "south", "south", "south", "south", "east", "east"}[rng.IntN(10)]
		m.Traits[id] = model.SurveyTraits{
			CustomerID: id, Segments: map[string]string{"region": region}, Probability: &p, Satisfaction: &e, ExpectedValue: &stake, Answers: 1,
		}
		m.answer[id] = math.Round(10 - 9*p - 2*math.Abs(p-0.35) + rng.NormFloat64())
		m.Subjects[id] = survey.Subject{Customer: known.Customer{Cut: day, Of: &model.RetentionCustomer{
			ID: id, Profiles: []model.RetentionProfile{{KnownAt: day.AddDate(-1, 0, 0), Consent: &yes}},
		}}}
	}
	return m
}

func TestTheSameSeedPlansTheSameAndAnotherOneAnother(t *testing.T) {
	a, b, c := survey.Make(newDay(t, 500, 1).Input), survey.Make(newDay(t, 500, 1).Input), survey.Make(newDay(t, 500, 2).Input)
	if diff := cmp.Diff(a, b); diff != "" {
		t.Errorf("the same seed (-first +second):\n%s", diff)
	}
	if cmp.Equal(a.Surveys, c.Surveys) {
		t.Error("another seed asks the same customers")
	}
	shuffled := newDay(t, 500, 1)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled.Occasions), func(i, k int) {
		shuffled.Occasions[i], shuffled.Occasions[k] = shuffled.Occasions[k], shuffled.Occasions[i]
	})
	if diff := cmp.Diff(a, survey.Make(shuffled.Input)); diff != "" {
		t.Errorf("in another order (-want +got):\n%s", diff)
	}
}

// deliveries makes a day on which all come to a delivery, of whom a fifth is asked.
func deliveries(t interface{ Fatal(...any) }, n int, seed uint64) madeUp {
	m := newDay(t, n, seed)
	rates, err := survey.ReadRates([]string{"delivery csat 20%"})
	if err != nil {
		t.Fatal(err)
	}
	m.Rates, m.Occasions = rates, nil
	for _, id := range ids(n) {
		m.Occasions = append(m.Occasions, model.SurveyOccasion{CustomerID: id, Moment: model.OnDelivery, Cause: "o" + id, At: day.Add(-time.Hour), VisibleAt: day.Add(-time.Hour)})
	}
	return m
}

// Whatever the day, neither a rate nor the capacity is exceeded by one survey,
// nobody is asked twice or for sure, and the probabilities add up.
func TestADayKeepsToItsRatesAndItsCapacity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newDay(t, rapid.IntRange(0, 300).Draw(t, "customers"), rapid.Uint64().Draw(t, "seed"))
		m.Capacity = rapid.IntRange(0, 40).Draw(t, "capacity")
		m.RandomShare = rapid.Float64Range(0.1, 1).Draw(t, "random")
		m.Quota = rapid.IntRange(0, 50).Draw(t, "quota")
		p := survey.Make(m.Input)
		if len(p.Surveys) > m.Capacity {
			t.Fatalf("%d surveys with a capacity of %d", len(p.Surveys), m.Capacity)
		}
		for _, c := range p.Moments {
			// The quarter's are drawn one by one, the others to the number.
			if c.Expected > c.Rate*float64(c.Eligible)+1e-9 || c.Moment != model.EveryQuarter && math.Abs(float64(c.Chosen)-c.Expected) >= 1 {
				t.Fatalf("%+v", c)
			}
		}
		asked := map[string]bool{}
		for i := range p.Surveys {
			s := &p.Surveys[i]
			if asked[s.CustomerID] || !(s.InclusionProbability > 0 && s.InclusionProbability <= 0.5) || !(s.RandomProbability > 0 && s.RandomProbability <= s.InclusionProbability) {
				t.Fatalf("%+v", s)
			}
			asked[s.CustomerID] = true
		}
	})
}

// Over many seeds everybody is asked as often as his probability says, and at
// random as often as the random part does; the share of random ones is the one
// configured.
func TestInclusionProbabilitiesAreThoseOfTheSample(t *testing.T) {
	const seeds = 3000
	asked, atRandom := map[string]float64{}, map[string]float64{}
	included, random := map[string]float64{}, map[string]float64{}
	var all, drawn float64
	m := deliveries(t, 120, 0)
	for seed := range seeds {
		m.Seed = uint64(seed)
		p := survey.Make(m.Input)
		for i := range p.Surveys {
			s := &p.Surveys[i]
			asked[s.CustomerID]++
			included[s.CustomerID], random[s.CustomerID] = s.InclusionProbability, s.RandomProbability
			all++
			if s.ChosenBy == model.ChosenAtRandom {
				atRandom[s.CustomerID]++
				drawn++
			}
		}
	}
	if len(asked) != 120 {
		t.Errorf("%d of 120 were ever asked", len(asked))
	}
	check := func(what, id string, n, p float64) {
		if z := (n - seeds*p) / math.Sqrt(seeds*p*(1-p)); math.Abs(z) > 4.5 {
			t.Errorf("%s was %s in %.0f of %d, with a probability of %v", id, what, n, seeds, p)
		}
	}
	for id := range asked {
		check("asked", id, asked[id], included[id])
		check("asked at random", id, atRandom[id], random[id])
	}
	if share := drawn / all; math.Abs(share-0.3) > 0.02 {
		t.Errorf("%v of the surveys are at random, want 0.3", share)
	}
}

// Those asked are not like all: who is near a decision answers otherwise. Weighed
// by the inverse of the probability the mean is right, unweighed it is not.
func TestWeighingByTheInverseFindsTheTrueMean(t *testing.T) {
	m := deliveries(t, 1500, 0)
	var truth, weighed, plain []float64
	for seed := range 200 {
		m.Seed = uint64(seed)
		for _, c := range []*[]float64{&weighed, &plain} {
			*c = append(*c, 0)
		}
		var weights, n float64
		p := survey.Make(m.Input)
		for i := range p.Surveys {
			s := &p.Surveys[i]
			weights += 1 / s.InclusionProbability
			weighed[seed] += m.answer[s.CustomerID] / s.InclusionProbability
			plain[seed] += m.answer[s.CustomerID]
			n++
		}
		weighed[seed] /= weights
		plain[seed] /= n
	}
	for _, id := range ids(1500) {
		truth = append(truth, m.answer[id])
	}
	want := mean(truth)
	if got, se := mean(weighed), deviation(weighed)/math.Sqrt(200); math.Abs(got-want) > 3.5*se {
		t.Errorf("weighed %v +- %v, the truth is %v", got, se, want)
	}
	if got, se := mean(plain), deviation(plain)/math.Sqrt(200); math.Abs(got-want) < 10*se {
		t.Errorf("unweighed %v +- %v: the truth of %v shows no bias to mend", got, se, want)
	}
}

func mean(x []float64) (m float64) {
	for _, v := range x {
		m += v / float64(len(x))
	}
	return m
}

func deviation(x []float64) float64 {
	m, s := mean(x), 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(len(x)-1))
}

// A segment below its quota is asked more often, at most once more for each
// dimension; one that gave enough is not.
func TestSegmentsThatGaveFewAnswersAreAskedMore(t *testing.T) {
	m := deliveries(t, 900, 1)
	m.Quota, m.RandomShare = 30, 1
	rate := func(p model.SurveyPlan, region string) float64 {
		i := slices.IndexFunc(p.Segments, func(c model.SurveySegmentCount) bool { return c.Segment == region })
		return p.Segments[i].Expected / float64(p.Segments[i].Eligible)
	}
	m.Answers = nil
	for i, id := range ids(900) {
		if segment := m.Traits[id].Segments["region"]; segment != "north" {
			m.Answers = append(m.Answers, model.CustomerAnswers{CustomerID: id, Answers: 1 + i%2})
		}
	}
	p := survey.Make(m.Input)
	if north, south := rate(p, "north"), rate(p, "south"); math.Abs(north/south-2) > 0.15 {
		t.Errorf("north is asked at %v, south at %v", north, south)
	}
	for _, c := range p.Segments {
		if c.Chosen == 0 && c.Expected >= 1 {
			t.Errorf("nobody of %+v is asked", c)
		}
	}
}

func TestWithoutScoresAllAreChosenAtRandom(t *testing.T) {
	m := deliveries(t, 200, 1)
	for id, traits := range m.Traits {
		traits.Probability = nil
		m.Traits[id] = traits
	}
	p := survey.Make(m.Input)
	if p.RandomShare != 1 || len(p.Warnings) != 1 || len(p.Surveys) == 0 {
		t.Errorf("share %v, %v", p.RandomShare, p.Warnings)
	}
	for i := range p.Surveys {
		if s := &p.Surveys[i]; s.ChosenBy != model.ChosenAtRandom || s.RandomProbability != s.InclusionProbability || s.ValueOfAnswer != nil {
			t.Errorf("%+v", s)
		}
	}
}

// What was decided first keeps the rest away, before it and after.
func TestOneSurveyKeepsOthersAway(t *testing.T) {
	never := func(*model.Trigger) bool { return false }
	b := survey.Bounds{Rules: guard.Default(), Zones: guard.Zones{}, Channel: "email", Exempt: never, Asks: func(t *model.Trigger) bool { return t.Action == "survey" }}
	b.Rules.ConsentUnknown = true
	opened := day.AddDate(0, 0, -30)
	for name, tt := range map[string]struct {
		customer model.RetentionCustomer
		triggers []*model.Trigger
		code     string
	}{
		"nothing": {},
		"a survey 89 days ago": {
			customer: model.RetentionCustomer{Outreach: []model.RetentionOutreach{{Kind: "survey", SentAt: day.AddDate(0, 0, -89), VisibleAt: day.AddDate(0, 0, -89)}}},
			code:     survey.CodeRecent,
		},
		"a survey 91 days ago": {
			customer: model.RetentionCustomer{Outreach: []model.RetentionOutreach{{Kind: "survey", SentAt: day.AddDate(0, 0, -91), VisibleAt: day.AddDate(0, 0, -91)}}},
		},
		"an answer that no known survey asked for": {
			customer: model.RetentionCustomer{Answers: []model.RetentionAnswer{{Kind: "ces", AnsweredAt: day.AddDate(0, 0, -9), VisibleAt: day.AddDate(0, 0, -9)}}},
			code:     survey.CodeRecent,
		},
		"a rating, which nobody asks for": {
			customer: model.RetentionCustomer{Answers: []model.RetentionAnswer{{Kind: "rating", AnsweredAt: day.AddDate(0, 0, -9), VisibleAt: day.AddDate(0, 0, -9)}}},
		},
		"one planned for the next week": {
			customer: model.RetentionCustomer{Planned: []model.RetentionSurvey{{ID: "p", SendFrom: day.AddDate(0, 0, 7), ExpiresAt: day.AddDate(0, 0, 15)}}},
			code:     survey.CodePlanned,
		},
		"one planned that nobody sent in time": {
			customer: model.RetentionCustomer{Planned: []model.RetentionSurvey{{ID: "p", SendFrom: day.AddDate(0, 0, -10), ExpiresAt: day.AddDate(0, 0, -2)}}},
		},
		"a playbook's that is open":                            {triggers: []*model.Trigger{{Action: "survey", Status: model.TriggerOpen, OpenedAt: &opened}}, code: survey.CodeTrigger},
		"a playbook's that expired, which may have been sent":  {triggers: []*model.Trigger{{Action: "survey", Status: model.TriggerExpired, OpenedAt: &opened}}, code: survey.CodeTrigger},
		"a playbook's that a held-out customer would have got": {triggers: []*model.Trigger{held("survey", -30)}, code: survey.CodeTrigger},
		"one that he would have got long ago":                  {triggers: []*model.Trigger{held("survey", -100)}},
		"three messages that a held-out customer would have got within a week": {
			triggers: []*model.Trigger{held("send", -3), held("send", -2), held("send", -1)}, code: survey.CodeCap,
		},
		"three of which one would have met an open ticket": {
			customer: model.RetentionCustomer{Tickets: []model.RetentionTicket{
				{ID: "t", KnownAt: day.AddDate(0, 0, -4), OpenedAt: day.AddDate(0, 0, -4)},
				{ID: "t", KnownAt: day.AddDate(0, 0, -2).Add(-time.Hour), OpenedAt: day.AddDate(0, 0, -4), ResolvedAt: new(day.AddDate(0, 0, -2).Add(-time.Hour))},
			}},
			triggers: []*model.Trigger{held("send", -3), held("send", -2), held("send", -1)},
		},
		"a playbook's that is to come":     {triggers: []*model.Trigger{{Action: "survey", Status: model.TriggerScheduled, PlannedAt: day.AddDate(0, 0, 60)}}, code: survey.CodeTrigger},
		"a playbook's message, no survey":  {triggers: []*model.Trigger{{Action: "send", Status: model.TriggerScheduled, PlannedAt: day.AddDate(0, 0, 60)}}},
		"a ticket that is open":            {customer: model.RetentionCustomer{Tickets: []model.RetentionTicket{{ID: "t", KnownAt: day.AddDate(0, 0, -1), OpenedAt: day.AddDate(0, 0, -1)}}}, code: survey.CodeTicket},
		"too many messages within a week":  {customer: model.RetentionCustomer{Outreach: messages(3)}, code: survey.CodeCap},
		"no more messages than are let by": {customer: model.RetentionCustomer{Outreach: messages(2)}},
	} {
		t.Run(name, func(t *testing.T) {
			s := survey.Subject{Customer: known.Customer{Of: &tt.customer, Cut: day}, Triggers: tt.triggers}
			r, begin, end, refused := b.Refuse(s, "", "", day, day.Add(model.Day))
			if r.Code != tt.code || refused != (tt.code != "") {
				t.Fatalf("refused %v by %q (%s), want %q", refused, r.Code, r.Reason, tt.code)
			}
			if !refused && (!begin.Equal(day.Add(8*time.Hour)) || !end.Equal(day.Add(21*time.Hour))) {
				t.Errorf("to be sent from %s until %s", begin, end)
			}
		})
	}
}

// held is a trigger that a held-out customer did not get so many days ago.
func held(action string, days int) *model.Trigger {
	return &model.Trigger{Action: action, Channel: "email", Status: model.TriggerSuppressed, SuppressedBy: new(model.HeldOut), PlannedAt: day.AddDate(0, 0, days).Add(10 * time.Hour)}
}

func messages(n int) (out []model.RetentionOutreach) {
	for i := range n {
		out = append(out, model.RetentionOutreach{ID: fmt.Sprint(i), Kind: "marketing", Channel: "email", SentAt: day.Add(-time.Hour), VisibleAt: day.Add(-time.Hour)})
	}
	return out
}
