// Package duckdb keeps facts, features and scores in one DuckDB file.
//
// All SQL stands in files below sql/; Go binds values and renders templates
// whose every printed value is quoted. One writer at a time goes through
// Store.write, readers take connections from the pool in Store.read, and
// every error that leaves the package has one of model's kinds.
package duckdb
