package model

import (
	"fmt"
	"time"
)

// DefinitionKind names a way of saying who churned.
type DefinitionKind string

// The churn definitions.
const (
	// Inactivity: eligible with a valid order in the lookback before T,
	// churned without one in the horizon.
	Inactivity DefinitionKind = "inactivity"
	// Cancellation: eligible with a running contract and no notice known at T,
	// churned with notice or non-renewal in the horizon.
	Cancellation DefinitionKind = "cancellation"
)

// Definition says who is eligible at a cutoff and what counts as churned.
type Definition struct {
	Kind     DefinitionKind `json:"kind"`
	Horizon  time.Duration  `json:"horizon"`
	Lookback time.Duration  `json:"lookback"`
}

// HorizonDays returns the horizon in whole days.
func (d Definition) HorizonDays() int { return int(d.Horizon / Day) }

// Label names the definition as scores print it.
func (d Definition) Label() string {
	if d.Kind == Cancellation {
		return fmt.Sprintf("cancellation within %d days", d.HorizonDays())
	}
	return fmt.Sprintf("no order within %d days", d.HorizonDays())
}
