package model

// FactKind names a table of facts.
type FactKind string

// The kinds of facts that can be imported.
const (
	Customers  FactKind = "customers"
	Contracts  FactKind = "contracts"
	Orders     FactKind = "orders"
	OrderItems FactKind = "order_items"
	Responses  FactKind = "responses"
	Tickets    FactKind = "tickets"
	Events     FactKind = "events"
	Outreach   FactKind = "outreach"
)

// FactKinds returns every kind in the order in which a set of files loads.
func FactKinds() []FactKind {
	return []FactKind{Customers, Contracts, Orders, OrderItems, Responses, Tickets, Events, Outreach}
}

// ColumnType is what a canonical column holds.
type ColumnType string

// The types of columns. A promise is an instant or a day; a day is kept until
// its end. A list is several words in one cell, separated by ; or |.
const (
	Text    ColumnType = "text"
	Instant ColumnType = "instant"
	Promise ColumnType = "promise"
	Number  ColumnType = "number"
	Money   ColumnType = "money"
	Integer ColumnType = "integer"
	Boolean ColumnType = "boolean"
	List    ColumnType = "list"
)

// Known says from when on a column's value counts as known.
type Known string

// The ways of becoming known.
const (
	// WithRow is known when the row is: it can't change afterwards.
	WithRow Known = "with_row"
	// AtItself is a dated column: known at the instant that it holds.
	AtItself Known = "at_itself"
	// Explained is an undated column that another, dated one explains.
	Explained Known = "explained"
	// WhenSettled is an undated column that can change: known from the row's
	// import, or from the instant that the source gives in known_at.
	WhenSettled Known = "when_settled"
)

// Column is a canonical column of a kind of facts.
type Column struct {
	Name     string
	Type     ColumnType
	Required bool
	Known    Known
	// ExplainedBy names the dated column for Explained.
	ExplainedBy string
	// Low and High bound the values, both included, where Bounded.
	Bounded   bool
	Low, High float64
	// Levels is the closed set of values, where there is one.
	Levels []string
}

// Schema is the canonical form of a kind of facts.
type Schema struct {
	Kind FactKind
	// Key names the columns that identify a row.
	Key []string
	// Occurred names the column that says when the row's fact happened. It is
	// empty for order items, which happen with their order.
	Occurred string
	Columns  []Column
	// Attributes says that unknown columns are kept, as text.
	Attributes bool
	// GeneratedKey says that a missing key is made from the row's content and
	// its occurrence number within the file.
	GeneratedKey bool
}

// Column returns the column of that name.
func (s Schema) Column(name string) (Column, bool) {
	for _, c := range s.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// SchemaOf returns the canonical form of a kind, and false for an unknown one.
func SchemaOf(kind FactKind) (Schema, bool) {
	for _, s := range Schemas() {
		if s.Kind == kind {
			return s, true
		}
	}
	return Schema{}, false
}

// Schemas returns the canonical form of every kind, in the order of FactKinds.
func Schemas() []Schema {
	return []Schema{
		{
			Kind: Customers, Key: []string{"customer_id"}, Occurred: "signed_up_at", Attributes: true,
			Columns: []Column{
				need("customer_id", Text), dated("signed_up_at"),
				fixed("company_id", Text), fixed("channel", Text), fixed("region", Text),
				settled("tier", Text), fixed("industry", Text), settled("plan", Text),
				fixed("first_name", Text), fixed("language", Text), fixed("time_zone", Text),
				settled("owner", Text), settled("strategic", Boolean), settled("marketing_consent", Boolean),
				fixed("trial_ends_at", Instant), dated("cancelled_at"),
			},
		},
		{
			Kind: Contracts, Key: []string{"contract_id"}, Occurred: "started_at",
			Columns: []Column{
				need("contract_id", Text), need("customer_id", Text), need("started_at", Instant),
				settled("renews_at", Instant), settled("term", Text), positive(settled("price", Money)),
				dated("cancelled_at"), dated("ends_at"),
			},
		},
		{
			Kind: Orders, Key: []string{"order_id"}, Occurred: "ordered_at",
			Columns: []Column{
				need("order_id", Text), need("customer_id", Text), need("ordered_at", Instant),
				positive(need("amount", Money)), fixed("currency", Text), settled("status", Text),
				fixed("channel", Text), fixed("shipping_method", Text),
				positive(fixed("discount_amount", Money)), fixed("promised_at", Promise),
				dated("delivered_at"), dated("cancelled_at"), dated("returned_at"),
				explained("return_reason", Text, "returned_at"),
				positive(explained("refunded_amount", Money, "returned_at")),
				positive(fixed("sampling_weight", Number)),
			},
		},
		{
			Kind: OrderItems, Key: []string{"order_id", "line"},
			Columns: []Column{
				need("order_id", Text), need("line", Text), need("sku", Text),
				fixed("category", Text), fixed("supplier", Text),
				fixed("quantity", Number), fixed("unit_price", Money),
			},
		},
		{
			Kind: Responses, Key: []string{"response_id"}, Occurred: "answered_at",
			Columns: []Column{
				need("response_id", Text), need("customer_id", Text), need("answered_at", Instant),
				oneOf(need("kind", Text), "nps", "csat", "ces", "rating", "sentiment"),
				need("score", Number), fixed("touchpoint", Text), fixed("order_id", Text),
				fixed("ticket_id", Text), fixed("survey_id", Text), fixed("comment", Text),
				fixed("tags", List), fixed("language", Text),
			},
		},
		{
			Kind: Tickets, Key: []string{"ticket_id"}, Occurred: "opened_at",
			Columns: []Column{
				need("ticket_id", Text), need("customer_id", Text), need("opened_at", Instant),
				dated("first_replied_at"), dated("resolved_at"),
				positive(settled("reopened_count", Integer)), fixed("topic", Text),
				within(settled("sentiment", Number), -1, 1), fixed("order_id", Text),
				settled("tags", List), fixed("language", Text),
			},
		},
		{
			Kind: Events, Key: []string{"event_id"}, Occurred: "occurred_at", GeneratedKey: true,
			Columns: []Column{
				fixed("event_id", Text), need("customer_id", Text), need("occurred_at", Instant),
				need("name", Text), fixed("value", Number), fixed("sku", Text), fixed("session_id", Text),
			},
		},
		{
			Kind: Outreach, Key: []string{"outreach_id"}, Occurred: "sent_at",
			Columns: []Column{
				need("outreach_id", Text), need("customer_id", Text), need("sent_at", Instant),
				oneOf(need("kind", Text), "survey", "retention", "marketing", "transactional"),
				fixed("trigger_id", Text), fixed("survey_id", Text), fixed("channel", Text),
				fixed("template", Text), fixed("variant", Text), fixed("offer", Text),
				positive(fixed("cost", Money)), dated("opened_at"), dated("clicked_at"),
				dated("replied_at"), dated("converted_at"), dated("resolved_at"),
			},
		},
	}
}

// ScoreRange returns the lowest and highest score of a kind of answer.
func ScoreRange(kind string) (low, high float64, ok bool) {
	switch kind {
	case "nps":
		return 0, 10, true
	case "csat", "rating":
		return 1, 5, true
	case "ces":
		return 1, 7, true
	case "sentiment":
		return -1, 1, true
	}
	return 0, 0, false
}

func need(name string, t ColumnType) Column {
	return Column{Name: name, Type: t, Required: true, Known: WithRow}
}

func fixed(name string, t ColumnType) Column { return Column{Name: name, Type: t, Known: WithRow} }

func dated(name string) Column { return Column{Name: name, Type: Instant, Known: AtItself} }

func settled(name string, t ColumnType) Column {
	return Column{Name: name, Type: t, Known: WhenSettled}
}

func explained(name string, t ColumnType, by string) Column {
	return Column{Name: name, Type: t, Known: Explained, ExplainedBy: by}
}

func within(c Column, low, high float64) Column {
	c.Bounded, c.Low, c.High = true, low, high
	return c
}

func positive(c Column) Column { return within(c, 0, 1e15) }

func oneOf(c Column, levels ...string) Column {
	c.Levels = levels
	return c
}
