package archtest_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// keywords are written in capitals in SQL and seldom two of them in prose.
var keywords = regexp.MustCompile(`\b(SELECT|FROM|WHERE|JOIN|UNION|HAVING|INSERT|INTO|VALUES|UPDATE|SET|DELETE|MERGE|CREATE|ALTER|DROP|TABLE|VIEW|MACRO|INDEX|COPY|ATTACH|DETACH|PRAGMA|INSTALL|EXPLAIN|ORDER BY|GROUP BY)\b`)

// statement tells SQL from the name of a query: it has a space, or is one word
// in capitals, such as CHECKPOINT.
var statement = regexp.MustCompile(`\s|^[A-Z]{2,}$`)

// runners are the methods of database/sql that take SQL.
var runners = map[string]bool{
	"Exec": true, "ExecContext": true, "Query": true, "QueryContext": true,
	"QueryRow": true, "QueryRowContext": true, "Prepare": true, "PrepareContext": true,
}

// sqlInGo tells where Go holds SQL. It belongs in .sql and .sql.tmpl files of
// an engine, where it can be read, run and checked.
func sqlInGo(fsys fs.FS) (faults []string, err error) {
	err = eachSource(fsys, func(name string, file *ast.File) {
		found := map[string]bool{}
		named := namedTexts(file)
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				for _, arg := range arguments(n) {
					if text, ok := textOf(arg, named); ok && statement.MatchString(text) {
						found[text] = true
					}
				}
			case *ast.BinaryExpr, *ast.BasicLit:
				if text, ok := textOf(n.(ast.Expr), nil); ok && isSQL(text) {
					found[text] = true
					return false
				}
			}
			return true
		})
		for text := range found {
			faults = append(faults, fmt.Sprintf("%s holds SQL %.60q: move it to a .sql file of the engine", name, text))
		}
	})
	return faults, err
}

// arguments are those of a call in which SQL would reach a database.
func arguments(call *ast.CallExpr) []ast.Expr {
	if method, ok := call.Fun.(*ast.SelectorExpr); ok && runners[method.Sel.Name] {
		return call.Args[:min(2, len(call.Args))]
	}
	return nil
}

// isSQL tells whether text holds two different keywords.
func isSQL(text string) bool {
	words := map[string]bool{}
	for _, word := range keywords.FindAllString(text, -1) {
		words[word] = true
	}
	return len(words) >= 2
}

// textOf is the text of a literal, of a sum of literals with ? for what is
// computed, or of a name in named.
func textOf(e ast.Expr, named map[string]string) (text string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, isLeft := textOf(e.X, named)
		right, isRight := textOf(e.Y, named)
		if !isLeft {
			left = "?"
		}
		if !isRight {
			right = "?"
		}
		return left + right, isLeft || isRight
	case *ast.Ident:
		text, ok = named[e.Name]
		return text, ok
	case *ast.ParenExpr:
		return textOf(e.X, named)
	default:
		return "", false
	}
}

// namedTexts are the constants and variables of the file that start as text.
func namedTexts(file *ast.File) map[string]string {
	named := map[string]string{}
	add := func(name, value ast.Expr) {
		ident, isIdent := name.(*ast.Ident)
		if text, ok := textOf(value, nil); ok && isIdent {
			named[ident.Name] = text
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, value := range n.Values {
				add(n.Names[min(i, len(n.Names)-1)], value)
			}
		case *ast.AssignStmt:
			for i, value := range n.Rhs {
				add(n.Lhs[min(i, len(n.Lhs)-1)], value)
			}
		}
		return true
	})
	return named
}

// clock finds what makes a query depend on when it runs. age of one date is
// its distance from today.
var clock = regexp.MustCompile(`(?i)\b(now|today|get_current_time(stamp)?|transaction_timestamp|current_localtime(stamp)?)\s*\(|` +
	`\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b|'(now|today|yesterday|tomorrow)'|\bage\s*\([^(),]*\)`)

var sqlComment = regexp.MustCompile(`--[^\n]*|(?s:/\*.*?\*/)`)

// clockInSQL tells which queries read the clock. Time is an argument.
func clockInSQL(fsys fs.FS) (faults []string, err error) {
	err = eachSQL(fsys, func(name, text string) {
		for _, at := range clock.FindAllString(sqlComment.ReplaceAllString(text, " "), -1) {
			faults = append(faults, fmt.Sprintf("%s reads the clock with %q: bind a time instead", name, at))
		}
	})
	return faults, err
}

// strayed tells which SQL files are not in the folder of an engine.
func strayed(fsys fs.FS) (faults []string, err error) {
	err = eachSQL(fsys, func(name, _ string) {
		engine, below, _ := strings.Cut(strings.TrimPrefix(name, "ingest/warehouse/"), "/")
		if !strings.HasPrefix(name, "ingest/warehouse/") || engine == "" || below == "" {
			faults = append(faults, name+" is SQL outside ingest/warehouse/<engine>")
		}
	})
	return faults, err
}

func isSQLFile(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(base, ".sql") || strings.HasSuffix(base, ".sql.tmpl")
}

func eachSQL(fsys fs.FS, visit func(name, text string)) error {
	return eachFile(fsys, func(name string) error {
		if !isSQLFile(name) {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err == nil {
			visit(name, string(text))
		}
		return err
	})
}
