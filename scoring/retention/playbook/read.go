package playbook

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/model"
)

// Source is a file of playbooks.
type Source struct{ Name, Text string }

// Read reads the playbooks of several sources in their order. A playbook of a
// later source takes the place of one of the same name of an earlier one; twice
// in one source is a fault. The error says everything that is wrong, one a
// line, with file and line.
func Read(sources ...Source) ([]Playbook, error) {
	var out []Playbook
	var faults []error
	for _, s := range sources {
		r := &reader{file: s.Name}
		for _, p := range r.playbooks(s.Text) {
			i := slices.IndexFunc(out, func(q Playbook) bool { return q.Name == p.Name })
			if i < 0 {
				out = append(out, p)
			} else {
				out[i] = p
			}
		}
		faults = append(faults, r.faults...)
	}
	faults = append(faults, experimentsApart(out)...)
	if err := errors.Join(faults...); err != nil {
		return nil, model.Errorf(model.KindInvalid, "playbooks:\n%w", err)
	}
	return out, nil
}

// reader reads one source and collects what is wrong.
type reader struct {
	file   string
	faults []error
}

func (r *reader) fault(at *yaml.Node, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s:%d: "+format, append([]any{r.file, at.Line}, args...)...))
}

// fields are the keys of a map with their values, and where the map stands.
type fields struct {
	at *yaml.Node
	of map[string]*yaml.Node
}

// fields reads a map, refusing names that are not allowed or stand twice.
func (r *reader) fields(node *yaml.Node, allowed ...string) fields {
	out := fields{node, map[string]*yaml.Node{}}
	if node.Kind != yaml.MappingNode {
		r.fault(node, "want a map of %s", strings.Join(allowed, ", "))
		return out
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		switch _, twice := out.of[key.Value]; {
		case !slices.Contains(allowed, key.Value):
			r.fault(key, "%q is not a key here: want one of %s", key.Value, strings.Join(allowed, ", "))
		case twice:
			r.fault(key, "%q twice", key.Value)
		default:
			out.of[key.Value] = node.Content[i+1]
		}
	}
	return out
}

func (r *reader) playbooks(text string) (out []Playbook) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s: %w", r.file, err))
		return nil
	}
	if len(document.Content) == 0 {
		r.faults = append(r.faults, fmt.Errorf("%s: is empty: want a list below playbooks", r.file))
		return nil
	}
	f := r.fields(document.Content[0], "playbooks")
	list, ok := f.of["playbooks"]
	if !ok {
		r.fault(f.at, "want a list below playbooks")
		return nil
	}
	seen := map[string]int{}
	for _, node := range r.list(list) {
		p := r.playbook(node)
		if line, twice := seen[p.Name]; twice && p.Name != "" {
			r.fault(node, "playbook %q stands at line %d already", p.Name, line)
		}
		seen[p.Name] = node.Line
		out = append(out, p)
	}
	return out
}

// What a playbook means that does not say.
const (
	defaultStale   = Span(7 * model.Day)
	defaultExpires = Span(7 * model.Day)
)

func (r *reader) playbook(node *yaml.Node) Playbook {
	f := r.fields(node, "name", "label", "rule", "enabled", "when", "for", "rearm", "stale", "purpose", "track", "stop", "holdout", "experiment", "steps")
	p := Playbook{
		Enabled: true, Holdout: true, Stale: defaultStale, Purpose: Service, Track: Neutral,
		From: fmt.Sprintf("%s:%d", r.file, node.Line),
	}
	p.Name = r.name(f, "a playbook")
	p.Label, p.Rule = r.optional(f, "label"), r.optional(f, "rule")
	if p.Label == "" {
		p.Label = p.Name
	}
	r.boolean(f, "enabled", &p.Enabled)
	r.boolean(f, "holdout", &p.Holdout)
	r.span(f, "rearm", &p.Rearm)
	r.span(f, "stale", &p.Stale)
	choose(r, f, "purpose", &p.Purpose, Service, Marketing, Transactional)
	choose(r, f, "track", &p.Track, Care, Reinforce, Neutral)
	if n, ok := f.of["for"]; ok {
		p.For = r.customers(n)
	}
	if n, ok := f.of["stop"]; ok {
		p.Stop = r.stop(n)
	}
	if n, ok := f.of["when"]; ok {
		p.When = r.when(n)
	} else {
		r.fault(node, "a playbook needs when")
	}
	if n, ok := f.of["steps"]; ok {
		p.Steps = r.steps(n)
	}
	if len(p.Steps) == 0 {
		r.fault(node, "a playbook needs steps")
	}
	if n, ok := f.of["experiment"]; ok {
		p.Experiment = r.experiment(n, &p)
	}
	return p
}

func (r *reader) customers(node *yaml.Node) For {
	f := r.fields(node, "all", "any", "tier", "channel", "region")
	return For{
		All: r.conditions(f, "all"), Any: r.conditions(f, "any"),
		Tier: r.texts(f, "tier"), Channel: r.texts(f, "channel"), Region: r.texts(f, "region"),
	}
}

func (r *reader) stop(node *yaml.Node) (s Stop) {
	f := r.fields(node, "unanswered", "new_answer", "ordered", "resolved")
	r.whole(f, "unanswered", 1, 20, &s.Unanswered)
	r.boolean(f, "new_answer", &s.NewAnswer)
	r.boolean(f, "ordered", &s.Ordered)
	r.boolean(f, "resolved", &s.Resolved)
	return s
}

func (r *reader) steps(node *yaml.Node) (out []Step) {
	seen := map[string]int{}
	for _, n := range r.list(node) {
		s := r.step(n)
		if line, twice := seen[s.Name]; twice && s.Name != "" {
			r.fault(n, "step %q stands at line %d already", s.Name, line)
		}
		if len(out) > 0 && s.After < out[len(out)-1].After {
			r.fault(n, "step %q comes before the one above it: order them by after", s.Name)
		}
		seen[s.Name] = n.Line
		out = append(out, s)
	}
	return out
}

func (r *reader) step(node *yaml.Node) Step {
	f := r.fields(node, "name", "after", "if", "within", "urgency", "action", "channel", "owner", "ask", "offer",
		"template", "templates", "escalate", "expires", "closing")
	s := Step{Urgency: model.UrgencyMedium, Action: "message", Channel: "email", Owner: "care", Expires: defaultExpires}
	s.Name = r.name(f, "a step")
	r.span(f, "after", &s.After)
	r.span(f, "expires", &s.Expires)
	s.If = r.conditions(f, "if")
	if _, ok := f.of["within"]; !ok {
		r.fault(node, "a step needs within: how long after its moment it is due")
	}
	r.span(f, "within", &s.Within)
	choose(r, f, "urgency", &s.Urgency, model.Urgencies()...)
	r.word(f, "action", &s.Action)
	r.word(f, "channel", &s.Channel)
	r.word(f, "owner", &s.Owner)
	r.word(f, "ask", &s.Ask)
	r.word(f, "offer", &s.Offer)
	r.boolean(f, "closing", &s.Closing)
	r.templates(f, &s)
	if n, ok := f.of["escalate"]; ok {
		e := r.fields(n, "after", "to")
		var after Span
		r.span(e, "after", &after)
		s.EscalateAfter = &after
		r.word(e, "to", &s.EscalateTo)
		if s.EscalateTo == "" {
			r.fault(n, "escalate needs to: who gets it")
		}
	}
	return s
}

// templates reads template, which fits always, or templates by situation.
func (r *reader) templates(f fields, s *Step) {
	one, several := f.of["template"], f.of["templates"]
	switch {
	case (one == nil) == (several == nil):
		r.fault(f.at, "a step needs one of template, templates")
	case one != nil:
		s.Templates = []Template{{Key: r.text(one)}}
	default:
		for _, n := range r.list(several) {
			t := r.fields(n, "if", "key", "offer")
			key, ok := t.of["key"]
			if !ok {
				r.fault(n, "a template needs its key")
				continue
			}
			template := Template{If: r.conditions(t, "if"), Key: r.text(key)}
			r.word(t, "offer", &template.Offer)
			s.Templates = append(s.Templates, template)
		}
		if n := len(s.Templates); n == 0 || len(s.Templates[n-1].If) > 0 {
			r.fault(several, "the last template must fit always: it may have no if")
		}
	}
}

func (r *reader) conditions(f fields, key string) (out []Condition) {
	for _, text := range r.texts(f, key) {
		word, not := strings.CutPrefix(text, "not ")
		word = strings.TrimSpace(word)
		if !known(word) {
			r.fault(f.of[key], "%s: %q is no condition: want one of %s", key, word, strings.Join(names(), ", "))
		}
		out = append(out, Condition{Word: word, Not: not})
	}
	return out
}

func names() []string {
	out := make([]string, 0, len(Words()))
	for _, w := range Words() {
		out = append(out, w.Name)
	}
	return out
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

func (r *reader) name(f fields, what string) string {
	node, ok := f.of["name"]
	if !ok {
		r.fault(f.at, "%s needs a name", what)
		return ""
	}
	name := r.text(node)
	if !identifier.MatchString(name) {
		r.fault(node, "name %q: want up to 48 lower-case letters, digits and _, a letter first", name)
	}
	return name
}

func (r *reader) word(f fields, key string, into *string) {
	if node, ok := f.of[key]; ok {
		*into = r.text(node)
		if !identifier.MatchString(*into) {
			r.fault(node, "%s %q: want up to 48 lower-case letters, digits and _, a letter first", key, *into)
		}
	}
}

func (r *reader) text(node *yaml.Node) string {
	if node.Kind != yaml.ScalarNode || node.Value == "" {
		r.fault(node, "want a text")
	}
	return node.Value
}

func (r *reader) optional(f fields, key string) string {
	if node, ok := f.of[key]; ok {
		return r.text(node)
	}
	return ""
}

func (r *reader) list(node *yaml.Node) []*yaml.Node {
	if node.Kind != yaml.SequenceNode {
		r.fault(node, "want a list")
		return nil
	}
	return node.Content
}

// texts reads a text or a list of them.
func (r *reader) texts(f fields, key string) (out []string) {
	node, ok := f.of[key]
	if !ok {
		return nil
	}
	if node.Kind != yaml.SequenceNode {
		return []string{r.text(node)}
	}
	for _, n := range node.Content {
		out = append(out, r.text(n))
	}
	if len(out) == 0 {
		r.fault(node, "an empty list fits nothing")
	}
	return out
}

func (r *reader) boolean(f fields, key string, into *bool) {
	if node, ok := f.of[key]; ok && node.Decode(into) != nil {
		r.fault(node, "%s: %q: want true or false", key, node.Value)
	}
}

func (r *reader) whole(f fields, key string, low, high int, into *int) {
	if node, ok := f.of[key]; ok {
		if err := node.Decode(into); err != nil || *into < low || *into > high {
			r.fault(node, "%s: %q: want a whole number, %d to %d", key, node.Value, low, high)
		}
	}
}

func (r *reader) number(f fields, key string) *float64 {
	node, ok := f.of[key]
	if !ok {
		return nil
	}
	var v float64
	if err := node.Decode(&v); err != nil || v-v != 0 {
		r.fault(node, "%s: %q is no number", key, node.Value)
	}
	return &v
}

func (r *reader) span(f fields, key string, into *Span) {
	node, ok := f.of[key]
	if !ok {
		return
	}
	d, ok := parseSpan(node.Value)
	if !ok || node.Kind != yaml.ScalarNode {
		r.fault(node, "%s: %q is no span: want a number with its unit, such as 2h, 14d or 1d12h", key, node.Value)
	}
	*into = Span(d)
}

// parseSpan reads whole days, then anything that time.ParseDuration reads, up
// to ten years.
func parseSpan(text string) (time.Duration, bool) {
	var d time.Duration
	if days, rest, found := strings.Cut(text, "d"); found {
		n, err := strconv.ParseUint(days, 10, 12)
		if err != nil {
			return 0, false
		}
		d, text = time.Duration(n)*model.Day, rest
		if rest == "" {
			return d, d <= 3650*model.Day
		}
	}
	more, err := time.ParseDuration(text)
	d += more
	return d, err == nil && more >= 0 && d <= 3650*model.Day
}

// choose reads one of several words.
func choose[T ~string](r *reader, f fields, key string, into *T, allowed ...T) {
	node, ok := f.of[key]
	if !ok {
		return
	}
	if *into = T(node.Value); !slices.Contains(allowed, *into) {
		list := make([]string, len(allowed))
		for i, a := range allowed {
			list[i] = string(a)
		}
		r.fault(node, "%s: %q: want one of %s", key, node.Value, strings.Join(list, ", "))
	}
}
