package playbook

import (
	"slices"

	"github.com/churnwatch/churnwatch/model"
)

// Word is something that may hold of a customer and his cause at a moment.
type Word struct{ Name, Meaning string }

// Words returns every word that a condition may use, in the order in which the
// documentation tells them.
func Words() []Word {
	return []Word{
		{"comment", "words came with the answer"},
		{"severe", "an NPS answer of 0 to 3, or the lowest of its scale"},
		{"serious", "severity 3 or more of an incident, or a severe answer"},
		{"high_value", "expected value among the highest fifth, or a strategic account"},
		{"strategic", "a strategic account"},
		{"at_risk", "the risk band is high"},
		{"worth_contacting", "risk x effect x margin of the expected value is at least the contact's cost (economics.*)"},
		{"drifting", "orders or satisfaction fell two cycles in a row"},
		{"newcomer", "less than 90 days since sign-up or the first order known"},
		{"veteran", "a year or more since then"},
		{"dissatisfied", "the last answer of 180 days was a detractor's"},
		{"neutral", "the last answer of 180 days was a passive's"},
		{"satisfied", "the last answer of 180 days was a promoter's"},
		{"replied", "a message of this playbook and cause was replied to"},
		{"resolved", "the issue was resolved, by what outreach reported"},
		{"answered", "an answer to a survey since the cause"},
		{"ordered", "an order since the cause"},
		{"ordered_sku", "an order with the article of the cause, since the cause"},
		{"delivered", "the order of the cause has arrived"},
		{"open_ticket", "a ticket is open"},
		{"delivery", "the cause is about delivery"},
		{"fit", "the cause is about fit or the article"},
		{"support", "the cause is about support"},
		{"pricing", "the cause is about prices"},
	}
}

func known(word string) bool {
	return slices.ContainsFunc(Words(), func(w Word) bool { return w.Name == word })
}

// Topic returns the word for what a cause is about: its theme, or that of its
// pain point; "" where it is about none.
func Topic(s model.Signal) string {
	about := s.Theme
	if s.Kind == model.SignalIncident {
		about = s.Word
	}
	switch about {
	case "delivery", "late_delivery", "not_delivered", "complaint_delivery":
		return "delivery"
	case "fit", "quality", "misfit", "returned", "complaint_fit", "complaint_quality":
		return "fit"
	case "support", "slow_first_reply", "unresolved_ticket", "reopened_ticket", "negative_sentiment", "complaint_support":
		return "support"
	case "pricing", "complaint_pricing":
		return "pricing"
	}
	return ""
}
