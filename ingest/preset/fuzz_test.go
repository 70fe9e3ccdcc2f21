package preset_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

// FuzzPreset reads anything at all as a preset: it is a fault of kind invalid, or
// a preset that recognises a file with its own columns.
func FuzzPreset(f *testing.F) {
	paths, err := filepath.Glob("presets/*.yaml")
	if err != nil || len(paths) == 0 {
		f.Fatalf("%d presets, %v", len(paths), err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		small, "", "[]", "name: [", "a: &a [*a]", "extends: olist", "extends: {}", "tables: [1]", "kinds: {}", "kinds: [{columns: {a: {choose: [[], {}]}}}]",
		"name: x\ntables: [{name: t, counts_as: customers, columns: {id: ID}, groups: [{name: g, columns: {a: '{n}'}}]}]",
		strings.Repeat("a: {", 500), "<<: {name: a}", "? [a]\n: b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := preset.Parse("fuzz", []byte(text))
		if err != nil {
			if model.KindOf(err) != model.KindInvalid {
				t.Fatalf("kind %v of %v", model.KindOf(err), err)
			}
			return
		}
		for _, table := range p.Tables {
			var names []string
			for _, c := range table.Columns {
				names = append(names, c.Sources[0])
			}
			_, _ = p.Recognise(names, nil, strings.ToLower) // Another table may want the same columns; it must not panic.
		}
	})
}
