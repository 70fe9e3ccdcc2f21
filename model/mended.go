package model

import "time"

// ComplaintCounts counts the complaints of a period: Comments are all answers and
// tickets with a remark, Themes those that complain, in the order of the names.
type ComplaintCounts struct {
	Comments int
	Themes   []ThemeCount
}

// ThemeCount counts the answers and tickets that complain of a theme; Severe are
// those of the highest severity.
type ThemeCount struct {
	Theme              string
	Complaints, Severe int
}

// RaisedQuery asks who complained of a theme in [From, Since), and whether they
// did so again since, as known before AsOf.
type RaisedQuery struct {
	AsOf, From, Since time.Time
	Theme             string
}

// Raised is a customer who complained.
type Raised struct {
	CustomerID string
	// Times before, the newest of them at LastAt in the answer or ticket of Kind
	// and ID; Again since.
	Times  int
	LastAt time.Time
	Kind   FactKind
	ID     string
	Again  int
}

// MendedReport is whom to tell that what they complained of, or what touched
// them, was mended.
type MendedReport struct {
	AsOf time.Time `json:"as_of"`
	// FixedAt is when it was mended; customers are those of the time from From.
	FixedAt time.Time `json:"fixed_at"`
	From    time.Time `json:"from"`
	Subject string    `json:"subject"`
	// Template is the key under which the message is to come back as outreach, by
	// which it is known who was told.
	Template string `json:"template"`
	// Concerned are all whom it was about, LeftOut those of them who are not to be
	// told, by the reason.
	Concerned int              `json:"concerned"`
	LeftOut   map[string]int   `json:"left_out"`
	Customers []MendedCustomer `json:"customers"`
}

// MendedCustomer is one who is to be told. What only a theme tells is nil for a
// hotspot.
type MendedCustomer struct {
	CustomerID string     `json:"customer_id"`
	FirstName  string     `json:"first_name"`
	Language   string     `json:"language"`
	Owner      string     `json:"owner"`
	Times      *int       `json:"times"`
	LastAt     *time.Time `json:"last_at"`
	Said       *string    `json:"said_in"`
	// ExpectedValue is that of the newest score, nil without one; who is worth
	// most comes first.
	ExpectedValue *float64 `json:"expected_value"`
	Template      string   `json:"template"`
}

// Why somebody is not told that something was mended.
const (
	MendedNoConsent      = "no_consent"
	MendedConsentUnknown = "consent_unknown"
	MendedTold           = "told"
	MendedAgain          = "again_since"
	MendedTicketOpen     = "ticket_open"
	MendedHeldOut        = "held_out"
)
