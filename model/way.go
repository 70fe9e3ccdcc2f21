package model

import (
	"errors"
	"fmt"
)

// Way says how a caller does something: on the command line, and over the wire,
// where there are no flags and a command may be out of reach. In a text it stands
// as the first; [Errorf] keeps the second for those who call by REST or gRPC.
type Way struct {
	// Command is for the command line, Service for a caller over the wire.
	Command, Service string
}

// String returns the way of the command line.
func (w Way) String() string { return w.Command }

// For returns the way of a caller.
func (w Way) For(served bool) string {
	if served {
		return w.Service
	}
	return w.Command
}

// servedText is a text as a caller over the wire reads it; "" where it holds no
// way and nothing that it wraps does.
func servedText(format string, args []any) string {
	found := false
	served := make([]any, len(args))
	for i, arg := range args {
		served[i] = arg
		switch a := arg.(type) {
		case Way:
			served[i], found = a.Service, true
		case *Error:
			if a.served != "" {
				served[i], found = errors.New(a.served), true
			}
		}
	}
	if !found {
		return ""
	}
	return fmt.Errorf(format, served...).Error()
}
