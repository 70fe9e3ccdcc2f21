package archtest_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// mostLines is what a person still oversees in one file.
const mostLines = 500

// undocumented tells which packages do not say what they are.
func undocumented(fsys fs.FS) (faults []string, err error) {
	documented := map[string]bool{}
	err = eachSource(fsys, func(name string, file *ast.File) {
		dir := path.Dir(name)
		documented[dir] = documented[dir] || strings.TrimSpace(file.Doc.Text()) != ""
	})
	for _, dir := range slices.Sorted(maps.Keys(documented)) {
		if !documented[dir] {
			faults = append(faults, dir+" has no package comment")
		}
	}
	return faults, err
}

// overlong tells which files have too many lines; tests and SQL count too.
func overlong(fsys fs.FS) (faults []string, err error) {
	err = eachFile(fsys, func(name string) error {
		if !strings.HasSuffix(name, ".go") && !isSQLFile(name) {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".go") {
			file, err := parse(fsys, name)
			if err != nil || ast.IsGenerated(file) {
				return err
			}
		}
		if lines := bytes.Count(text, []byte("\n")); lines > mostLines {
			faults = append(faults, fmt.Sprintf("%s has %d lines: split it, %d is the most", name, lines, mostLines))
		}
		return nil
	})
	return faults, err
}

// atTop is all that may stand at the top of the repository, dotfiles aside.
var atTop = []string{"README.md", "api", "cmd", "dashboards", "deploy", "go.mod", "go.sum", "ingest", "model", "scoring"}

// misplaced tells which of the files, named from the top, lie where nothing
// belongs.
func misplaced(files []string) (faults []string) {
	seen := map[string]bool{}
	for _, file := range files {
		top, _, _ := strings.Cut(file, "/")
		if seen[top] || strings.HasPrefix(top, ".") || slices.Contains(atTop, top) {
			continue
		}
		seen[top] = true
		faults = append(faults, top+" does not belong at the top of the repository")
	}
	return faults
}

// eachSource visits the Go files that are neither tests nor generated, under
// every build tag.
func eachSource(fsys fs.FS, visit func(name string, file *ast.File)) error {
	return eachFile(fsys, func(name string) error {
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parse(fsys, name)
		if err == nil && !ast.IsGenerated(file) {
			visit(name, file)
		}
		return err
	})
}

func parse(fsys fs.FS, name string) (*ast.File, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments|parser.SkipObjectResolution)
}

// eachFile visits all files but hidden folders, test data, and modules of their
// own.
func eachFile(fsys fs.FS, visit func(name string) error) error {
	return fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return visit(name)
		case name == ".":
			return nil
		case strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || isModule(fsys, name):
			return fs.SkipDir
		default:
			return nil
		}
	})
}

func isModule(fsys fs.FS, dir string) bool {
	_, err := fs.Stat(fsys, path.Join(dir, "go.mod"))
	return err == nil
}
