package warehouse

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// identifier is what a name of ours may look like in SQL.
var identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// functions are the only ways to print a value in a template. Each returns
// text that is safe where SQL expects what its name says.
func functions() template.FuncMap {
	return template.FuncMap{
		"ident":   Ident,
		"idents":  idents,
		"text":    Text,
		"texts":   texts,
		"integer": integer,
		"number":  Number,
		"numbers": numbers,
		"instant": Instant,
		"boolean": boolean,
		// These are for engines of others.
		"approximate": Approximate,
		"escaped":     Escaped,
		// These print nothing of their own and only count or compare.
		"add":  func(a, b int) int { return a + b },
		"last": func(i, length int) bool { return i == length-1 },
	}
}

// quoting names the functions whose result may be printed.
func quoting(name string) bool {
	switch name {
	case "ident", "idents", "text", "texts", "integer", "number", "numbers", "instant", "boolean", "approximate", "escaped":
		return true
	}
	return false
}

// Ident returns name in double quotes. Names have the form
// ^[a-z_][a-z0-9_]*$; any other is an error.
func Ident(name any) (string, error) {
	s := fmt.Sprint(name)
	if !identifier.MatchString(s) {
		return "", fmt.Errorf("identifier %q: want lower-case letters, digits and _", s)
	}
	return `"` + s + `"`, nil
}

func idents(names []string) (string, error) { return listed(names, Ident) }

// Text returns s as an SQL string literal. NUL is an error.
func Text(s any) (string, error) {
	t := fmt.Sprint(s)
	if strings.ContainsRune(t, 0) {
		return "", fmt.Errorf("text %q: holds a NUL", t)
	}
	return "'" + strings.ReplaceAll(t, "'", "''") + "'", nil
}

func texts(list []string) (string, error) { return listed(list, Text) }

// Number returns v as a DOUBLE that reads back as the same bits: the shortest
// decimal that round-trips, as a text that is cast. NaN and infinities work.
func Number(v float64) string {
	return "CAST('" + strconv.FormatFloat(v, 'g', -1, 64) + "' AS DOUBLE)"
}

// Approximate returns v as an approximate numeric literal of standard SQL, the
// shortest with an exponent that reads back as the same bits. NaN and
// infinities, which have none, are an error.
func Approximate(v float64) (string, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "", fmt.Errorf("number %v: has no literal", v)
	}
	if v < 0 { // In brackets, since two minus signs begin a comment.
		return "(" + strconv.FormatFloat(v, 'E', -1, 64) + ")", nil
	}
	return strconv.FormatFloat(v, 'E', -1, 64), nil
}

// Escaped is [Text] where a backslash begins an escape.
func Escaped(s any) (string, error) { return Text(strings.ReplaceAll(fmt.Sprint(s), `\`, `\\`)) }

func numbers(list []float64) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = Number(v)
	}
	return strings.Join(out, ", ")
}

// Instant returns t as a TIMESTAMP in UTC, cut to microseconds.
func Instant(t time.Time) string {
	return "TIMESTAMP '" + t.UTC().Format("2006-01-02 15:04:05.000000") + "'"
}

func integer(v any) (string, error) {
	switch n := v.(type) {
	case int:
		return strconv.Itoa(n), nil
	case int32:
		return strconv.FormatInt(int64(n), 10), nil
	case int64:
		return strconv.FormatInt(n, 10), nil
	case uint64:
		return strconv.FormatUint(n, 10), nil
	}
	return "", fmt.Errorf("integer %v: is a %T", v, v)
}

func boolean(v bool) string {
	if v {
		return "TRUE"
	}
	return "FALSE"
}

// listed joins the quoted form of each entry with commas.
func listed(list []string, quote func(any) (string, error)) (string, error) {
	out := make([]string, len(list))
	for i, s := range list {
		q, err := quote(s)
		if err != nil {
			return "", err
		}
		out[i] = q
	}
	return strings.Join(out, ", "), nil
}
