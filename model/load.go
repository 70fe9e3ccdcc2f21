package model

import (
	"context"
)

// Loader takes files into facts. The types that it speaks in are in this
// file.
type Loader interface {
	// Quarantined returns rows that were refused, newest load first.
	Quarantined(ctx context.Context, limit int) ([]QuarantinedRow, error)
}

// QuarantinedRow is a row that could not be used.
type QuarantinedRow struct {
	Load   int64    `json:"load"`
	Kind   FactKind `json:"kind"`
	File   string   `json:"file"`
	Line   int64    `json:"line"`
	Column string   `json:"column"`
	Reason string   `json:"reason"`
	Detail string   `json:"detail"`
	Raw    string   `json:"raw"`
}

// ImportReport is what one import did to one kind. Always Read = Loaded +
// Replaced + Unchanged + Quarantined.
type ImportReport struct {
	Kind            FactKind `json:"kind"`
	Source          string   `json:"source"`
	DerivedFrom     string   `json:"derived_from,omitempty"`
	Read            int64    `json:"read"`
	Loaded          int64    `json:"loaded"`
	Replaced        int64    `json:"replaced"`
	Unchanged       int64    `json:"unchanged"`
	Quarantined     int64    `json:"quarantined"`
	Seconds         float64  `json:"seconds"`
	RowsPerSecond   float64  `json:"rows_per_second"`
	UnmappedColumns []string `json:"unmapped_columns"`
	Warnings        []string `json:"warnings,omitempty"`
}
