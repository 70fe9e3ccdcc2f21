package access

import (
	"maps"
	"slices"
)

// Methods are the names in the table.
func Methods() []string { return slices.Sorted(maps.Keys(methods)) }

// MostHeld is how many entries are held while the disk is full.
const MostHeld = mostHeld
