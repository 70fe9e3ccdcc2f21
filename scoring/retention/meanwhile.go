package retention

import "github.com/churnwatch/churnwatch/model"

// meanwhile is an error of saving what was decided on facts that have changed
// since: playbooks and plans of surveys decide about the same customers, and
// neither may ask whom the other has just asked.
type meanwhile struct{ error }

// Unwrap returns what the store said.
func (m meanwhile) Unwrap() error { return m.error }

// retried marks a conflict as one that another decision may solve.
func retried(err error) error {
	if model.KindOf(err) == model.KindConflict {
		return meanwhile{err}
	}
	return err
}
