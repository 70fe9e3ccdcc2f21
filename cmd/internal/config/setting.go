package config

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// setting is one value that a user may set.
type setting struct {
	path    string // section.name, or name alone
	flag    string // the flag that sets it, without dashes, or ""
	comment string
	text    func(Config) string           // the value, as YAML
	read    func(*Config, any) string     // stores a raw value, or says what kind it must be
	check   func(Config) (allowed string) // what is allowed, or "" if the value is
}

// field is the setting at path, kept where get points.
func field[T any](path, flag string, get func(*Config) *T, r rule[T], comment string) setting {
	return setting{
		path:    path,
		flag:    flag,
		comment: comment,
		text:    func(c Config) string { return render(*get(&c)) },
		read:    func(c *Config, raw any) string { return decode(raw, get(c)) },
		check: func(c Config) string {
			if r.holds(*get(&c)) {
				return ""
			}
			return r.allowed
		},
	}
}

// variable is the environment variable that sets s.
func (s setting) variable() string {
	return prefix + strings.ToUpper(strings.ReplaceAll(s.path, ".", "__"))
}

// section is the part of s's path before the name, or "".
func (s setting) section() string {
	section, _, found := strings.Cut(s.path, ".")
	if !found {
		return ""
	}
	return section
}

// name is the last part of s's path.
func (s setting) name() string { return s.path[strings.LastIndex(s.path, ".")+1:] }

// render writes a value as YAML, on one line.
func render(value any) string {
	switch v := value.(type) {
	case string:
		return renderText(v)
	case []string:
		return "[" + strings.Join(v, ", ") + "]"
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// renderText quotes only what YAML would not read as the same text.
func renderText(s string) string {
	var back any
	if err := yaml.Unmarshal([]byte("- "+s), &back); err == nil && reflect.DeepEqual(back, []any{s}) {
		return s
	}
	return strconv.Quote(s)
}

// typeless is a value whose source knows only text, such as the environment:
// "2" may become a number there, and nowhere else.
type typeless string

// decode stores raw in into, without rounding or guessing. It returns "", or
// the kind of value that is wanted, and then into is as it was.
func decode(raw, into any) (wanted string) {
	var ok bool
	switch p := into.(type) {
	case *string:
		*p, ok = decodeText(raw, *p)
		wanted = "text; a number or a date needs quotes"
	case *int:
		*p, ok = decodeInt(raw, *p)
		wanted = "a whole number"
	case *uint64:
		*p, ok = decodeUint(raw, *p)
		wanted = "a whole number from 0"
	case *float64:
		*p, ok = decodeFloat(raw, *p)
		wanted = "a number"
	case *[]string:
		*p, ok = decodeList(raw, *p)
		wanted = "a list of text"
	case *Duration:
		*p, ok = decodeParsed(raw, *p, ParseDuration)
		wanted = "a number with its unit, such as 90d, 36h or 1d12h"
	case *Size:
		*p, ok = decodeParsed(raw, *p, ParseSize)
		wanted = "a whole number with its unit, such as 512MB, 1GB or 2GiB"
	default:
		panic(fmt.Sprintf("config: no decoder for %T", into))
	}
	if ok {
		return ""
	}
	return wanted
}

func decodeText(raw any, old string) (string, bool) {
	switch v := raw.(type) {
	case string:
		return v, true
	case typeless:
		return string(v), true
	default:
		return old, false
	}
}

func decodeInt(raw any, old int) (int, bool) {
	switch v := raw.(type) {
	case int:
		return v, true
	case typeless:
		n, err := strconv.Atoi(string(v))
		return orOld(n, old, err == nil)
	default:
		return old, false
	}
}

func decodeUint(raw any, old uint64) (uint64, bool) {
	switch v := raw.(type) {
	case int:
		return orOld(uint64(max(v, 0)), old, v >= 0)
	case uint64:
		return v, true
	case typeless:
		n, err := strconv.ParseUint(string(v), 10, 64)
		return orOld(n, old, err == nil)
	default:
		return old, false
	}
}

func decodeFloat(raw any, old float64) (float64, bool) {
	var f float64
	var err error
	switch v := raw.(type) {
	case float64:
		f = v
	case int:
		f = float64(v)
	case typeless:
		f, err = strconv.ParseFloat(string(v), 64)
	default:
		return old, false
	}
	return orOld(f, old, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0))
}

func decodeList(raw any, old []string) ([]string, bool) {
	switch v := raw.(type) {
	case []string:
		return v, true
	case typeless:
		return splitList(string(v)), true
	case []any:
		list := make([]string, len(v))
		for i, element := range v {
			text, ok := element.(string)
			if !ok {
				return old, false
			}
			list[i] = text
		}
		return list, true
	default:
		return old, false
	}
}

// splitList reads "a, b" as two elements and "" as none.
func splitList(s string) []string {
	list := []string{}
	if strings.TrimSpace(s) == "" {
		return list
	}
	for element := range strings.SplitSeq(s, ",") {
		list = append(list, strings.TrimSpace(element))
	}
	return list
}

func decodeParsed[T any](raw any, old T, parse func(string) (T, error)) (T, bool) {
	text, ok := decodeText(raw, "")
	if !ok {
		if n, isInt := raw.(int); !isInt || n != 0 {
			return old, false
		}
		text = "0" // 0 needs no unit where one is optional
	}
	v, err := parse(text)
	return orOld(v, old, err == nil)
}

func orOld[T any](v, old T, ok bool) (T, bool) {
	if !ok {
		return old, false
	}
	return v, true
}
