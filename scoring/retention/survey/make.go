package survey

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
)

// ReportWithin is how long after its day a planned survey keeps others away
// while nobody reports it sent; after that it must not be sent any more.
const ReportWithin = 7 * model.Day

// mostSure is the largest probability of being asked, unless the moment's rate
// is larger: what is worth most to know is still a sample.
const mostSure = 0.5

// Settings say how many are asked.
type Settings struct {
	// Rates are the moments that are asked, in the order of preference.
	Rates []Rate
	// RandomShare of those asked is drawn alike, in (0, 1].
	RandomShare float64
	// Capacity bounds the surveys of a day.
	Capacity int
	// Quota are the answers in 90 days below which a segment's customers are
	// asked more often; 0 is no quota.
	Quota int
	// Segments are of [model.SurveySegments].
	Segments []string
	Seed     uint64
	// Borders are churn probabilities at which decisions change.
	Borders []float64
}

// Input is what a plan is made from. Everything is as known before From.
type Input struct {
	Settings
	Bounds

	// Day names the shop's day [From, To).
	Day      string
	From, To time.Time
	// Now is when the plan is made where that is in the day, zero else. What could
	// not be sent any more by then is sent in the day after it.
	Now       time.Time
	Occasions []model.SurveyOccasion
	// Subjects are the customers of the occasions, Traits theirs and of those who
	// answered.
	Subjects map[string]Subject
	Traits   map[string]model.SurveyTraits
	Answers  []model.CustomerAnswers
}

// unit is a customer who may be asked.
type unit struct {
	model.SurveyOccasion

	rate          *Rate
	begin, end    time.Time
	segments      map[string]string
	lacking       []string // segments below their quota
	boost         float64
	value         float64
	valued        bool
	random, other float64 // the two parts of his probability
	order         float64
	drawn, chosen bool // drawn is for the quarter
}

func (u *unit) probability() float64 { return math.Min(u.random+u.other, 1) }

// Make plans a day.
func Make(in Input) model.SurveyPlan {
	out := model.SurveyPlan{
		Day: in.Day, AsOf: in.From, EndsAt: in.To, Seed: in.Seed, Capacity: in.Capacity, RandomShare: in.RandomShare,
		Refused: map[string]int{}, Moments: []model.SurveyMomentCount{}, Surveys: []model.PlannedSurvey{}, Warnings: []string{},
	}
	answered := in.answered()
	counts := map[model.SurveyMoment]*model.SurveyMomentCount{}
	units := in.eligible(&out, counts)
	in.weigh(units, answered, &out)
	in.draw(units)
	for i := range units {
		u := &units[i]
		c := counts[u.Moment]
		c.Expected += u.probability()
		out.Expected += u.probability()
		if u.chosen {
			c.Chosen++
			out.Surveys = append(out.Surveys, in.planned(u))
		}
	}
	for _, m := range model.SurveyMoments() {
		if c := counts[m]; c != nil {
			out.Moments = append(out.Moments, *c)
		}
	}
	out.CandidatesNow = out.Candidates
	out.Segments = segmentCounts(in, units, answered)
	slices.SortFunc(out.Surveys, func(a, b model.PlannedSurvey) int {
		return cmp.Or(a.SendFrom.Compare(b.SendFrom), cmp.Compare(a.CustomerID, b.CustomerID))
	})
	return out
}

// eligible leaves out whom something stands against. Of a customer's occasions
// it keeps the first that nothing does, and counts him there; where something
// stands against all, at the first.
func (in Input) eligible(out *model.SurveyPlan, counts map[model.SurveyMoment]*model.SurveyMomentCount) []unit {
	var units []unit
	for _, occasions := range in.byCustomer() {
		u, code, found := in.first(occasions)
		if counts[u.Moment] == nil {
			counts[u.Moment] = &model.SurveyMomentCount{Moment: u.Moment, Kind: u.rate.Kind, Rate: u.rate.Share}
		}
		out.Candidates++
		counts[u.Moment].Candidates++
		if !found {
			out.Refused[code]++
			continue
		}
		counts[u.Moment].Eligible++
		units = append(units, u)
	}
	out.Eligible = len(units)
	return units
}

// byCustomer returns the occasions that are asked, customer by customer in the
// order of preference.
func (in Input) byCustomer() [][]model.SurveyOccasion {
	all := slices.DeleteFunc(slices.Clone(in.Occasions), func(o model.SurveyOccasion) bool { return in.rate(o.Moment) == nil })
	slices.SortFunc(all, func(a, b model.SurveyOccasion) int {
		return cmp.Or(cmp.Compare(a.CustomerID, b.CustomerID), place(a.Moment)-place(b.Moment), a.At.Compare(b.At), cmp.Compare(a.Cause, b.Cause))
	})
	var out [][]model.SurveyOccasion
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].CustomerID == all[0].CustomerID {
			n++
		}
		out, all = append(out, all[:n]), all[n:]
	}
	return out
}

// first returns the first occasion that nothing stands against, or the first of
// all and what does.
func (in Input) first(occasions []model.SurveyOccasion) (u unit, code string, found bool) {
	for _, o := range occasions {
		if in.kept(o) {
			code = cmp.Or(code, CodeKept)
			continue
		}
		refusal, begin, end, refused := in.refuse(o)
		if !refused {
			drawn := o.Moment == model.EveryQuarter && in.Drawn(in.date(), o.CustomerID)
			return unit{SurveyOccasion: o, rate: in.rate(o.Moment), begin: begin, end: end, drawn: drawn}, "", true
		}
		code = cmp.Or(code, refusal.Code)
	}
	return unit{SurveyOccasion: occasions[0], rate: in.rate(occasions[0].Moment)}, code, false
}

// refuse judges an occasion. The time of sending begins with the day or the
// occasion, whenever the plan is made, so that the same facts give the same plan;
// unless too little of it is left.
func (in Input) refuse(o model.SurveyOccasion) (r Refusal, begin, end time.Time, refused bool) {
	from := later(in.From, o.At)
	r, begin, end, refused = in.Refuse(in.subject(o.CustomerID), ticketOf(o), "", from, in.To)
	if !refused && end.Sub(in.Now) < leastStretch {
		return in.Refuse(in.subject(o.CustomerID), ticketOf(o), "", later(from, in.Now), later(in.To, in.Now.Add(model.Day)))
	}
	return r, begin, end, refused
}

// date is the shop's day.
func (in Input) date() time.Time {
	day, err := time.Parse(time.DateOnly, in.Day)
	if err != nil {
		return in.From
	}
	return day
}

// kept reports whether a customer is kept for his quarter's question.
func (in Input) kept(o model.SurveyOccasion) bool {
	if !Keeps(o.Moment) {
		return false
	}
	_, kept := in.KeptFor(in.date(), o.CustomerID, in.Rules.SurveyEvery)
	return kept
}

func (in Input) subject(id string) Subject {
	s, ok := in.Subjects[id]
	if !ok {
		s.Customer = known.Customer{Of: &model.RetentionCustomer{ID: id}, Cut: in.From}
	}
	return s
}

func (s Settings) rate(m model.SurveyMoment) *Rate {
	for i := range s.Rates {
		if s.Rates[i].Moment == m {
			return &s.Rates[i]
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ticketOf is the ticket that an occasion is about.
func ticketOf(o model.SurveyOccasion) string {
	if o.Moment == model.AfterSupport {
		return o.Cause
	}
	return ""
}

// weigh finds what raises somebody's probability: a segment that has given few
// answers, and what his own is worth.
func (in Input) weigh(units []unit, answered map[stratum]int, out *model.SurveyPlan) {
	stake := in.typicalStake(units)
	scored := 0
	var values []float64
	for i := range units {
		u := &units[i]
		traits := in.Traits[u.CustomerID]
		u.segments = Segments(traits, in.Segments, in.From)
		u.boost = 1
		for _, d := range in.Segments {
			n := answered[stratum{d, u.segments[d]}]
			if lack := in.short(n); lack > 0 && u.segments[d] != unknown {
				u.boost += lack
				u.lacking = append(u.lacking, d+" "+u.segments[d])
			}
		}
		if u.value, u.valued = valueOf(traits, stake, in.Borders); u.valued {
			scored++
			values = append(values, u.value)
		}
		u.order = uniform("order", strconv.FormatUint(in.Seed, 10), in.Day, u.CustomerID)
	}
	if scored == 0 {
		if len(units) > 0 {
			out.RandomShare = 1
			out.Warnings = append(out.Warnings, "no score of a candidate is published as of the day or before: all are chosen at random")
		}
		return
	}
	middle := median(values)
	for i := range units {
		if !units[i].valued {
			units[i].value = middle
		}
	}
}

// typicalStake is the median expected value of the candidates, 1 without any.
func (in Input) typicalStake(units []unit) float64 {
	var all []float64
	for i := range units {
		if v := in.Traits[units[i].CustomerID].ExpectedValue; v != nil {
			all = append(all, *v)
		}
	}
	if len(all) == 0 {
		return 1
	}
	return median(all)
}

func median(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// planned is the survey of somebody who was chosen.
func (in Input) planned(u *unit) model.PlannedSurvey {
	p := model.PlannedSurvey{
		ID: ID(in.Day, u.SurveyOccasion), Day: in.Day, CustomerID: u.CustomerID, Moment: u.Moment, Kind: u.rate.Kind,
		Template: "survey_" + string(u.Moment), Channel: in.Channel, MomentAt: u.At,
		SendFrom: u.begin, SendUntil: u.end, ExpiresAt: in.To.Add(ReportWithin), ChosenBy: model.ChosenByDecision,
		InclusionProbability: u.probability(), RandomProbability: u.random, Segments: u.segments, Status: model.SurveyPlanned,
		Personal: map[string]string{},
	}
	if u.Cause != "" {
		p.Cause = &u.Cause
	}
	if u.valued {
		p.ValueOfAnswer = &u.value
	}
	if uniform("by", strconv.FormatUint(in.Seed, 10), in.Day, u.CustomerID)*p.InclusionProbability < u.random {
		p.ChosenBy = model.ChosenAtRandom
	}
	p.Why = in.why(u, p.ChosenBy)
	return p
}

// ID derives a planned survey's id from what makes it the one that it is.
func ID(day string, o model.SurveyOccasion) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"survey", day, o.CustomerID, string(o.Moment), o.Cause}, "\x1f")))
	return hex.EncodeToString(sum[:10])
}

// why says in words why somebody was chosen.
func (in Input) why(u *unit, by model.SurveyChoice) string {
	switch {
	case by == model.ChosenAtRandom && len(u.lacking) > 0:
		return "at random; few answers yet of " + strings.Join(u.lacking, ", ")
	case by == model.ChosenAtRandom:
		return "at random"
	}
	t := in.Traits[u.CustomerID]
	if !u.valued {
		return "no score yet: a typical value of the answer is taken"
	}
	text := fmt.Sprintf("risk %.0f %%", 100*(*t.Probability))
	if len(in.Borders) > 0 {
		near := slices.MinFunc(in.Borders, func(a, b float64) int {
			return cmp.Compare(math.Abs(logOdds(a)-logOdds(*t.Probability)), math.Abs(logOdds(b)-logOdds(*t.Probability)))
		})
		text += fmt.Sprintf(", a decision changes at %.0f %%", 100*near)
	}
	switch {
	case t.Answers == 0 || t.Satisfaction == nil:
		text += "; no answer yet"
	case t.Answers == 1:
		text += fmt.Sprintf("; satisfaction known to %.0f points from 1 answer", *t.Satisfaction)
	default:
		text += fmt.Sprintf("; satisfaction known to %.0f points from %d answers", *t.Satisfaction, t.Answers)
	}
	if t.ExpectedValue != nil {
		text += fmt.Sprintf("; %.0f at stake", *t.ExpectedValue)
	}
	return text
}
