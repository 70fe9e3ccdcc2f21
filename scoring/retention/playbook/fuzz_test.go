package playbook_test

import (
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// FuzzPlaybooks reads anything at all as playbooks: they are faults of kind
// invalid, or playbooks with names and steps.
func FuzzPlaybooks(f *testing.F) {
	f.Add(playbook.Defaults().Text)
	for _, text := range []string{
		"", "[]", "playbooks: {}", "playbooks: [1]", "playbooks: [{name: a}]", "playbooks: &a [*a]", "playbooks: [{name: a, when: {event: {names: cart_abandon}}, steps: []}]",
		"playbooks: [{name: a, when: {}, for: {all: [{any: []}]}, steps: [{name: b, after: 1e9h, within: -1d}]}]", "? [a]\n: b", strings.Repeat("a: {", 500),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := playbook.Read(playbook.Source{Name: "fuzz.yaml", Text: text})
		if err != nil {
			if model.KindOf(err) != model.KindInvalid {
				t.Fatalf("kind %v of %v", model.KindOf(err), err)
			}
			return
		}
		for _, p := range read {
			if p.Name == "" || len(p.Steps) == 0 {
				t.Fatalf("%+v", p)
			}
		}
	})
}
