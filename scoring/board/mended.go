package board

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
)

// Mended says what was mended and when.
type Mended struct {
	// AsOf is the instant; zero is the watermark. FixedAt is not after it.
	AsOf, FixedAt time.Time
	// Back is how long before it customers count; 0 is a year.
	Back time.Duration
	// Theme was complained of; where it is "" Cell touched customers.
	Theme string
	Cell  model.PainPointCell
}

// subject names it to people, template to tools.
func (m Mended) subject() (subject, template string) {
	if m.Theme != "" {
		return m.Theme, "fixed:" + m.Theme
	}
	return fmt.Sprintf("%s in %s %s", m.Cell.PainPoint, m.Cell.Dimension, m.Cell.Cohort),
		fmt.Sprintf("fixed:%s:%s=%s", m.Cell.PainPoint, m.Cell.Dimension, m.Cell.Cohort)
}

// YouSaid returns whom to tell that something was mended: who complained of the
// theme, or was touched by the hotspot, before. Left out is who gave no consent,
// who was told already (outreach since then with the template of the report),
// who met with it again since, who has a ticket open, and who is held out of
// retention.
func (s *Service) YouSaid(ctx context.Context, m Mended) (model.MendedReport, error) {
	asOf, err := s.at(ctx, m.AsOf)
	if err != nil {
		return model.MendedReport{}, err
	}
	m.AsOf, m.Back = asOf, cmp.Or(m.Back, 365*model.Day)
	out := model.MendedReport{
		AsOf: asOf, FixedAt: m.FixedAt, From: m.FixedAt.Add(-m.Back), LeftOut: map[string]int{}, Customers: []model.MendedCustomer{},
	}
	out.Subject, out.Template = m.subject()
	if m.FixedAt.After(asOf) {
		return out, model.Errorf(model.KindInvalid, "mended on %s, after %s: nothing is known of then", m.FixedAt.Format(time.DateOnly), asOf.Format(time.DateOnly))
	}
	raised, err := s.concerned(ctx, m)
	if err != nil {
		return out, err
	}
	out.Concerned = len(raised)
	ids := make([]string, len(raised))
	for i, r := range raised {
		ids[i] = r.CustomerID
	}
	customers, err := s.store.RetentionCustomers(ctx, model.RetentionQuery{Customers: ids, Since: m.FixedAt, From: asOf, Until: asOf})
	if err != nil {
		return out, err
	}
	for i, r := range raised { // Both are in the order of the ids.
		c := known.Customer{Of: &customers[i], Cut: asOf}
		if reason := s.spared(r, c, out.Template); reason != "" {
			out.LeftOut[reason]++
			continue
		}
		out.Customers = append(out.Customers, told(r, c, out.Template))
	}
	slices.SortStableFunc(out.Customers, func(a, b model.MendedCustomer) int { return -cmp.Compare(worth(a), worth(b)) })
	return out, nil
}

// concerned returns who complained, or was touched, in the order of the ids.
func (s *Service) concerned(ctx context.Context, m Mended) ([]model.Raised, error) {
	from := m.FixedAt.Add(-m.Back)
	if m.Theme != "" {
		if err := s.insight.TryReadRemarks(ctx); err != nil {
			return nil, err
		}
		return s.store.Raised(ctx, model.RaisedQuery{AsOf: m.AsOf, From: from, Since: m.FixedAt, Theme: m.Theme})
	}
	cells := []model.PainPointCell{m.Cell}
	// What befell an order from before the mending is of the old fault, whenever it was seen or became known.
	before, err := s.store.HotspotCustomers(ctx, model.HotspotQuery{AsOf: m.AsOf, From: from, BegunBefore: m.FixedAt, Own: s.settings.PainPoints}, cells)
	if err != nil {
		return nil, err
	}
	since, err := s.store.HotspotCustomers(ctx, model.HotspotQuery{AsOf: m.AsOf, From: m.FixedAt, BegunFrom: m.FixedAt, Own: s.settings.PainPoints}, cells)
	if err != nil {
		return nil, err
	}
	out := make([]model.Raised, len(before[0]))
	for i, id := range before[0] {
		out[i].CustomerID = id
		if _, again := slices.BinarySearch(since[0], id); again {
			out[i].Again = 1
		}
	}
	return out, nil
}

// spared says why a customer is not told, "" where he is.
func (s *Service) spared(r model.Raised, c known.Customer, template string) string {
	consent := c.Consent()
	switch {
	case slices.ContainsFunc(c.Sent(), func(o model.RetentionOutreach) bool { return o.Template == template }):
		return model.MendedTold
	case r.Again > 0:
		return model.MendedAgain
	case consent != nil && !*consent:
		return model.MendedNoConsent
	case consent == nil && !s.settings.ConsentUnknown:
		return model.MendedConsentUnknown
	case s.settings.Holdout.Holds(r.CustomerID):
		return model.MendedHeldOut
	case c.OpenTicket("") != "":
		return model.MendedTicketOpen
	}
	return ""
}

func told(r model.Raised, c known.Customer, template string) model.MendedCustomer {
	p := c.Profile()
	out := model.MendedCustomer{
		CustomerID: r.CustomerID, FirstName: p.FirstName, Language: p.Language, Owner: p.Owner, Template: template,
	}
	if score := c.Score(); score != nil {
		out.ExpectedValue = score.ExpectedValue
	}
	if r.Times > 0 {
		said := string(r.Kind) + " " + r.ID
		out.Times, out.LastAt, out.Said = &r.Times, &r.LastAt, &said
	}
	return out
}

// worth puts who has no value last.
func worth(c model.MendedCustomer) float64 {
	if c.ExpectedValue == nil {
		return -1
	}
	return *c.ExpectedValue
}
