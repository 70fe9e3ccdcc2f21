package ingest

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest returns those of names that look most like name, best first: few
// edits, or a part in common.
func nearest(name string, names []string) []string {
	type scored struct {
		name     string
		distance int
	}
	var near []scored
	for _, n := range names {
		if d := levenshtein.ComputeDistance(canonical(name), canonical(n)); d <= max(2, len(name)/3) || shareWord(name, n) {
			near = append(near, scored{n, d})
		}
	}
	slices.SortStableFunc(near, func(a, b scored) int { return a.distance - b.distance })
	out := make([]string, 0, 3)
	for _, s := range near[:min(len(near), 3)] {
		out = append(out, s.name)
	}
	return out
}

// shareWord reports whether two names have a telling word in common.
func shareWord(a, b string) bool {
	for word := range strings.SplitSeq(canonical(a), "_") {
		if len(word) >= 4 && slices.Contains(strings.Split(canonical(b), "_"), word) {
			return true
		}
	}
	return false
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	return " (did you mean " + near[0] + "?)"
}
