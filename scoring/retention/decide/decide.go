// Package decide says which triggers open when, and which do not and why.
//
// [Advance] goes from one instant to another: it takes what became known in
// between, in the order in which it did, and what was planned, at its moment.
// It reads no clock and keeps nothing. What it says depends on the facts and on
// the playbooks alone, not on the steps in which time is advanced: from a to c
// says the same as from a to b and then from b to c.
//
// # The order within an instant
//
// What is known as of an instant is what happened before it. So at one instant
// come first the scores published as of it, then what was planned for it (the
// largest expected net first), both on what was known before; then the facts of the
// instant itself, and what they set off at once. An advance ends in between: it
// takes the former of its last instant, and leaves the latter to the next.
package decide

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/guard"
	"github.com/churnwatch/churnwatch/scoring/retention/known"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// Input is what an advance is decided on.
type Input struct {
	From, To  time.Time
	Playbooks []playbook.Playbook
	Rules     guard.Rules
	// Holdout are the customers who get nothing, so that the rest can be compared.
	Holdout model.Holdout
	// Economics say whom it pays to contact, and who comes first where not
	// everybody can be.
	Economics model.Economics
	Signals   []model.Signal
	// Triggers are the live ones, and those that re-arming, caps and asks still
	// look back on, of every customer concerned: see Due.
	Triggers []model.Trigger
	// Opened is what opened by channel on the shop's day that From lies in.
	Opened map[string]int
	// Hotspots are the scans of the shop, oldest first; the newest one as of a
	// moment or before counts then.
	Hotspots []HotspotScan
	// Customers are the ones concerned by a signal or a trigger.
	Customers []model.RetentionCustomer
}

// HotspotScan says which open hotspots touched which customers as of an
// instant.
type HotspotScan struct {
	AsOf    time.Time
	Touched map[string][]string
}

// Output is what an advance decided.
type Output struct {
	// Triggers are new, in the order in which they were made. Each has a life.
	Triggers []model.Trigger
	Lives    []model.TriggerLife
}

// Advance decides everything between two instants.
func Advance(in Input) Output {
	a := newAdvance(in)
	for i := range in.Customers {
		a.customers[in.Customers[i].ID] = &in.Customers[i]
	}
	for channel, n := range in.Opened {
		a.opened[in.Rules.Day(in.From)+channel] = n
	}
	for i := range in.Triggers {
		t := in.Triggers[i]
		a.keep(&t)
		a.plan(&t)
	}
	a.queueFacts()
	for a.queue.Len() > 0 {
		next := heap.Pop(&a.queue).(item)
		a.now = next.at
		a.cut = next.at
		if next.phase >= factPhase {
			a.cut = next.at.Add(1) // What happens at the instant is known from here on.
		}
		a.do(next)
	}
	return a.out
}

// Due returns the customers of live triggers for which something is due until
// the advance ends: a step opens, expires or escalates. All others stay as they
// are unless a signal or a message concerns them, so that an advance need not
// know of them.
func Due(in Input, live []model.Trigger) []string {
	a := newAdvance(in)
	for i := range live {
		a.plan(&live[i])
	}
	out := make([]string, len(a.queue))
	for i := range a.queue {
		out[i] = a.queue[i].customer
	}
	return out
}

func newAdvance(in Input) *advance {
	a := &advance{
		Input: in, customers: map[string]*model.RetentionCustomer{}, triggers: map[string]*model.Trigger{},
		of: map[string][]*model.Trigger{}, opened: map[string]int{}, zones: guard.Zones{}, books: map[string]*playbook.Playbook{},
		variants: map[string]*playbook.Playbook{},
	}
	for i := range in.Playbooks {
		a.books[in.Playbooks[i].Name] = &in.Playbooks[i]
	}
	return a
}

// The phases of an instant, in their order.
const (
	scorePhase = iota
	timerPhase
	plannedPhase
	factPhase
	signalPhase
	immediatePhase
)

// item is something to do at an instant.
type item struct {
	at    time.Time
	phase int
	// net, value, customer and id order the items of a phase; what is expected to
	// bring most comes first, then the most valuable.
	net, value   float64
	customer, id string
	signal       *model.Signal
	outreach     *model.RetentionOutreach
}

func (i item) compare(j item) int {
	return cmp.Or(i.at.Compare(j.at), cmp.Compare(i.phase, j.phase), cmp.Compare(j.net, i.net), cmp.Compare(j.value, i.value),
		cmp.Compare(i.customer, j.customer), cmp.Compare(i.id, j.id))
}

// queue is a heap of items.
type queue []item //nolint:recvcheck // container/heap wants it so

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].compare(q[j]) < 0 }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)        { *q = append(*q, x.(item)) }
func (q *queue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}

// advance is the state of one.
type advance struct {
	Input

	customers map[string]*model.RetentionCustomer
	triggers  map[string]*model.Trigger
	of        map[string][]*model.Trigger // by customer
	books     map[string]*playbook.Playbook
	variants  map[string]*playbook.Playbook // by playbook and variant
	opened    map[string]int                // by day and channel
	zones     guard.Zones
	queue     queue
	out       Output

	now, cut time.Time
}

// push queues an item, what is overdue at the beginning, and leaves what comes
// after the end to the next advance.
func (a *advance) push(i item) {
	if i.at.Before(a.From) {
		i.at = a.From
	}
	if i.at.Before(a.To) || i.at.Equal(a.To) && i.phase < factPhase {
		heap.Push(&a.queue, i)
	}
}

// keep remembers a trigger.
func (a *advance) keep(t *model.Trigger) {
	a.triggers[t.ID] = t
	a.of[t.CustomerID] = append(a.of[t.CustomerID], t)
}

// queueFacts queues the signals and what is known of messages.
func (a *advance) queueFacts() {
	for i := range a.Signals {
		s := &a.Signals[i]
		phase := signalPhase
		if s.Snapshot {
			phase = scorePhase
		}
		a.push(item{at: s.VisibleAt, phase: phase, customer: s.Customer, id: string(s.Kind) + s.Key + s.Level, signal: s})
	}
	for i := range a.Customers {
		c := &a.Customers[i]
		for k := range c.Outreach {
			if o := &c.Outreach[k]; o.TriggerID != "" {
				a.push(item{at: o.VisibleAt, phase: factPhase, customer: c.ID, id: o.ID, outreach: o})
			}
		}
	}
}

// plan queues what comes next in a trigger's life.
func (a *advance) plan(t *model.Trigger) {
	switch {
	case t.Status == model.TriggerScheduled:
		a.push(a.planned(t, plannedPhase))
	case t.Status.Actionable():
		step, ok := a.step(t)
		if !ok || t.OpenedAt == nil {
			return
		}
		a.push(item{at: t.OpenedAt.Add(step.Expires.Std()), phase: timerPhase, customer: t.CustomerID, id: t.ID})
		if t.Status == model.TriggerOpen && step.EscalateAfter != nil {
			a.push(item{at: escalates(t, step), phase: timerPhase, customer: t.CustomerID, id: t.ID})
		}
	}
}

// planned is the item of a trigger that opens at its moment. Its place in the
// order is that of the score known then.
func (a *advance) planned(t *model.Trigger, phase int) item {
	out := item{at: t.PlannedAt, phase: phase, customer: t.CustomerID, id: t.ID}
	if out.at.Before(a.From) {
		out.at = a.From
	}
	score := a.score(t.CustomerID, out.at)
	if score == nil || score.ExpectedValue == nil {
		return out
	}
	out.value = *score.ExpectedValue
	if score.Probability != nil {
		out.net = a.Economics.Net(*score.Probability, out.value, t.Channel)
	}
	return out
}

// score is the one known of a customer at an instant, nil without.
func (a *advance) score(customer string, cut time.Time) *model.RetentionScore {
	if c, ok := a.customers[customer]; ok {
		return known.Customer{Of: c, Cut: cut}.Score()
	}
	return nil
}

func (a *advance) value(customer string, cut time.Time) *float64 {
	if s := a.score(customer, cut); s != nil {
		return s.ExpectedValue
	}
	return nil
}

// step finds a trigger's own in its playbook, false where a playbook was taken
// away or changed.
func (a *advance) step(t *model.Trigger) (playbook.Step, bool) {
	p, ok := a.books[t.Playbook]
	if !ok {
		return playbook.Step{}, false
	}
	p = a.varied(p, t.Experiment)
	i := slices.IndexFunc(p.Steps, func(s playbook.Step) bool { return s.Name == t.Step })
	if i < 0 {
		return playbook.Step{}, false
	}
	return p.Steps[i], true
}

// do does one item.
func (a *advance) do(i item) {
	switch i.phase {
	case scorePhase, signalPhase:
		a.signal(*i.signal)
	case timerPhase:
		a.timer(a.triggers[i.id])
	case plannedPhase, immediatePhase:
		if t := a.triggers[i.id]; t.Status == model.TriggerScheduled && !t.PlannedAt.After(i.at) {
			a.attempt(t)
		}
	case factPhase:
		a.reported(*i.outreach)
	}
}

// timer ends or escalates what was not done in time.
func (a *advance) timer(t *model.Trigger) {
	step, ok := a.step(t)
	if !ok || !t.Status.Actionable() {
		return
	}
	switch {
	case !a.now.Before(t.OpenedAt.Add(step.Expires.Std())):
		a.live(t, model.TriggerLife{Status: model.TriggerExpired, Reason: "nobody reported it done in time"})
	case t.Status == model.TriggerOpen && step.EscalateAfter != nil && !a.now.Before(escalates(t, step)):
		a.live(t, model.TriggerLife{Status: model.TriggerEscalated, Reason: "overdue", Owner: step.EscalateTo})
	}
}

// escalates is when a step that is overdue goes to somebody else; what opened
// late gets its time too.
func escalates(t *model.Trigger, step playbook.Step) time.Time {
	due := *t.DueAt
	if due.Before(*t.OpenedAt) {
		due = *t.OpenedAt
	}
	return due.Add(step.EscalateAfter.Std())
}

// reported closes a trigger whose message was sent.
func (a *advance) reported(o model.RetentionOutreach) {
	if t, ok := a.triggers[o.TriggerID]; ok && t.Status.Actionable() {
		a.live(t, model.TriggerLife{Status: model.TriggerDone, Reason: "outreach " + o.ID + " was sent"})
	}
}

// live appends a life to a trigger.
func (a *advance) live(t *model.Trigger, l model.TriggerLife) {
	l.TriggerID, l.At = t.ID, a.now
	t.Live(l)
	a.out.Lives = append(a.out.Lives, l)
}
