package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault is one thing that is wrong with the configuration.
type Fault struct {
	Path    string // the setting, or the name that is none
	Origin  Origin // where it was said
	Problem string // what is wrong and what is allowed, after the path
}

// String tells where, what, and what is allowed.
func (f Fault) String() string {
	text := f.Path + " " + f.Problem
	if f.Origin.String() == string(SourceDefault) {
		return text
	}
	return f.Origin.String() + ": " + text
}

// FaultsError is everything that is wrong with the configuration, never empty.
type FaultsError []Fault

// Error tells all of them, one a line.
func (fs FaultsError) Error() string {
	if len(fs) == 1 {
		return "configuration: " + fs[0].String()
	}
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = "\n  " + f.String()
	}
	return fmt.Sprintf("configuration: %d faults", len(fs)) + strings.Join(lines, "")
}

// problem is the wording for a value that is not allowed.
func problem(value, allowed string) string {
	return "is " + value + "; allowed: " + allowed
}

// quote shows a raw value briefly, text in quotes.
func quote(raw any) string {
	const limit = 60
	switch v := raw.(type) {
	case nil:
		return "empty"
	case map[string]any:
		return "a section"
	case []any:
		return "a list of " + strconv.Itoa(len(v))
	case typeless:
		return quote(string(v))
	case string:
		if len(v) > limit {
			v = v[:limit] + "..."
		}
		return strconv.Quote(v)
	default:
		return fmt.Sprint(v)
	}
}
