package model

import "fmt"

// PainPoint is a pain point that a user defines, beside those that come with
// the program: what makes an incident, and how it is counted and shown.
type PainPoint struct {
	// Name is unique, in the form of an identifier.
	Name  string `json:"name"`
	Label string `json:"label"`
	// Unit of one incident: order, ticket, event, answer or message.
	Unit string `json:"unit"`
	// WindowDays is how far back the feature counts incidents.
	WindowDays int          `json:"window_days"`
	Rule       IncidentRule `json:"rule"`
}

// IncidentRule says which facts are incidents, in a closed set of forms. An
// engine renders each in its own SQL; columns are those of its own list.
//
// Without To the fact is an incident at From. With To it becomes one at From
// plus Span, unless To has come by then.
type IncidentRule struct {
	// Of is the kind of facts: orders, tickets, events, responses or outreach.
	Of FactKind `json:"of"`
	// Where must all hold.
	Where []IncidentCondition `json:"where,omitempty"`
	From  string              `json:"from"`
	To    string              `json:"to,omitempty"`
	// SpanSeconds is read with To alone.
	SpanSeconds int64 `json:"span_seconds,omitempty"`
	// SeverityStep in seconds counts the steps begun beyond the span, at most
	// SeverityCeiling; 0 is no severity.
	SeverityStep    int64 `json:"severity_step,omitempty"`
	SeverityCeiling int64 `json:"severity_ceiling,omitempty"`
	// Nth takes only the customer's nth such fact as known at the instant, from
	// 1; 0 takes every one.
	Nth int `json:"nth,omitempty"`
}

// SeverityUnit names the steps of the severity, "" for none.
func (r IncidentRule) SeverityUnit() string {
	switch r.SeverityStep {
	case 0:
		return ""
	case 3600:
		return "hours over"
	}
	return "days over"
}

// IncidentCondition compares a column. Unknown values fulfil none.
type IncidentCondition struct {
	Column string `json:"column"`
	// Op is is, is_not, above, below or tagged; without a column counts, an order
	// that is not void, or low, an answer that its kind calls bad (of NPS at most
	// 6, of CES 3, of CSAT and ratings 2, of sentiment below -0.3).
	Op string `json:"op"`
	// Texts are the values that is and is_not compare with, whatever their
	// case, and the tags one of which tagged asks for.
	Texts []string `json:"texts,omitempty"`
	// Number is what above and below compare with.
	Number float64 `json:"number,omitempty"`
}

// IncidentColumns are the columns of a kind of facts that a rule may name.
type IncidentColumns struct {
	Dates, Texts, Numbers, Lists []string
	// From is the date of an incident where a rule names none.
	From string
	Unit string
}

// IncidentColumnsOf returns the columns that rules may name, and false for a
// kind of facts that no incident is made of.
func IncidentColumnsOf(kind FactKind) (IncidentColumns, bool) {
	switch kind {
	case Orders:
		return IncidentColumns{
			Dates:   []string{"ordered_at", "promise_ends_at", "delivered_at", "cancelled_at", "returned_at"},
			Texts:   []string{"shipping_method", "channel", "currency", "status", "return_reason"},
			Numbers: []string{"amount", "discount_amount", "refunded_amount"},
			From:    "ordered_at", Unit: "order",
		}, true
	case Tickets:
		return IncidentColumns{
			Dates: []string{"opened_at", "first_replied_at", "resolved_at", "answered_at"}, Texts: []string{"topic", "language"},
			Numbers: []string{"sentiment", "reopened_count"}, Lists: []string{"tags"}, From: "opened_at", Unit: "ticket",
		}, true
	case Events:
		return IncidentColumns{
			Dates: []string{"occurred_at"}, Texts: []string{"name", "sku"}, Numbers: []string{"value"},
			From: "occurred_at", Unit: "event",
		}, true
	case Responses:
		return IncidentColumns{
			Dates: []string{"answered_at"}, Texts: []string{"kind", "touchpoint", "language"},
			Numbers: []string{"score", "points"}, Lists: []string{"tags"}, From: "answered_at", Unit: "answer",
		}, true
	case Outreach:
		return IncidentColumns{
			Dates: []string{"sent_at", "opened_at", "clicked_at", "replied_at", "converted_at", "resolved_at"},
			Texts: []string{"kind", "channel", "template"}, From: "sent_at", Unit: "message",
		}, true
	case Customers:
		return IncidentColumns{Dates: []string{"signed_up_at", "trial_ends_at"}, From: "signed_up_at", Unit: "customer"}, true
	case Contracts:
		return IncidentColumns{Dates: []string{"started_at", "renews_at"}, From: "started_at", Unit: "contract"}, true
	case OrderItems:
	}
	return IncidentColumns{}, false
}

// Feature returns the pain point's entry of the catalogue, which carries its
// rule along.
func (p PainPoint) Feature() Feature {
	rule := p.Rule
	return Feature{
		Name: fmt.Sprintf("%s_%dd", p.Name, p.WindowDays), Label: p.Label + fmt.Sprintf(" in the last %d days", p.WindowDays), Unit: "incidents", Family: Pain, Source: FromIncidents, Aggregate: Count,
		Only: p.Name, Window: p.WindowDays, MissingIsZero: true, Incident: &rule,
	}
}

// WithPainPoints returns the catalogue with the features of a user's own pain
// points behind it.
func WithPainPoints(catalogue []Feature, own []PainPoint) []Feature {
	for _, p := range own {
		catalogue = append(catalogue, p.Feature())
	}
	return catalogue
}
