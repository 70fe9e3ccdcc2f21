package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

const (
	// erasedCode refuses an arrived row about somebody who was erased; it is no
	// rule's number and none of a recipe's.
	erasedCode = 32_767
	// erasedDetail takes the place of what a row about him said.
	erasedDetail = "about a customer who was erased; its text is not kept"

	erasedCustomer = "customer"
	erasedOrder    = "order"
)

// erasedSubjects knows who was erased, by keyed hash. The zero value knows
// nobody.
type erasedSubjects struct {
	key    string
	hashes map[string]bool // what and hash
}

// erasedSubjects reads who was erased.
func (s *Store) erasedSubjects(ctx context.Context, tx *sql.Tx) (erasedSubjects, error) {
	known := erasedSubjects{hashes: map[string]bool{}}
	err := each(ctx, tx, s.queries.Script("people/erased"), func(scan func(...any) error) error {
		var what, hash string
		err := scan(&what, &hash)
		known.hashes[what+hash] = true
		return err
	})
	if err != nil || len(known.hashes) == 0 {
		return known, err
	}
	known.key, err = s.subjectKey(ctx, tx)
	return known, err
}

// holds reports whether a customer was erased.
func (e erasedSubjects) holds(id string) bool {
	return len(e.hashes) > 0 && id != "" && e.hashes[erasedCustomer+subjectOf(e.key, id)]
}

// blank takes the text from a refused row that names somebody who was erased:
// as the customer that it is about, or between delimiters of its text.
func (e erasedSubjects) blank(r model.RefusedRow) model.RefusedRow {
	if len(e.hashes) == 0 || r.Reason != model.Erased && !e.holds(r.CustomerID) && !e.named(r.Raw) && !e.named(r.Detail) {
		return r
	}
	r.Raw, r.Detail, r.CustomerID = "", erasedDetail, ""
	return r
}

// named reports whether a text names somebody who was erased: as it stands, or as
// presets make customers of it, in lower case and as a digest.
func (e erasedSubjects) named(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|{}[]\": \t\r\n", r) })
	return slices.ContainsFunc(words, func(word string) bool {
		lower := strings.ToLower(word)
		digest := sha256.Sum256([]byte(lower))
		return e.holds(word) || e.holds(lower) || e.holds(hex.EncodeToString(digest[:]))
	})
}

// noneErased refuses what was decided on customers one of whom was erased
// meanwhile.
func (s *Store) noneErased(ctx context.Context, tx *sql.Tx, customers iter.Seq[string]) error {
	known, err := s.erasedSubjects(ctx, tx)
	if err != nil {
		return err
	}
	for customer := range customers {
		if known.holds(customer) {
			return model.Errorf(model.KindConflict, "a customer was erased meanwhile: decide again")
		}
	}
	return nil
}

// refuseErased refuses arrived rows about somebody who was erased.
func (l *loading) refuseErased(ctx context.Context, data incomingData) error {
	if len(l.erased.hashes) == 0 {
		return nil
	}
	refuse := func(column, what string) error {
		by := struct {
			Code         int
			Column, What string
		}{erasedCode, column, what}
		_, err := l.render(ctx, "people/refuse", by, []sql.NamedArg{sql.Named("key", l.erased.key)})
		return err
	}
	if column := data.customer(); column != "" {
		if err := refuse(column, erasedCustomer); err != nil {
			return err
		}
	}
	if data.Table == string(model.OrderItems) {
		return refuse("order_id", erasedOrder)
	}
	return nil
}
