package config

import "strconv"

// Source is a layer of the configuration.
type Source string

// The layers, each over the one before.
const (
	SourceDefault     Source = "default"
	SourceFile        Source = "file"
	SourceEnvironment Source = "environment"
	SourceFlag        Source = "flag"
)

// Origin is where a value came from. The zero value stands for the default.
type Origin struct {
	Source Source
	Name   string // the file, the variable or the flag; "" for a default
	Line   int    // in the file, from 1; 0 where it is not known
}

// String names o as a user would look it up: churnwatch.yaml:3,
// CHURNWATCH_LOG__LEVEL, --log-level, default.
func (o Origin) String() string {
	switch {
	case o.Source == "" || o.Source == SourceDefault:
		return string(SourceDefault)
	case o.Line > 0:
		return o.Name + ":" + strconv.Itoa(o.Line)
	default:
		return o.Name
	}
}
