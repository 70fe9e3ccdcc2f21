package duckdb

import "embed"

// files holds every statement of this engine.
//
//go:embed sql
var files embed.FS
