package model

import (
	"context"
	"encoding/json"
	"time"
)

// CustomerExport is everything that is held on one customer.
type CustomerExport struct {
	CustomerID string    `json:"customer_id"`
	ExportedAt time.Time `json:"exported_at"`
	// Tables are the rows that are about him, every version of every fact, by
	// the name of their table, as JSON objects with the table's columns.
	Tables map[string][]json.RawMessage `json:"tables"`
	// Explanation is why his score is what it is, null where he has none.
	Explanation *Explanation `json:"explanation"`
}

// Erasure is the receipt of what was removed of one customer.
type Erasure struct {
	// Subject is the keyed hash of the customer, under which the audit log
	// names him and an import knows him.
	Subject  string    `json:"subject"`
	ErasedAt time.Time `json:"erased_at"`
	// Tables says how many rows of which table went, in its order.
	Tables []ErasedRows `json:"tables"`
	// Compacted says that the database was copied into a fresh file, so that
	// the bytes of what was removed are gone; a database in memory has none. Where
	// the disk had no room for it, they go with the next erasure or start.
	Compacted bool `json:"compacted"`
	// Backups are those made before, which hold him still: they are files of
	// yours. A restored one is cleaned when it is put back.
	Backups []Backup `json:"backups"`
}

// Rows is how many rows went or were blanked.
func (e Erasure) Rows() (n int64) {
	for _, t := range e.Tables {
		n += t.Rows
	}
	return n
}

// ErasedRows counts the rows of a table that were deleted, or whose text was
// blanked.
type ErasedRows struct {
	Table   string `json:"table"`
	Rows    int64  `json:"rows"`
	Blanked bool   `json:"blanked"`
}

// Backup is a copy of the database that was made.
type Backup struct {
	Path   string    `json:"path"`
	MadeAt time.Time `json:"made_at"`
}

// Restored is what became of a backup that was put back.
type Restored struct {
	RestoredAt time.Time `json:"restored_at"`
	// Erased is how many customers it held who were erased after it was made;
	// they were removed from it first.
	Erased int `json:"erased"`
}

// PeopleStore hands out and removes what is held on one customer.
type PeopleStore interface {
	// ExportCustomer returns all rows about a customer, KindNotFound where
	// there is none. It gives no explanation.
	ExportCustomer(ctx context.Context, customer string) (CustomerExport, error)
	// EraseCustomer removes all rows about a customer and copies the database
	// into a fresh file. From then on rows about him are refused: his id is
	// kept as a keyed hash alone. A customer of whom nothing is held gives a
	// receipt with no rows, and is refused from then on just the same.
	EraseCustomer(ctx context.Context, customer string, at time.Time) (Erasure, error)
}
