// Package painfile reads the pain points that a user defines.
//
// A file is YAML: a list below painpoints, each entry with a name, a label,
// perhaps a window (90d), a severity (days or hours beyond its span), and one
// form that says what makes an incident:
//
//	painpoints:
//	  - name: slow_economy
//	    label: economy parcel more than six days on its way
//	    order: {where: [{column: shipping_method, is: economy}], from: ordered_at, to: delivered_at, longer_than: 6d}
//	    severity: days
//	  - {name: billing_trouble, label: billing ticket open for two days, ticket: {topic: billing, open_longer_than: 48h}}
//	  - {name: no_answer, label: no reply within two days, ticket: {no_reply_within: 48h}}
//	  - {name: crash, label: crash of the app, event: {name: crash, above: 3}}
//	  - {name: bad_delivery, label: bad rating of a delivery, answer: {touchpoint: delivery, kind: rating, below: 3}}
//	  - {name: too_small, label: sent back as too small, return: {reasons: [too_small, wrong_size]}}
//	  - {name: unheard, label: retention message without a reply, outreach: {kind: retention, no_reply_within: 7d}}
//
// Columns come from a closed list, see [model.IncidentColumnsOf]. Whatever is
// not in these forms is a fault, reported with its line.
package painfile

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
	"github.com/churnwatch/churnwatch/model"
)

// defaultWindow and mostSteps are what an entry means that says nothing.
const (
	defaultWindow = 90
	mostSteps     = 1000
)

// Read reads the pain points of several files, each name once. The error says
// everything that is wrong, one a line, with file and line.
func Read(paths []string) ([]model.PainPoint, error) {
	var out []model.PainPoint
	var faults []error
	seen := taken()
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, model.Errorf(model.KindInvalid, "pain points: %w", err)
		}
		r := &reader{file: path, seen: seen}
		out = append(out, r.points(text)...)
		faults = append(faults, r.faults...)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, model.Errorf(model.KindInvalid, "pain points:\n%w", err)
	}
	return out, nil
}

// taken are the names that come with the program.
func taken() map[string]string {
	seen := map[string]string{}
	for _, kind := range []model.DefinitionKind{model.Inactivity, model.Cancellation} {
		for _, f := range model.Catalogue(kind) {
			seen[f.Name] = "a feature of the program"
			if f.Source == model.FromIncidents && f.Only != "" {
				seen[f.Only] = "a pain point of the program"
			}
		}
	}
	return seen
}

// reader reads one file and collects what is wrong.
type reader struct {
	file   string
	seen   map[string]string
	faults []error
}

func (r *reader) fault(at *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: "+format, append([]any{r.file, at.Line}, args...)...))
}

// entry is a name with its value.
type entry struct{ key, value *yaml.Node }

// fields reads a map, refusing names that are not allowed or stand twice.
func (r *reader) fields(node *yaml.Node, allowed ...string) map[string]entry {
	out := map[string]entry{}
	if node.Kind != yaml.MappingNode {
		r.fault(node, "want a map of %s", strings.Join(allowed, ", "))
		return out
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		switch _, twice := out[key.Value]; {
		case !slices.Contains(allowed, key.Value):
			r.fault(key, "%q is not a key here: want one of %s", key.Value, strings.Join(allowed, ", "))
		case twice:
			r.fault(key, "%q twice", key.Value)
		default:
			out[key.Value] = entry{key, node.Content[i+1]}
		}
	}
	return out
}

func (r *reader) points(text []byte) (out []model.PainPoint) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s: %w", r.file, err))
		return nil
	}
	if len(document.Content) == 0 {
		r.faults = append(r.faults, fmt.Errorf("%s: is empty: want a list below painpoints", r.file))
		return nil
	}
	list, ok := r.fields(document.Content[0], "painpoints")["painpoints"]
	if !ok {
		return nil
	}
	if list.value.Kind != yaml.SequenceNode {
		r.fault(list.value, "want a list of pain points")
		return nil
	}
	for _, node := range list.value.Content {
		if p, ok := r.point(node); ok {
			out = append(out, p)
		}
	}
	return out
}

// forms are the keys that say what makes an incident.
func forms() []string { return []string{"order", "ticket", "event", "answer", "return", "outreach"} }

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

func (r *reader) point(node *yaml.Node) (model.PainPoint, bool) {
	before := len(r.faults)
	fields := r.fields(node, append([]string{"name", "label", "unit", "window", "severity"}, forms()...)...)
	p := model.PainPoint{WindowDays: defaultWindow}
	if name, ok := fields["name"]; ok {
		p.Name = r.name(name.value)
	} else {
		r.fault(node, "a pain point needs a name")
	}
	p.Label = p.Name
	if label, ok := fields["label"]; ok {
		p.Label = r.text(label.value)
	}
	if window, ok := fields["window"]; ok {
		span := r.span(window.value)
		if span%model.Day != 0 || span > 3650*model.Day {
			r.fault(window.value, "window: want whole days, at most 3650d")
		}
		p.WindowDays = int(span / model.Day)
	}
	r.form(node, fields, &p)
	if unit, ok := fields["unit"]; ok {
		p.Unit = r.text(unit.value)
	}
	if severity, ok := fields["severity"]; ok {
		r.severity(severity.value, &p.Rule)
	}
	return p, len(r.faults) == before
}

func (r *reader) name(node *yaml.Node) string {
	name := r.text(node)
	switch owner := r.seen[name]; {
	case !identifier.MatchString(name):
		r.fault(node, "name %q: want up to 48 lower-case letters, digits and _, a letter first", name)
	case owner != "":
		r.fault(node, "name %q is taken by %s", name, owner)
	default:
		r.seen[name] = fmt.Sprintf("%s:%d", r.file, node.Line)
	}
	return name
}

// severity counts the days or hours beyond the span.
func (r *reader) severity(node *yaml.Node, rule *model.IncidentRule) {
	step, ok := map[string]time.Duration{"days": model.Day, "hours": time.Hour}[r.text(node)]
	switch {
	case !ok:
		r.fault(node, "severity: want days or hours")
	case rule.To == "":
		r.fault(node, "severity: only what is measured by a span has one")
	default:
		rule.SeverityStep, rule.SeverityCeiling = int64(step/time.Second), mostSteps
	}
}

func (r *reader) text(node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode || node.Value == "" {
		r.fault(node, "want a text")
	}
	return node.Value
}

func (r *reader) span(node *yaml.Node) time.Duration {
	d, err := config.ParseDuration(r.text(node))
	if err != nil || d <= 0 {
		r.fault(node, "%q is no span: want a number with its unit, such as 6d, 36h or 1d12h", node.Value)
	}
	return d.Std()
}

func (r *reader) number(node *yaml.Node) float64 {
	var v float64
	if err := node.Decode(&v); err != nil || v-v != 0 {
		r.fault(node, "%q is no number", node.Value)
	}
	return v
}

// texts reads a text or a list of them.
func (r *reader) texts(node *yaml.Node) []string {
	if node.Kind != yaml.SequenceNode {
		return []string{r.text(node)}
	}
	out := []string{}
	for _, n := range node.Content {
		out = append(out, r.text(n))
	}
	if len(out) == 0 {
		r.fault(node, "an empty list fits nothing")
	}
	return out
}
