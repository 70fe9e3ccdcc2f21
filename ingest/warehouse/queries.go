package warehouse

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"text/template"
	"text/template/parse"
)

// Queries are the statements of an engine, by the path of their file below a
// root, without extension: "ledger/save_model" is ledger/save_model.sql.
//
// Files ending in .sql are taken as they are. Files ending in .sql.tmpl are
// text/template templates that can call each other by the same names; what
// they print must come out of a quoting function: ident, idents, text, texts,
// integer, number, numbers, instant or boolean. A template that could print
// anything else, or that calls a template that is not there, does not load.
type Queries struct {
	scripts   map[string]Script
	templates *template.Template
}

// LoadQueries reads every file below root.
func LoadQueries(files fs.FS, root string) (*Queries, error) {
	q := &Queries{
		scripts:   map[string]Script{},
		templates: template.New("").Funcs(functions()).Option("missingkey=error"),
	}
	err := fs.WalkDir(files, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		return q.add(strings.TrimPrefix(file, root+"/"), string(text))
	})
	if err != nil {
		return nil, fmt.Errorf("load queries: %w", err)
	}
	for _, t := range q.templates.Templates() {
		if t.Tree == nil { // The root, which is no file.
			continue
		}
		if err := q.checkNode(t.Root); err != nil {
			return nil, fmt.Errorf("load queries: %s: %w", t.Name(), err)
		}
	}
	return q, nil
}

func (q *Queries) add(file, text string) error {
	switch {
	case strings.HasSuffix(file, ".sql.tmpl"):
		_, err := q.templates.New(strings.TrimSuffix(file, ".sql.tmpl")).Parse(text)
		return err
	case path.Ext(file) == ".sql":
		name := strings.TrimSuffix(file, ".sql")
		q.scripts[name] = Split(name, text)
		return nil
	}
	return fmt.Errorf("%s: is neither .sql nor .sql.tmpl", file)
}

// Script returns the statements of a .sql file. An unknown name is a
// programmer's mistake and panics.
func (q *Queries) Script(name string) Script {
	s, ok := q.scripts[name]
	if !ok {
		panic("warehouse: no query " + name)
	}
	return s
}

// Render executes a .sql.tmpl file on data and returns its statements. An
// unknown name panics.
func (q *Queries) Render(name string, data any) (Script, error) {
	t := q.templates.Lookup(name)
	if t == nil {
		panic("warehouse: no template " + name)
	}
	var text strings.Builder
	if err := t.Execute(&text, data); err != nil {
		return Script{}, fmt.Errorf("render %s: %w", name, err)
	}
	return Split(name, text.String()), nil
}

// checkNode refuses an action that prints something that did not come out of
// a quoting function, and a call of an unknown template.
func (q *Queries) checkNode(node parse.Node) error {
	switch n := node.(type) {
	case *parse.ListNode:
		return q.checkList(n)
	case *parse.IfNode:
		return q.checkBranches(&n.BranchNode)
	case *parse.RangeNode:
		return q.checkBranches(&n.BranchNode)
	case *parse.WithNode:
		return q.checkBranches(&n.BranchNode)
	case *parse.TemplateNode:
		if q.templates.Lookup(n.Name) == nil {
			return fmt.Errorf("line %d: there is no template %s", n.Line, n.Name)
		}
	case *parse.ActionNode:
		return checkAction(n)
	}
	return nil
}

func (q *Queries) checkList(list *parse.ListNode) error {
	if list == nil { // A branch without an else.
		return nil
	}
	for _, child := range list.Nodes {
		if err := q.checkNode(child); err != nil {
			return err
		}
	}
	return nil
}

func (q *Queries) checkBranches(n *parse.BranchNode) error {
	if err := q.checkList(n.List); err != nil {
		return err
	}
	return q.checkList(n.ElseList)
}

func checkAction(n *parse.ActionNode) error {
	if len(n.Pipe.Decl) > 0 { // A declaration prints nothing.
		return nil
	}
	final := n.Pipe.Cmds[len(n.Pipe.Cmds)-1]
	if f, ok := final.Args[0].(*parse.IdentifierNode); ok && quoting(f.Ident) {
		return nil
	}
	return fmt.Errorf("line %d: %s prints a value that is not quoted", n.Line, n)
}
