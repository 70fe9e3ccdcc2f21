package duckdb

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// RetentionCustomers implements model.RetentionStore. Each kind of fact is one
// statement over all the customers, on one snapshot of the database.
func (s *Store) RetentionCustomers(ctx context.Context, q model.RetentionQuery) ([]model.RetentionCustomer, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(q.Customers)))
	out := make([]model.RetentionCustomer, len(ids))
	at := make(map[string]*model.RetentionCustomer, len(ids))
	for i, id := range ids {
		out[i].ID = id
		at[id] = &out[i]
	}
	if len(ids) == 0 {
		return out, nil
	}
	parts := []struct {
		name string
		row  func(scan func(...any) error) error
	}{
		{"retention/profiles", func(scan func(...any) error) error { return scanProfile(scan, at) }},
		{"retention/customer_scores", func(scan func(...any) error) error { return scanCustomerScore(scan, at) }},
		{"retention/customer_tickets", func(scan func(...any) error) error { return scanTicket(scan, at) }},
		{"retention/customer_orders", func(scan func(...any) error) error { return scanOrder(scan, at) }},
		{"retention/customer_first_orders", func(scan func(...any) error) error { return scanFirstOrder(scan, at) }},
		{"retention/customer_outreach", func(scan func(...any) error) error { return scanOutreach(scan, at) }},
		{"retention/customer_answers", func(scan func(...any) error) error { return scanCustomerAnswer(scan, at) }},
		{"retention/customer_unsubscribes", func(scan func(...any) error) error { return scanUnsubscribe(scan, at) }},
		{"retention/customer_planned", func(scan func(...any) error) error { return scanPlannedFor(scan, at) }},
	}
	err := s.read(ctx, func(tx *sql.Tx) error {
		for _, p := range parts {
			err := each(ctx, tx, s.queries.Script(p.name), p.row, sql.Named("customers", ids),
				sql.Named("since", q.Since.UTC()), sql.Named("from", q.From.UTC()), sql.Named("until", q.Until.UTC()))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read customers of triggers: %w", err)
	}
	return out, nil
}

type customersByID map[string]*model.RetentionCustomer

func scanProfile(scan func(...any) error, of customersByID) error {
	var id string
	var p model.RetentionProfile
	var consent sql.NullBool
	var signedUp sql.NullTime
	err := scan(&id, &p.KnownAt, &consent, &p.Strategic, &p.TimeZone, &p.Tier, &p.Channel, &p.Region, &p.Owner,
		&p.FirstName, &p.Language, &p.CompanyID, &signedUp)
	if err != nil {
		return err
	}
	p.KnownAt, p.SignedUp = p.KnownAt.UTC(), instantOf(signedUp)
	if consent.Valid {
		p.Consent = &consent.Bool
	}
	of[id].Profiles = append(of[id].Profiles, p)
	return nil
}

func scanCustomerScore(scan func(...any) error, of customersByID) error {
	var id string
	var s model.RetentionScore
	if err := scan(&id, &s.AsOf, &s.Probability, &s.Band, &s.Drift, &s.ExpectedValue, &s.SatisfactionIndex, &s.HighValue); err != nil {
		return err
	}
	s.AsOf = s.AsOf.UTC()
	of[id].Scores = append(of[id].Scores, s)
	return nil
}

func scanTicket(scan func(...any) error, of customersByID) error {
	var id string
	var t model.RetentionTicket
	var resolved sql.NullTime
	if err := scan(&id, &t.ID, &t.KnownAt, &t.OpenedAt, &resolved); err != nil {
		return err
	}
	t.KnownAt, t.OpenedAt, t.ResolvedAt = t.KnownAt.UTC(), t.OpenedAt.UTC(), instantOf(resolved)
	of[id].Tickets = append(of[id].Tickets, t)
	return nil
}

func scanOrder(scan func(...any) error, of customersByID) error {
	var id, articles string
	var o model.RetentionOrder
	var delivered sql.NullTime
	if err := scan(&id, &o.ID, &o.OrderedAt, &o.VisibleAt, &delivered, &articles); err != nil {
		return err
	}
	o.OrderedAt, o.VisibleAt, o.Delivered = o.OrderedAt.UTC(), o.VisibleAt.UTC(), instantOf(delivered)
	var err error
	o.Articles, err = articlesOf(articles)
	of[id].Orders = append(of[id].Orders, o)
	return err
}

// articlesOf reads an order's articles, each written as its name and the
// microsecond since when it is known.
func articlesOf(text string) (out []model.RetentionArticle, err error) {
	if text == "" {
		return nil, nil
	}
	for article := range strings.SplitSeq(text, "\x1f") {
		i := strings.LastIndex(article, "\x1e")
		known, err := strconv.ParseInt(article[i+1:], 10, 64)
		if err != nil || i < 0 {
			return nil, fmt.Errorf("articles of an order: %q", text)
		}
		out = append(out, model.RetentionArticle{SKU: article[:i], VisibleAt: time.UnixMicro(known).UTC()})
	}
	return out, nil
}

func scanFirstOrder(scan func(...any) error, of customersByID) error {
	var id string
	var first sql.NullTime
	if err := scan(&id, &first); err != nil {
		return err
	}
	of[id].FirstOrder = instantOf(first)
	return nil
}

func scanOutreach(scan func(...any) error, of customersByID) error {
	var id string
	var o model.RetentionOutreach
	var replied, converted, resolved sql.NullTime
	err := scan(&id, &o.ID, &o.Kind, &o.TriggerID, &o.Channel, &o.Template, &o.Offer, &o.SentAt, &o.VisibleAt, &replied, &converted, &resolved)
	if err != nil {
		return err
	}
	o.SentAt, o.VisibleAt = o.SentAt.UTC(), o.VisibleAt.UTC()
	o.Replied, o.Converted, o.ResolvedFor = instantOf(replied), instantOf(converted), instantOf(resolved)
	of[id].Outreach = append(of[id].Outreach, o)
	return nil
}

func scanCustomerAnswer(scan func(...any) error, of customersByID) error {
	var id string
	var a model.RetentionAnswer
	if err := scan(&id, &a.ID, &a.Kind, &a.Score, &a.AnsweredAt, &a.VisibleAt); err != nil {
		return err
	}
	a.AnsweredAt, a.VisibleAt = a.AnsweredAt.UTC(), a.VisibleAt.UTC()
	of[id].Answers = append(of[id].Answers, a)
	return nil
}

func scanUnsubscribe(scan func(...any) error, of customersByID) error {
	var id string
	var at time.Time
	if err := scan(&id, &at); err != nil {
		return err
	}
	of[id].Unsubscribed = append(of[id].Unsubscribed, at.UTC())
	return nil
}

func scanPlannedFor(scan func(...any) error, of customersByID) error {
	var id string
	var p model.RetentionSurvey
	if err := scan(&id, &p.ID, &p.SendFrom, &p.ExpiresAt, &p.Channel); err != nil {
		return err
	}
	p.SendFrom, p.ExpiresAt = p.SendFrom.UTC(), p.ExpiresAt.UTC()
	of[id].Planned = append(of[id].Planned, p)
	return nil
}
