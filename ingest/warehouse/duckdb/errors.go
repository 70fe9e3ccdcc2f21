package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"regexp"
	"strings"

	driverdb "github.com/duckdb/duckdb-go/v2"

	"github.com/churnwatch/churnwatch/model"
)

// errAborted says that a transaction's statement failed, that its error was
// dropped, and that the commit would have silently rolled back.
var errAborted = errors.New("a statement's error was ignored: nothing was committed")

// kinded returns err with a kind of ours. Errors that have one, and those of
// a cancelled context, stay as they are.
func kinded(err error) error {
	if err == nil || isKinded(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := err.Error()
	switch {
	case diskIsFull(text):
		return model.Wrap(model.KindExhausted, "the disk is full", err)
	case isFatal(err), errors.Is(err, sql.ErrConnDone), errors.Is(err, driver.ErrBadConn):
		return model.Wrap(model.KindUnavailable, "the database was closed by a fault", err)
	case strings.Contains(text, "max_temp_directory_size"):
		return model.Wrap(model.KindExhausted, "the temporary directory (database.temp_directory) is full", err)
	}
	if e := (*driverdb.Error)(nil); errors.As(err, &e) {
		return kindedDriver(e, err)
	}
	return model.Wrap(model.KindInternal, "the database answered with an error", err)
}

// diskIsFull knows the system's words for ENOSPC, EDQUOT and EFBIG.
func diskIsFull(text string) bool {
	text = strings.ToLower(text) // DuckDB and Go write them differently.
	return strings.Contains(text, "no space left") || strings.Contains(text, "quota exceeded") ||
		strings.Contains(text, "file too large")
}

func isKinded(err error) bool {
	e := (*model.Error)(nil)
	return errors.As(err, &e)
}

// kindedDriver is the one table from DuckDB's types of error to ours.
func kindedDriver(e *driverdb.Error, err error) error {
	switch e.Type { //nolint:exhaustive // Whatever is not named is internal.
	case driverdb.ErrorTypeOutOfMemory:
		return model.Wrap(model.KindExhausted, "the query needs more memory than database.memory_limit allows: raise it, or ask for less", err)
	case driverdb.ErrorTypeTransaction:
		if strings.Contains(strings.ToLower(e.Msg), "conflict") {
			return model.Wrap(model.KindConflict, "another change was made at the same time", err)
		}
	case driverdb.ErrorTypeInterrupt:
		return model.Wrap(model.KindUnavailable, "the query was interrupted", err)
	case driverdb.ErrorTypePermission:
		return model.Wrap(model.KindInvalid, "the file lies outside of what the database may touch", err)
	case driverdb.ErrorTypeConversion, driverdb.ErrorTypeOutOfRange, driverdb.ErrorTypeInvalidInput,
		driverdb.ErrorTypeMismatchType, driverdb.ErrorTypeConstraint:
		return model.Wrap(model.KindInvalid, "the database refused a value", err)
	}
	return model.Wrap(model.KindInternal, "the database answered with an error", err)
}

// isFatal reports whether the handle is of no more use: DuckDB invalidates a
// database after a FATAL error and wants it reopened.
func isFatal(err error) bool {
	if e := (*driverdb.Error)(nil); errors.As(err, &e) {
		return e.Type == driverdb.ErrorTypeFatal || strings.Contains(e.Msg, "database has been invalidated")
	}
	return false
}

var holder = regexp.MustCompile(`Conflicting lock is held in (.*?)\s*\(PID (\d+)\)`)

// openError gives the errors of opening a file their kinds, and says who
// holds it and what to do.
func openError(path string, err error) error {
	if path == "" {
		path = "in memory"
	}
	text := err.Error()
	switch held := holder.FindStringSubmatch(text); {
	case held != nil:
		return model.Errorf(model.KindConflict,
			"open database %s: it is in use by process %s (%s): stop that process or wait until it is done", path, held[2], held[1])
	case strings.Contains(text, "Could not set lock on file"):
		return model.Errorf(model.KindConflict, "open database %s: it is in use by another process", path)
	case strings.Contains(text, "different configuration"), strings.Contains(text, "configuration has been locked"):
		return model.Errorf(model.KindConflict, "open database %s: it is open in this process already", path)
	case strings.Contains(text, "global database config"), strings.Contains(text, "Parser Error"):
		return model.Wrap(model.KindInvalid, "open database "+path+": a setting is not understood", err)
	case strings.Contains(text, "not a valid DuckDB database file"):
		return model.Errorf(model.KindInvalid, "open database %s: the file is not a database: choose another --db", path)
	case strings.Contains(text, "No such file or directory"):
		return model.Errorf(model.KindInvalid, "open database %s: its folder does not exist", path)
	case strings.Contains(text, "Permission denied"):
		return model.Errorf(model.KindInvalid, "open database %s: permission denied", path)
	case strings.Contains(text, "Is a directory"):
		return model.Errorf(model.KindInvalid, "open database %s: it is a folder", path)
	}
	return model.Wrap(model.KindOf(kinded(err)), "open database "+path, err)
}
