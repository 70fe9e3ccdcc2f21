package painfile

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/churnwatch/churnwatch/model"
)

// form reads the one key that says what makes an incident.
func (r *reader) form(node *yaml.Node, fields map[string]entry, p *model.PainPoint) {
	var found []string
	for _, form := range forms() {
		if _, ok := fields[form]; ok {
			found = append(found, form)
		}
	}
	if len(found) != 1 {
		r.fault(node, "pain point %s has %d forms: want one of %s", p.Name, len(found), strings.Join(forms(), ", "))
		return
	}
	value := fields[found[0]].value
	read := map[string]func(*yaml.Node) model.IncidentRule{
		"order": r.order, "ticket": r.ticket, "event": r.event, "answer": r.answer, "return": r.back, "outreach": r.outreach,
	}[found[0]]
	p.Rule = read(value)
	columns, _ := model.IncidentColumnsOf(p.Rule.Of)
	p.Unit = columns.Unit
	if p.Rule.From == "" {
		p.Rule.From = columns.From
	}
}

// order: conditions on its columns, at a date or longer than a span between two.
func (r *reader) order(node *yaml.Node) model.IncidentRule {
	rule := model.IncidentRule{Of: model.Orders}
	fields := r.fields(node, "where", "from", "to", "longer_than")
	columns, _ := model.IncidentColumnsOf(model.Orders)
	date := func(key string) string {
		e, ok := fields[key]
		if !ok {
			return ""
		}
		if !slices.Contains(columns.Dates, e.value.Value) {
			r.fault(e.value, "%q is no date of an order: want one of %s", e.value.Value, strings.Join(columns.Dates, ", "))
		}
		return e.value.Value
	}
	rule.From, rule.To = date("from"), date("to")
	span, spanned := fields["longer_than"]
	if spanned != (rule.To != "") {
		r.fault(node, "to and longer_than go together")
	}
	if spanned {
		rule.SpanSeconds = int64(r.span(span.value) / time.Second)
	}
	if rule.To != "" && rule.To == rule.From {
		r.fault(node, "from and to are the same date")
	}
	if where, ok := fields["where"]; ok {
		if where.value.Kind != yaml.SequenceNode {
			r.fault(where.value, "where: want a list of conditions")
		}
		for _, n := range where.value.Content {
			rule.Where = append(rule.Where, r.condition(n, columns))
		}
	}
	if len(rule.Where) == 0 && rule.To == "" && rule.From == "" {
		r.fault(node, "every order would be an incident: want where, from, or to with longer_than")
	}
	return rule
}

// condition reads {column: c, is: text} and the like.
func (r *reader) condition(node *yaml.Node, columns model.IncidentColumns) (c model.IncidentCondition) {
	fields := r.fields(node, "column", "is", "is_not", "above", "below")
	column, ok := fields["column"]
	if !ok || len(fields) != 2 {
		r.fault(node, "a condition has a column and one of is, is_not, above, below")
		return c
	}
	c.Column = r.text(column.value)
	for op, e := range fields {
		allowed := columns.Texts
		switch op {
		case "column":
			continue
		case "is", "is_not":
			c.Texts = r.texts(e.value)
		default:
			allowed, c.Number = columns.Numbers, r.number(e.value)
		}
		c.Op = op
		if !slices.Contains(allowed, c.Column) {
			r.fault(column.value, "%q can't be compared by %s: want one of %s", c.Column, op, strings.Join(allowed, ", "))
		}
	}
	return c
}

// ticket: by topic or tag, open for longer than a span or without a reply.
func (r *reader) ticket(node *yaml.Node) model.IncidentRule {
	fields := r.fields(node, "topic", "tag", "open_longer_than", "no_reply_within")
	rule := model.IncidentRule{Of: model.Tickets, Where: r.comparisons(fields, map[string]model.IncidentCondition{
		"topic": {Column: "topic", Op: "is"}, "tag": {Column: "tags", Op: "tagged"},
	})}
	if _, ok := fields["no_reply_within"]; ok {
		if e, both := fields["open_longer_than"]; both {
			r.fault(e.key, "open_longer_than and no_reply_within: want one")
		}
	}
	r.absence(fields, "open_longer_than", "resolved_at", &rule)
	r.absence(fields, "no_reply_within", "answered_at", &rule)
	return r.some(node, rule)
}

// event: by name, its value above or below a number, or of one article.
func (r *reader) event(node *yaml.Node) model.IncidentRule {
	fields := r.fields(node, "name", "above", "below", "sku")
	if _, ok := fields["name"]; !ok {
		r.fault(node, "an event needs its name")
	}
	return model.IncidentRule{Of: model.Events, Where: r.comparisons(fields, map[string]model.IncidentCondition{
		"name": {Column: "name", Op: "is"}, "sku": {Column: "sku", Op: "is"},
		"above": {Column: "value", Op: "above"}, "below": {Column: "value", Op: "below"},
	})}
}

// answer: a score below or above a number, by touchpoint, kind or tag.
func (r *reader) answer(node *yaml.Node) model.IncidentRule {
	fields := r.fields(node, "touchpoint", "kind", "tag", "below", "above", "points_below")
	_, below := fields["below"]
	_, above := fields["above"]
	if _, kind := fields["kind"]; (below || above) && !kind {
		r.fault(node, "a score is on the scale of its kind: name the kind, or use points_below on 0 to 100")
	}
	rule := model.IncidentRule{Of: model.Responses, Where: r.comparisons(fields, map[string]model.IncidentCondition{
		"touchpoint": {Column: "touchpoint", Op: "is"}, "kind": {Column: "kind", Op: "is"}, "tag": {Column: "tags", Op: "tagged"},
		"below": {Column: "score", Op: "below"}, "above": {Column: "score", Op: "above"}, "points_below": {Column: "points", Op: "below"},
	})}
	return r.some(node, rule)
}

// back: a return for one of several reasons.
func (r *reader) back(node *yaml.Node) model.IncidentRule {
	fields := r.fields(node, "reasons")
	rule := model.IncidentRule{Of: model.Orders, From: "returned_at", Where: r.comparisons(fields, map[string]model.IncidentCondition{
		"reasons": {Column: "return_reason", Op: "is"},
	})}
	return r.some(node, rule)
}

// outreach: a message that nobody replied to within a span.
func (r *reader) outreach(node *yaml.Node) model.IncidentRule {
	fields := r.fields(node, "kind", "channel", "template", "no_reply_within")
	rule := model.IncidentRule{Of: model.Outreach, Where: r.comparisons(fields, map[string]model.IncidentCondition{
		"kind": {Column: "kind", Op: "is"}, "channel": {Column: "channel", Op: "is"}, "template": {Column: "template", Op: "is"},
	})}
	if _, ok := fields["no_reply_within"]; !ok {
		r.fault(node, "outreach needs no_reply_within")
	}
	r.absence(fields, "no_reply_within", "replied_at", &rule)
	return rule
}

// comparisons reads the keys that compare a column, in the order of their names.
func (r *reader) comparisons(fields map[string]entry, known map[string]model.IncidentCondition) (out []model.IncidentCondition) {
	for _, key := range []string{"above", "below", "channel", "kind", "name", "points_below", "reasons", "sku", "tag", "template", "topic", "touchpoint"} {
		c, ok := known[key]
		e, given := fields[key]
		if !ok || !given {
			continue
		}
		if c.Op == "above" || c.Op == "below" {
			c.Number = r.number(e.value)
		} else {
			c.Texts = r.texts(e.value)
		}
		out = append(out, c)
	}
	return out
}

// absence reads a span that ends without a date.
func (r *reader) absence(fields map[string]entry, key, date string, rule *model.IncidentRule) {
	if e, ok := fields[key]; ok {
		rule.To, rule.SpanSeconds = date, int64(r.span(e.value)/time.Second)
	}
}

// some refuses a rule that every fact fulfils.
func (r *reader) some(node *yaml.Node, rule model.IncidentRule) model.IncidentRule {
	if len(rule.Where) == 0 && rule.To == "" {
		r.fault(node, "no condition: every one would be an incident")
	}
	return rule
}
