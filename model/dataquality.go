package model

import (
	"fmt"
	"strings"
)

// DataQuality is what the data-quality gates say of the data that a score
// rests on. Gates on what happened are as of the score's instant; those on
// rows that were refused, and on the age of the data by the clock, are of the
// moment of scoring.
type DataQuality struct {
	// Status is the worst verdict of the gates, at least yellow where something
	// is odd about the customer's own facts.
	Status GateStatus `json:"status"`
	// Reasons are what gates that are not green say of the whole shop's data.
	Reasons []string `json:"reasons"`
	// CustomerReasons are what is odd about this customer's own facts.
	CustomerReasons []string `json:"customer_reasons"`
}

// ScoringQuality is what a scoring run is told of its data.
type ScoringQuality struct {
	Status  GateStatus `json:"status"`
	Reasons []string   `json:"reasons"`
	// Checks are what to look for among the facts of each customer: what is odd
	// about any.
	Checks []CustomerCheck `json:"checks"`
}

// CustomerCheck is one way in which a customer's own facts can be odd.
type CustomerCheck struct {
	// Name is refused, repeated, another_id, or that of an OddCount.
	Name string   `json:"name"`
	Kind FactKind `json:"kind"`
}

// CustomerFinding says how many of a customer's facts are odd in the way of a
// check.
type CustomerFinding struct {
	CustomerCheck
	Facts int64
	// Detail are the reasons of refused rows, with commas between.
	Detail string
}

// Of returns the data quality of a customer with these findings.
func (q ScoringQuality) Of(findings []CustomerFinding) *DataQuality {
	out := &DataQuality{Status: q.Status, Reasons: q.Reasons, CustomerReasons: []string{}}
	for _, f := range findings {
		out.Status = WorstOf(out.Status, Yellow)
		out.CustomerReasons = append(out.CustomerReasons, f.sentence())
	}
	return out
}

func (f CustomerFinding) sentence() string {
	kind := strings.ReplaceAll(string(f.Kind), "_", " ")
	switch f.Name {
	case "refused":
		return fmt.Sprintf("%d rows of %s that name this customer were refused (%s): see churnwatch quarantine list", f.Facts, kind, f.Detail)
	case "customer_row":
		return "this customer has no row among the customers loaded"
	case "order", "ticket":
		article := map[string]string{"order": "an order", "ticket": "a ticket"}[f.Name]
		return fmt.Sprintf("%d of this customer's %s name %s that is not there", f.Facts, kind, article)
	case "repeated":
		return fmt.Sprintf("%d of this customer's %s repeat another with the same instant and content", f.Facts, kind)
	case "another_id":
		return "another customer's id differs from this one in upper case or blanks alone"
	case "far_amount":
		return fmt.Sprintf("%d of this customer's orders have an amount beyond 8 robust standard deviations of the usual", f.Facts)
	case "delivered_before_ordered":
		return fmt.Sprintf("%d of this customer's orders were delivered before they were placed", f.Facts)
	case "promised_before_ordered":
		return fmt.Sprintf("%d of this customer's orders were promised for a time before they were placed", f.Facts)
	case "dated_after_arrival":
		return fmt.Sprintf("%d of this customer's orders are dated more than two days after they were loaded", f.Facts)
	case "known_before_it_happened":
		return fmt.Sprintf("%d of this customer's %s have a known_at more than a day before they happened", f.Facts, kind)
	}
	return fmt.Sprintf("%d of this customer's %s: %s", f.Facts, kind, f.Name)
}
