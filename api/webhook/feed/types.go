package feed

import (
	"path"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Types returns the types of events that a receiver can choose. Of erasures
// every receiver hears.
func Types() []string {
	statuses := model.TriggerStatuses()[1:] // What is only planned concerns nobody.
	types := make([]string, 1, 1+len(statuses))
	types[0] = typeScore
	for _, status := range statuses {
		types = append(types, typeOf(status))
	}
	return types
}

func typeOf(status model.TriggerStatus) string { return "trigger." + string(status) }

// Wants reports whether a receiver chose a type of event.
func Wants(r model.Receiver, kind string) bool {
	return len(r.Types) == 0 || kind == TypeErased || slices.ContainsFunc(r.Types, func(pattern string) bool { return matches(pattern, kind) })
}

// matches compares a type with a name, or with one such as trigger.*.
func matches(pattern, kind string) bool {
	fits, err := path.Match(pattern, kind)
	return err == nil && fits
}

// CheckTypes refuses names that fit no type.
func CheckTypes(types []string) error {
	for i, pattern := range types {
		prefix, several := strings.CutSuffix(pattern, ".*")
		if !slices.Contains(Types(), pattern) && (!several || !slices.ContainsFunc(Types(), func(t string) bool { return strings.HasPrefix(t, prefix+".") })) {
			return model.Errorf(model.KindInvalid, "there is no event %q: want some of %s, or all of a kind as in trigger.*", pattern, strings.Join(Types(), ", "))
		}
		if slices.Contains(types[:i], pattern) {
			return model.Errorf(model.KindInvalid, "event %s is given twice", pattern)
		}
	}
	return nil
}
