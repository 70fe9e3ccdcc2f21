package playbook

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/model"
)

// forms are the keys that say what sets a playbook off, each with the keys that
// it may have.
var forms = map[model.SignalKind][]string{
	model.SignalAnswer:   {"kinds", "groups", "from", "to"},
	model.SignalRisk:     {"from", "rearm_below"},
	model.SignalDrift:    {},
	model.SignalDecline:  {},
	model.SignalIncident: {"painpoints", "severity_from"},
	model.SignalEvent:    {"names", "from", "to"},
	model.SignalOrder:    {},
	model.SignalDelivery: {},
	model.SignalResolved: {"of"},
	model.SignalRenewal:  {"days_before"},
	model.SignalTrialEnd: {},
	model.SignalSilence:  {"surveys"},
	model.SignalGroup:    {"by", "least", "share"},
}

// formNames returns them in one order.
func formNames() []string {
	out := make([]string, 0, len(forms))
	for kind := range forms {
		out = append(out, string(kind))
	}
	slices.Sort(out)
	return out
}

// when reads the one key that says what sets a playbook off. A form without
// anything to say is written as its name alone: when: drift.
func (r *reader) when(node *yaml.Node) When {
	if node.Kind == yaml.ScalarNode {
		if _, ok := forms[model.SignalKind(node.Value)]; !ok {
			r.fault(node, "when: %q is no trigger: want one of %s", node.Value, strings.Join(formNames(), ", "))
		}
		return r.form(model.SignalKind(node.Value), fields{node, map[string]*yaml.Node{}})
	}
	f := r.fields(node, formNames()...)
	if len(f.of) != 1 {
		r.fault(node, "when has %d triggers: want one of %s", len(f.of), strings.Join(formNames(), ", "))
		return When{}
	}
	for name, value := range f.of {
		kind := model.SignalKind(name)
		return r.form(kind, r.fields(value, forms[kind]...))
	}
	return When{}
}

func (r *reader) form(kind model.SignalKind, f fields) When {
	w := When{Kind: kind}
	w.Least, w.Most = r.number(f, "from"), r.number(f, "to")
	switch kind {
	case model.SignalAnswer:
		w.Words = r.texts(f, "kinds")
		for _, k := range w.Words {
			if model.AnswerGroupOf(k, 0) == "" {
				r.fault(f.of["kinds"], "kinds: %q: want nps, csat, ces, rating or sentiment", k)
			}
		}
		if (w.Least != nil || w.Most != nil) && len(w.Words) != 1 {
			r.fault(f.at, "from and to are on the scale of one kind: name it, or use groups")
		}
		for _, g := range r.texts(f, "groups") {
			if !slices.Contains(model.AnswerGroups(), model.AnswerGroup(g)) {
				r.fault(f.of["groups"], "groups: %q: want promoter, passive or detractor", g)
			}
			w.Groups = append(w.Groups, model.AnswerGroup(g))
		}
	case model.SignalRisk:
		r.risk(f, &w)
	case model.SignalIncident:
		w.Words, w.Least = r.texts(f, "painpoints"), r.number(f, "severity_from")
		r.some(f, w.Words, "painpoints")
	case model.SignalEvent:
		w.Words = r.texts(f, "names")
		r.some(f, w.Words, "names")
	case model.SignalResolved:
		w.Words = r.texts(f, "of")
		for _, of := range w.Words {
			if of != "ticket" && of != "outreach" {
				r.fault(f.of["of"], "of: %q: want ticket or outreach", of)
			}
		}
	case model.SignalRenewal:
		w.Days = 30
		r.whole(f, "days_before", 1, 365, &w.Days)
	case model.SignalSilence:
		w.Surveys = 2
		r.whole(f, "surveys", 1, 20, &w.Surveys)
	case model.SignalGroup:
		r.group(f, &w)
	case model.SignalDrift, model.SignalDecline, model.SignalOrder, model.SignalDelivery, model.SignalTrialEnd:
	}
	return w
}

// risk reads a level and the lower one that arms it again.
func (r *reader) risk(f fields, w *When) {
	if w.Least == nil || !(*w.Least > 0 && *w.Least < 1) {
		r.fault(f.at, "risk needs from: the probability that is crossed, between 0 and 1")
		return
	}
	w.Rearm = *w.Least
	if rearm := r.number(f, "rearm_below"); rearm != nil {
		w.Rearm = *rearm
	}
	if !(w.Rearm > 0 && w.Rearm <= *w.Least) {
		r.fault(f.at, "rearm_below %v: want more than 0 and not more than from, which is %v", w.Rearm, *w.Least)
	}
}

// group reads how many customers with what in common decline together.
func (r *reader) group(f fields, w *When) {
	w.By, w.Share = "company_id", 0.5
	r.word(f, "by", &w.By)
	if !slices.Contains(model.GroupDimensions(), w.By) {
		r.fault(f.at, "by: %q: want one of %s", w.By, strings.Join(model.GroupDimensions(), ", "))
	}
	least := 3
	r.whole(f, "least", 2, 1_000_000, &least)
	number := float64(least)
	w.Least = &number
	if share := r.number(f, "share"); share != nil {
		w.Share = *share
	}
	if !(w.Share > 0 && w.Share <= 1) {
		r.fault(f.at, "share %v: want more than 0, at most 1", w.Share)
	}
}

func (r *reader) some(f fields, words []string, key string) {
	if len(words) == 0 {
		r.fault(f.at, "needs %s: every one would set it off", key)
	}
}

// Fits reports whether a signal is what sets the playbook off. For a signal of
// a level that is the playbook that asked for it.
func (p *Playbook) Fits(s model.Signal) bool {
	w := p.When
	switch {
	case !p.Enabled || s.Kind != w.Kind:
		return false
	case s.Level != "":
		return s.Level == p.Name
	case len(w.Words) > 0 && !slices.Contains(w.Words, s.Word):
		return false
	case len(w.Groups) > 0 && !slices.Contains(w.Groups, model.AnswerGroupOf(s.Word, s.Number)):
		return false
	case w.Kind == model.SignalRenewal:
		return int(s.Number) == w.Days
	case w.Kind == model.SignalSilence:
		return int(s.Number) == w.Surveys
	}
	return (w.Least == nil || s.Number >= *w.Least) && (w.Most == nil || s.Number <= *w.Most)
}
