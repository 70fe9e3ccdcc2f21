package config

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearestPath is the setting or section whose path, or last name, is most like
// what was written, or "" if none is near.
func nearestPath(written string) string {
	candidates := make([]string, 0, len(sections)+len(settings))
	for _, s := range sections[1:] {
		candidates = append(candidates, s.name)
	}
	for _, s := range settings {
		candidates = append(candidates, s.path)
	}
	if near := nearest(written, candidates); near != "" {
		return near
	}
	last := written[strings.LastIndex(written, ".")+1:]
	for _, s := range settings {
		if s.name() == last {
			return s.path
		}
	}
	return ""
}

// nearestVariable is the like for a variable of the environment.
func nearestVariable(written string) string {
	candidates := make([]string, len(settings))
	for i, s := range settings {
		candidates[i] = s.variable()
	}
	return nearest(written, candidates)
}

// nearest returns the first of the candidates that are fewest edits away, or ""
// if that is more than one edit and another for every five letters.
func nearest(written string, candidates []string) string {
	best, fewest := "", 1+len(written)/5
	for _, c := range candidates {
		if n := levenshtein.ComputeDistance(written, c); n < fewest || n == fewest && best == "" {
			best, fewest = c, n
		}
	}
	return best
}
