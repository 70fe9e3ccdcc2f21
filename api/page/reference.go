package page

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

//go:embed reference.html.tmpl
var referencePage string

// document is what the reference shows of an OpenAPI 2 document.
type document struct {
	Info struct {
		Title, Version, Description string
	}
	Tags        []tag
	Paths       map[string]map[string]*operation
	Definitions map[string]*schema
}

// tag is a group of operations.
type tag struct {
	Name, Description string
	Operations        []*operation `json:"-"`
}

// operation is one call.
type operation struct {
	Verb, Path           string `json:"-"`
	OperationID          string
	Summary, Description string
	Tags, Consumes       []string
	Parameters           []parameter
	Responses            map[string]struct{ Schema *schema }
}

// Answer is what a call answers with where it went well.
func (o *operation) Answer() *schema { return o.Responses["200"].Schema }

// parameter is what a call is told.
type parameter struct {
	Name, In, Description, Type, Format string
	Required                            bool
	Schema                              *schema
}

// schema is a type.
type schema struct {
	Name                      string `json:"-"`
	Ref                       string `json:"$ref"`
	Type, Format, Description string
	Items                     *schema
	Properties                map[string]*schema
	AdditionalProperties      *additional
}

// additional is the type of a map's values: a schema, or an empty one for
// anything.
type additional struct{ schema }

// UnmarshalJSON reads a schema, or true for any.
func (a *additional) UnmarshalJSON(text []byte) error {
	if string(text) == "true" || string(text) == "false" {
		return nil
	}
	return json.Unmarshal(text, &a.schema)
}

// Refers is the name of the definition that a type is or holds, "" without.
func (s *schema) Refers() string {
	switch {
	case s == nil:
		return ""
	case s.Items != nil:
		return s.Items.Refers()
	case s.AdditionalProperties != nil && s.AdditionalProperties.Ref != "":
		return s.AdditionalProperties.Refers()
	}
	return strings.TrimPrefix(s.Ref, "#/definitions/")
}

// Kind is a type in words, but for the definition that it refers to.
func (s *schema) Kind() string {
	switch {
	case s == nil:
		return ""
	case s.Items != nil:
		return strings.TrimSpace("list of " + s.Items.Kind())
	case s.AdditionalProperties != nil && s.Properties == nil:
		return strings.TrimSpace("map of " + s.AdditionalProperties.Kind())
	case s.Format == "date-time":
		return "time"
	case s.Format == "double" || s.Format == "int32":
		return map[string]string{"double": "number", "int32": "whole number"}[s.Format]
	case s.Ref != "":
		return ""
	}
	return cmp.Or(s.Type, "any value")
}

// Fields are a type's properties in the order of their names.
func (s *schema) Fields() []*schema {
	out := make([]*schema, 0, len(s.Properties))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		field := *s.Properties[name]
		field.Name = name
		out = append(out, &field)
	}
	return out
}

// Types are the definitions in the order of their names.
func (d *document) Types() []*schema {
	out := make([]*schema, 0, len(d.Definitions))
	for _, name := range slices.Sorted(maps.Keys(d.Definitions)) {
		if !strings.HasPrefix(name, "protobuf") {
			d.Definitions[name].Name = name
			out = append(out, d.Definitions[name])
		}
	}
	return out
}

// group sorts the operations below their tags, by path.
func (d *document) group() error {
	for _, route := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, verb := range slices.Sorted(maps.Keys(d.Paths[route])) {
			o := d.Paths[route][verb]
			o.Verb, o.Path = strings.ToUpper(verb), route
			at := slices.IndexFunc(d.Tags, func(t tag) bool { return slices.Contains(o.Tags, t.Name) })
			if at < 0 {
				return fmt.Errorf("%s %s has no tag of the document", o.Verb, o.Path)
			}
			d.Tags[at].Operations = append(d.Tags[at].Operations, o)
		}
	}
	return nil
}

// renderReference writes the reference of an API as a page.
func renderReference(openAPI []byte) ([]byte, error) {
	var d document
	if err := json.Unmarshal(openAPI, &d); err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	if err := d.group(); err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	t, err := template.New("reference").Funcs(template.FuncMap{
		"short": func(name string) string { return strings.TrimPrefix(name, "v1") },
	}).Parse(referencePage)
	if err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, &d); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	return out.Bytes(), nil
}
