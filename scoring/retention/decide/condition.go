package decide

import (
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// How long an answer tells a customer's mood, and what makes a newcomer and a
// veteran.
const (
	moodDays     = 180
	newcomerDays = 90
	veteranDays  = 365
	// seriousFrom is the severity from which an incident is serious, severeMost
	// the NPS up to which an answer is severe.
	seriousFrom = 3
	severeMost  = 3
)

// situation is what a condition is judged by: the customer, what set the
// playbook off, and what was sent because of it.
type situation struct {
	known.Customer

	signal model.Signal
	sent   []model.RetentionOutreach // of the same playbook and cause
	// economics and channel say what contacting the customer costs and brings.
	economics *model.Economics
	channel   string
}

// holds reports whether a condition does.
func (s situation) holds(c playbook.Condition) bool { return s.word(c.Word) != c.Not }

// unmet returns the first condition that does not hold, "" where all do.
func (s situation) unmet(all []playbook.Condition) string {
	for _, c := range all {
		if !s.holds(c) {
			return c.String()
		}
	}
	return ""
}

// word reports whether what a word says holds. Words about what is not known do
// not.
func (s situation) word(word string) bool {
	switch word {
	case "comment":
		return s.signal.Comment
	case "severe":
		return s.severe()
	case "serious":
		return s.severe() || s.signal.Kind == model.SignalIncident && s.signal.Number >= seriousFrom
	case "high_value":
		score := s.Score()
		return s.Profile().Strategic || score != nil && score.HighValue != nil && *score.HighValue
	case "strategic":
		return s.Profile().Strategic
	case "at_risk":
		score := s.Score()
		return score != nil && score.Band == model.BandHigh
	case "worth_contacting":
		score := s.Score()
		return score != nil && score.Probability != nil && score.ExpectedValue != nil &&
			s.economics.Worth(*score.Probability, *score.ExpectedValue, s.channel)
	case "drifting":
		score := s.Score()
		return score != nil && score.Drift == model.Drifting
	case "newcomer", "veteran":
		since, known := s.Since()
		days := model.Days(s.Cut.Sub(since))
		return known && (word == "newcomer" && days < newcomerDays || word == "veteran" && days >= veteranDays)
	case "dissatisfied":
		return s.mood() == model.Detractor
	case "neutral":
		return s.mood() == model.Passive
	case "satisfied":
		return s.mood() == model.Promoter
	case "answered":
		return s.AnsweredAfter(s.signal.VisibleAt) != ""
	case "ordered":
		return s.OrderedAfter(s.signal.At, "")
	case "ordered_sku":
		return s.OrderedAfter(s.signal.At, s.signal.SKU)
	case "delivered":
		return s.Delivered(s.signal.OrderID)
	case "open_ticket":
		return s.OpenTicket(s.signal.TicketID) != ""
	case "replied":
		return slices.ContainsFunc(s.sent, func(o model.RetentionOutreach) bool { return s.Before(o.Replied) || s.Before(o.Converted) })
	case "resolved":
		return s.signal.Kind == model.SignalResolved ||
			slices.ContainsFunc(s.sent, func(o model.RetentionOutreach) bool { return s.Before(o.ResolvedFor) })
	}
	return word == playbook.Topic(s.signal)
}

func (s situation) severe() bool {
	if s.signal.Kind != model.SignalAnswer {
		return false
	}
	switch s.signal.Word {
	case "nps":
		return s.signal.Number <= severeMost
	case "sentiment":
		return s.signal.Number <= -0.8
	}
	return s.signal.Number <= 1 // the lowest of csat, ces and rating
}

// changed reports whether a newer answer is of another group than the one that
// set the playbook off.
func (s situation) changed() bool {
	now := s.AnsweredAfter(s.signal.VisibleAt)
	return now != "" && now != model.AnswerGroupOf(s.signal.Word, s.signal.Number)
}

func (s situation) mood() model.AnswerGroup { return s.LastAnswer(s.Cut.Add(-moodDays * model.Day)) }

// fits returns why a playbook is not for the customer, "" where it is.
func (s situation) fits(f playbook.For) string {
	if unmet := s.unmet(f.All); unmet != "" {
		return "it is for those with: " + unmet
	}
	if len(f.Any) > 0 && !slices.ContainsFunc(f.Any, s.holds) {
		words := make([]string, len(f.Any))
		for i, c := range f.Any {
			words[i] = c.String()
		}
		return "it is for those with any of: " + strings.Join(words, ", ")
	}
	p := s.Profile()
	for _, column := range []struct {
		name, value string
		fit         []string
	}{{"tier", p.Tier, f.Tier}, {"channel", p.Channel, f.Channel}, {"region", p.Region, f.Region}} {
		if len(column.fit) > 0 && !slices.Contains(column.fit, column.value) {
			return "it is for another " + column.name
		}
	}
	return ""
}
