package warehousetest

import (
	"flag"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// checks is how often a property is tried: a try costs an engine tens of
// milliseconds. -rapid.checks on the command line overrides it.
const checks = 20

// check tries a property.
func check(t *testing.T, property func(*rapid.T)) {
	t.Helper()
	Check(t, checks, property)
}

// Check tries a property so many times.
func Check(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "rapid.checks" })
	if f := flag.Lookup("rapid.checks"); f != nil && !chosen {
		usual := f.Value.String()
		defer func() { _ = f.Value.Set(usual) }() // It has parsed before.
		if err := f.Value.Set(strconv.Itoa(times)); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, property)
}
