package playbook

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/model"
)

// Experiment varies one step of a playbook by chance: some customers get it as
// it stands, others another way, and what becomes of them tells which is better.
type Experiment struct {
	Name string `json:"name"`
	Vary Vary   `json:"vary"`
	// Step is the one that is varied.
	Step string `json:"step"`
	// Measure decides which is better.
	Measure model.ExperimentMeasure `json:"measure"`
	// Segments are the groups of the last answer of those who take part; empty is
	// everybody. The others get the step as it stands.
	Segments []model.AnswerGroup `json:"segments,omitempty"`
	// Variants are compared with the first.
	Variants []Variant `json:"variants"`
	// From says where it was written: a file and line.
	From string `json:"from"`
}

// Vary is what an experiment varies.
type Vary string

// What may be varied.
const (
	Tone   Vary = "tone"
	Timing Vary = "timing"
	Offer  Vary = "offer"
)

// Variant is one way of a step. What it does not say is as the step says.
type Variant struct {
	Name string `json:"name"`
	// Share is that of the customers who get it, 0 to 1.
	Share     float64    `json:"share"`
	After     *Span      `json:"after,omitempty"`
	Offer     *string    `json:"offer,omitempty"`
	Templates []Template `json:"templates,omitempty"`
}

// Design says how customers are assigned to the variants.
func (p *Playbook) Design() model.ExperimentDesign {
	e := p.Experiment
	d := e.arms()
	d.Playbook, d.Vary, d.Measure = p.Name, string(e.Vary), e.Measure
	content := struct {
		Segments []model.AnswerGroup
		Steps    [][]Step
	}{Segments: e.Segments}
	for _, v := range e.Variants {
		content.Steps = append(content.Steps, p.Varied(v.Name).Steps)
	}
	text, err := json.Marshal(content)
	if err != nil {
		panic(err) // Plain fields: they always have a text.
	}
	sum := sha256.Sum256(text)
	d.Content = hex.EncodeToString(sum[:8])
	return d
}

func (e *Experiment) arms() model.ExperimentDesign {
	d := model.ExperimentDesign{Name: e.Name}
	for _, v := range e.Variants {
		d.Variants = append(d.Variants, model.ExperimentShare{Name: v.Name, Share: v.Share})
	}
	return d
}

// Assign returns the variant of a customer.
func (e *Experiment) Assign(customer string) string { return e.arms().Assign(customer) }

// Designs are those of every experiment in force.
func Designs(all []Playbook) (out []model.ExperimentDesign) {
	for i := range all {
		if p := &all[i]; p.Enabled && p.Experiment != nil {
			out = append(out, p.Design())
		}
	}
	return out
}

// TakesPart reports whether customers of a segment are in the experiment.
func (e *Experiment) TakesPart(segment model.AnswerGroup) bool {
	return len(e.Segments) == 0 || slices.Contains(e.Segments, segment)
}

// Offers reports whether a step makes an offer, in any variant.
func (p *Playbook) Offers() bool {
	offers := func(s Step) bool {
		return slices.ContainsFunc(s.Templates, func(t Template) bool { return s.Offers(t) != "" })
	}
	if slices.ContainsFunc(p.Steps, offers) {
		return true
	}
	return p.Experiment != nil && slices.ContainsFunc(p.Experiment.Variants, func(v Variant) bool {
		return slices.ContainsFunc(p.Varied(v.Name).Steps, offers)
	})
}

// Varied returns the playbook as a variant has it.
func (p *Playbook) Varied(variant string) *Playbook {
	out := *p
	out.Steps = slices.Clone(p.Steps)
	at := slices.IndexFunc(out.Steps, func(s Step) bool { return s.Name == p.Experiment.Step })
	for _, v := range p.Experiment.Variants {
		if v.Name != variant || at < 0 {
			continue
		}
		step := &out.Steps[at]
		if v.After != nil {
			step.After = *v.After
		}
		if v.Templates != nil {
			step.Templates = v.Templates
		}
		if v.Offer != nil {
			step.Offer = *v.Offer
			if v.Templates == nil {
				step.Templates = offerless(step.Templates)
			}
		}
	}
	return &out
}

// offerless are templates that offer what their step does.
func offerless(all []Template) []Template {
	out := slices.Clone(all)
	for i := range out {
		out[i].Offer = ""
	}
	return out
}

// The numbers of variants that an experiment may have: each more takes more
// customers to tell apart.
const leastVariants, mostVariants = 2, 5

// experiment reads a playbook's experiment, whose steps are read.
func (r *reader) experiment(node *yaml.Node, p *Playbook) *Experiment {
	f := r.fields(node, "name", "vary", "step", "measure", "segments", "variants")
	e := &Experiment{Measure: model.MeasureRetention, From: fmt.Sprintf("%s:%d", r.file, node.Line)}
	e.Name = r.name(f, "an experiment")
	if e.Name == model.HoldoutExperiment {
		r.fault(f.of["name"], "name %q is that of the experiment that is always on: want another", e.Name)
	}
	if _, ok := f.of["vary"]; !ok {
		r.fault(node, "an experiment needs vary: tone, timing or offer")
	}
	choose(r, f, "vary", &e.Vary, Tone, Timing, Offer)
	choose(r, f, "measure", &e.Measure, model.ExperimentMeasures()...)
	for _, text := range r.texts(f, "segments") {
		group := model.AnswerGroup(text)
		if !slices.Contains(model.AnswerGroups(), group) {
			r.fault(f.of["segments"], "segments: %q: want some of promoter, passive, detractor", text)
		}
		e.Segments = append(e.Segments, group)
	}
	if len(p.Steps) > 0 {
		e.Step = p.Steps[0].Name
	}
	r.word(f, "step", &e.Step)
	if !slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Name == e.Step }) {
		r.fault(node, "step %q: the playbook has none of that name", e.Step)
	}
	list, ok := f.of["variants"]
	if !ok {
		r.fault(node, "an experiment needs variants")
		return e
	}
	r.variants(list, p, e)
	return e
}

// variants reads an experiment's variants.
func (r *reader) variants(list *yaml.Node, p *Playbook, e *Experiment) {
	seen, given := map[string]int{}, 0
	for _, node := range r.list(list) {
		v := r.variant(node, e.Vary)
		if line, twice := seen[v.Name]; twice && v.Name != "" {
			r.fault(node, "variant %q stands at line %d already", v.Name, line)
		}
		if v.Share > 0 {
			given++
		}
		seen[v.Name] = node.Line
		e.Variants = append(e.Variants, v)
	}
	if n := len(e.Variants); n < leastVariants || n > mostVariants {
		r.fault(list, "an experiment has %d to %d variants: here are %d", leastVariants, mostVariants, n)
		return
	}
	r.shares(list, e, given)
	r.tellApart(list, p, e)
}

// shares are all given or none, and add up to all customers.
func (r *reader) shares(list *yaml.Node, e *Experiment, given int) {
	sum := 0.0
	for i := range e.Variants {
		if given == 0 {
			e.Variants[i].Share = 1 / float64(len(e.Variants))
		}
		sum += e.Variants[i].Share
	}
	switch {
	case given > 0 && given < len(e.Variants):
		r.fault(list, "share: give it to all variants or to none")
	case math.Abs(sum-1) > 1e-9:
		r.fault(list, "share: the shares of the variants add up to %g: want 1", sum)
	}
}

// tellApart refuses variants that do the same, or put steps out of order.
func (r *reader) tellApart(list *yaml.Node, p *Playbook, e *Experiment) {
	p.Experiment = e
	does := map[string]string{}
	for i, v := range e.Variants {
		steps := p.Varied(v.Name).Steps
		text, err := json.Marshal(steps)
		if err != nil {
			panic(err) // Plain fields: they always have a text.
		}
		if other, twice := does[string(text)]; twice {
			r.fault(list.Content[i], "variants %q and %q do the same", other, v.Name)
		}
		does[string(text)] = v.Name
		if !slices.IsSortedFunc(steps, func(a, b Step) int { return int(min(max(a.After-b.After, -1), 1)) }) {
			r.fault(list.Content[i], "variant %q puts step %q out of its place between the others", v.Name, e.Step)
		}
	}
}

func (r *reader) variant(node *yaml.Node, vary Vary) (v Variant) {
	allowed := []string{"name", "share"}
	switch vary {
	case Tone:
		allowed = append(allowed, "template", "templates")
	case Timing:
		allowed = append(allowed, "after")
	case Offer:
		allowed = append(allowed, "offer", "template", "templates")
	}
	f := r.fields(node, allowed...)
	v.Name = r.name(f, "a variant")
	if n, ok := f.of["share"]; ok {
		if share := r.number(f, "share"); !(*share > 0 && *share < 1) {
			r.fault(n, "share: %q: want a number between 0 and 1", n.Value)
		} else {
			v.Share = *share
		}
	}
	if _, ok := f.of["after"]; ok {
		v.After = new(Span)
		r.span(f, "after", v.After)
	}
	if _, ok := f.of["offer"]; ok {
		v.Offer = new(string)
		if r.word(f, "offer", v.Offer); *v.Offer == noOffer {
			*v.Offer = ""
		}
	}
	if f.of["template"] != nil || f.of["templates"] != nil {
		var s Step
		r.templates(f, &s)
		v.Templates = s.Templates
	}
	return v
}

// noOffer is how a variant says that it makes none.
const noOffer = "none"

// experimentsApart refuses the same name for the experiments of two playbooks.
func experimentsApart(all []Playbook) (faults []error) {
	of := map[string]string{}
	for i := range all {
		e := all[i].Experiment
		if e == nil || e.Name == "" {
			continue
		}
		if other, twice := of[e.Name]; twice {
			faults = append(faults, fmt.Errorf("%s: experiment %q is one of playbook %q already: want another name", e.From, e.Name, other))
		}
		of[e.Name] = all[i].Name
	}
	return faults
}
