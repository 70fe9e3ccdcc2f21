package warehouse

import (
	"slices"
	"strings"
)

// Script is a sequence of statements that came from one file.
type Script struct {
	// Name is the file's path below the root, without its extension.
	Name string
	// Statements are in the order of the file, without the semicolons.
	Statements []Statement
}

// Statement is one SQL statement.
type Statement struct {
	Text string
	// Parameters are the names of its $name parameters, each once, sorted.
	Parameters []string
}

// Split parses text into statements at the semicolons that stand outside of
// quotes and comments, and finds each one's named parameters. Quotes are
// '...', "..." and $tag$...$tag$; backslash escapes are not known. Pieces
// without any word are left out.
func Split(name, text string) Script {
	script := Script{Name: name}
	l := lexer{text: text}
	for l.at < len(l.text) {
		if s, ok := l.statement(); ok {
			script.Statements = append(script.Statements, s)
		}
	}
	return script
}

type lexer struct {
	text string
	at   int
}

// statement reads up to the next semicolon or the end of the text.
func (l *lexer) statement() (Statement, bool) {
	start, words := l.at, false
	var parameters []string
	for l.at < len(l.text) {
		switch c := l.text[l.at]; {
		case c == ';':
			end := l.at
			l.at++
			return finished(l.text[start:end], parameters), words
		case strings.HasPrefix(l.text[l.at:], "--"):
			l.skipTo("\n", 2)
		case strings.HasPrefix(l.text[l.at:], "/*"):
			l.skipTo("*/", 2)
		case c == '\'' || c == '"':
			words = true
			l.skipTo(string(c), 1)
		case c == '$':
			words = true
			parameters = append(parameters, l.dollar()...)
		default:
			words = words || !isSpace(c)
			l.at++
		}
	}
	return finished(l.text[start:], parameters), words
}

func finished(text string, parameters []string) Statement {
	slices.Sort(parameters)
	return Statement{Text: strings.TrimSpace(text), Parameters: slices.Compact(parameters)}
}

// skipTo moves behind the next end after the opening's length, or to the end
// of the text.
func (l *lexer) skipTo(end string, opening int) {
	i := strings.Index(l.text[l.at+opening:], end)
	if i < 0 {
		l.at = len(l.text)
		return
	}
	l.at += opening + i + len(end)
}

// dollar reads a parameter's name, or skips a dollar-quoted text.
func (l *lexer) dollar() []string {
	end := l.at + 1
	for end < len(l.text) && isName(l.text[end]) {
		end++
	}
	name := l.text[l.at+1 : end]
	if end < len(l.text) && l.text[end] == '$' {
		l.skipTo("$"+name+"$", len(name)+2)
		return nil
	}
	l.at = end
	if name == "" {
		return nil
	}
	return []string{name}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isName(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
