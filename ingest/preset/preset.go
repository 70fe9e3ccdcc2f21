package preset

import (
	"embed"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/churnwatch/churnwatch/model"
)

// Preset is what a preset file says.
type Preset struct {
	Name  string
	Title string
	// Notes are what a user should know, for people.
	Notes  string
	Tables []Table
	Ignore []Ignored
	// Reject are files that are often taken for this export.
	Reject []Rejected
	// TimeFormats are forms of times beside the standard ones, as strptime
	// patterns.
	TimeFormats []string
	Recipe      model.Recipe
}

// Table is a file of the export.
type Table struct {
	Name string
	// Columns are in the order of their names.
	Columns []Column
	// Needed says that nothing can be imported without it.
	Needed bool
	// OneOf are sets of optional columns; a file has at least one of each.
	OneOf [][]string
	// Groups are columns that come numbered; no file needs them.
	Groups []Group
}

// Group is a group of numbered columns. The names of its columns in exports
// hold {n} where the number stands.
type Group struct {
	Name    string
	Columns []Column
}

// Column is a column that is used.
type Column struct {
	Name string
	// Sources are the names that it has in exports, the best first.
	Sources  []string
	Optional bool
}

// Ignored is a file of the export that is of no use.
type Ignored struct {
	Name    string
	Columns []string
}

// Rejected is a file that is not of the export, though it looks like it.
type Rejected struct {
	Name    string
	Columns []string
	// Detail says what it is and what to do.
	Detail string
}

//go:embed presets/*.yaml
var presets embed.FS

// Names returns the presets that are built in, sorted.
func Names() []string {
	entries, err := presets.ReadDir("presets")
	if err != nil {
		panic("preset: embedded files: " + err.Error())
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".yaml")
	}
	slices.Sort(names)
	return names
}

// Open returns a built-in preset by its name, or reads the file where the name
// is a path (it holds a / or ends in .yaml or .yml).
func Open(name string) (*Preset, error) {
	if strings.ContainsRune(name, '/') || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml") {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, model.Errorf(model.KindInvalid, "preset: %w", err)
		}
		return Parse(name, text)
	}
	text, err := builtin(name)
	if err != nil {
		return nil, err
	}
	return Parse(name, text)
}

func builtin(name string) ([]byte, error) {
	text, err := presets.ReadFile(path.Join("presets", name+".yaml"))
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "preset %q is not known: want one of %s, or the path of a .yaml file",
			name, strings.Join(Names(), ", "))
	}
	return text, nil
}
