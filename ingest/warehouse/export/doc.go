// Package export writes a fitted risk as one SQL statement that a user runs
// in a warehouse of his own.
package export
