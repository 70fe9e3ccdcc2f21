package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
)

// pageToken says where the next page begins: after a row of the order, not at
// a number of rows, so that it stays right while data change. It is opaque to
// clients: base64 of JSON.
type pageToken struct {
	// Filters is a hash of what was asked for.
	Filters string            `json:"f"`
	After   model.ScoreCursor `json:"a"`
	// Sequence is what the first page said of its snapshot.
	Sequence model.Sequence `json:"s,omitempty"`
}

// filtersOf identifies what a query selects and how it is ordered; the size of
// a page may change on the way.
func filtersOf(q model.ScoreQuery) string {
	text := fmt.Sprintf("%q %v %q %q %q %q %d %s %s", q.Band, q.MinRisk, q.Dimension, q.Cohort, q.Drift, q.Prefix,
		q.UpdatedSince, q.UpdatedAfter.UTC().Format("2006-01-02T15:04:05.999999999"), q.Order)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

func (t pageToken) encode() (string, error) { return encodeToken(t) }

// encodeToken writes a token as clients see it.
func encodeToken(token any) (string, error) {
	data, err := json.Marshal(token)
	if err != nil {
		return "", fmt.Errorf("page token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(data), nil
}

// decodeToken reads what encodeToken has written.
func decodeToken(text string, into any) error {
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(into)
	}
	if err != nil {
		return model.Errorf(model.KindInvalid, "page_token is none of ours: take next_page_token as it was given, or leave it out")
	}
	return nil
}

// decodePageToken reads a token that was made for the same filters, whose names
// a client hears where it was not.
func decodePageToken(text, filters, names string) (pageToken, error) {
	var t pageToken
	if err := decodeToken(text, &t); err != nil {
		return t, err
	}
	if t.Filters != filters {
		return t, otherFilters(names)
	}
	return t, nil
}

func otherFilters(names string) error {
	return model.Errorf(model.KindInvalid, "page_token was given for other filters: keep %s from page to page", names)
}

// cursorAfter is the place behind a score in the order.
func cursorAfter(s model.Score) model.ScoreCursor {
	c := model.ScoreCursor{Probability: -1, Revenue: -1, CustomerID: s.CustomerID, Sequence: s.Sequence}
	if s.ChurnProbability != nil {
		c.Probability = *s.ChurnProbability
	}
	if s.RevenueAtRisk != nil {
		c.Revenue = *s.RevenueAtRisk
	}
	switch s.Status {
	case model.StatusInsufficientEvidence:
		c.Status = 1
	case model.StatusNotEligible:
		c.Status = 2
	case model.StatusOK:
	}
	return c
}
