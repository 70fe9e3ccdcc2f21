// Package warehouse is the plumbing that storage engines share: statements
// that live in files, templates that can print nothing unquoted, and the
// ledger of applied migrations. It knows no engine and opens no database.
package warehouse
