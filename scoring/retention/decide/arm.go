package decide

import (
	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
)

// assignment is what chance decided of a customer: it stands when a trigger is
// made, before anything depends on what is sent.
type assignment struct {
	// held says that the customer gets nothing of it, for comparison.
	held bool
	// experiment is the arm that a trigger says, nil where it is measured by none.
	experiment *model.TriggerExperiment
	// moment is the arm of the playbook's own experiment by whose moments the steps
	// are planned. Who is held out has one too: else he would be tried at other
	// moments than those who are compared with him.
	moment *model.TriggerExperiment
	// segment is the group of the last answer.
	segment model.AnswerGroup
}

// assigned draws a customer's arms. Who is held out is in none of a playbook's
// own experiment, which compares those who get something.
func (a *advance) assigned(p *playbook.Playbook, customer string, segment model.AnswerGroup) assignment {
	out := assignment{segment: segment, held: p.Measured() && a.Holdout.Holds(customer)}
	if p.Experiment != nil && p.Experiment.TakesPart(segment) {
		out.moment = &model.TriggerExperiment{Name: p.Experiment.Name, Variant: p.Experiment.Assign(customer)}
	}
	switch {
	case out.held:
		out.experiment = &model.TriggerExperiment{Name: model.HoldoutExperiment, Variant: model.HeldOut}
	case out.moment != nil:
		out.experiment = out.moment
	case p.Measured():
		out.experiment = &model.TriggerExperiment{Name: model.HoldoutExperiment, Variant: model.Treated}
	}
	return out
}

// varied is a playbook as the arm of its own experiment has it, and as it
// stands for every other.
func (a *advance) varied(p *playbook.Playbook, arm *model.TriggerExperiment) *playbook.Playbook {
	if arm == nil || p.Experiment == nil || arm.Name != p.Experiment.Name {
		return p
	}
	key := p.Name + "\x1f" + arm.Variant
	if _, ok := a.variants[key]; !ok {
		a.variants[key] = p.Varied(arm.Variant)
	}
	return a.variants[key]
}
