package preset_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/model"
)

var update = flag.Bool("update", false, "write the tables of ingest/docs/presets.md")

func TestTheDocumentTellsOfEveryPresetWhatItTakes(t *testing.T) {
	const path, begin, end = "../docs/presets.md", "-update -->\n", "<!-- end -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	old, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the tables", path)
	}
	var want strings.Builder
	for _, name := range preset.Names() {
		p, err := preset.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		want.WriteString(described(p))
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+want.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want.String(), old); diff != "" {
		t.Errorf("go test ./ingest/preset -update writes it anew (-want +got):\n%s", diff)
	}
}

func TestThePresetsOfTheDocumentRead(t *testing.T) {
	text, err := os.ReadFile("../docs/presets.md")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for block := range strings.SplitSeq(string(text), "\n\n") {
		if !strings.HasPrefix(block, "    name: ") {
			continue
		}
		p, err := preset.Parse("document", []byte(strings.ReplaceAll(block, "\n    ", "\n")[4:]))
		if err != nil {
			t.Errorf("%v in\n%s", err, block)
			continue
		}
		if p.Name == "" {
			t.Errorf("no name in\n%s", block)
		}
		read++
	}
	if read != 3 {
		t.Errorf("%d presets stand in the document, want 3", read)
	}
}

// described tells in Markdown from which columns a preset makes which.
func described(p *preset.Preset) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n%s. %s\n\n| kind | column | from |\n|---|---|---|\n", p.Name, p.Title, strings.TrimSpace(p.Notes))
	for _, k := range p.Recipe.Kinds {
		from := k.From
		for _, base := range p.Recipe.Kinds {
			if base.Kind == k.Of {
				from = base.From
			}
		}
		for _, c := range k.Columns {
			found := leaves(p, from, c.Value)
			if len(found) == 0 {
				found = []string{"always the same"}
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", k.Kind, c.Name, strings.Join(found, ", "))
		}
	}
	var refused []string
	for _, k := range p.Recipe.Kinds {
		for _, r := range k.Refuse {
			if line := fmt.Sprintf("`%s` (%s)", r.Reason, r.Detail); !slices.Contains(refused, line) {
				refused = append(refused, line)
			}
		}
	}
	if len(refused) > 0 {
		fmt.Fprintf(&b, "\nTo the quarantine, beside what can't be read: %s.\n", strings.Join(refused, ", "))
	}
	b.WriteString("\n")
	return b.String()
}

// leaves are the names of the columns of the export that a value is made of.
func leaves(p *preset.Preset, from string, e model.Expression) (out []string) {
	add := func(names ...string) {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	if e.Op == model.TakeColumn {
		table := from
		if e.Table != "" {
			table = e.Table
		}
		add(column(p, table, e.Name)...)
	}
	for _, a := range e.Args {
		add(leaves(p, from, a)...)
	}
	return out
}

// column finds a column in a table, or what a set makes it of.
func column(p *preset.Preset, table, name string) []string {
	for _, t := range p.Tables {
		if t.Name != table {
			continue
		}
		columns := slices.Clone(t.Columns)
		for _, g := range t.Groups {
			columns = append(columns, g.Columns...)
		}
		for _, c := range columns {
			if c.Name == name {
				return []string{strings.Join(c.Sources, " / ")}
			}
		}
		return []string{"its " + name}
	}
	for _, s := range p.Recipe.Sets {
		if s.Name != table {
			continue
		}
		for _, c := range s.Columns {
			if c.Name == name {
				return leaves(p, s.From, c.Value)
			}
		}
	}
	return nil
}
