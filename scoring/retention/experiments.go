package retention

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/scoring/retention/decide"
	"github.com/churnwatch/churnwatch/scoring/retention/playbook"
	"github.com/churnwatch/churnwatch/scoring/retention/proof"
)

// Experiments says what the holdout and the playbooks' experiments have proven
// as of an instant; zero is now.
func (s *Service) Experiments(ctx context.Context, asOf time.Time) (model.ExperimentReport, error) {
	designs, cells, query, err := s.experiments(ctx, asOf)
	if err != nil {
		return model.ExperimentReport{}, err
	}
	return proof.Report(designs, cells, query, s.settings.LeastEffect)
}

// MeasuredEffect returns by how much retention has reduced churn, by the holdout
// as of an instant, zero being now. False says that it is not measured yet: the
// interval still holds both no effect and the least one worth knowing, or the
// arms did not get their shares. A few customers would measure mere chance.
func (s *Service) MeasuredEffect(ctx context.Context, asOf time.Time) (model.MeasuredEffect, bool, error) {
	designs, cells, query, err := s.experiments(ctx, asOf)
	if err != nil {
		return model.MeasuredEffect{}, false, err
	}
	return proof.Effect(designs, cells, query, s.settings.LeastEffect)
}

// keepExperiments notes the experiments of the playbooks in force. It refuses
// one whose customers would be drawn to other arms than before, and says where
// one does or asks something else than before, which begins anew, and where one
// has ended.
func (s *Service) keepExperiments(ctx context.Context, run *model.RetentionRun) (warnings []string, err error) {
	run.Experiments = playbook.Designs(s.settings.Playbooks)
	noted, err := s.store.ExperimentDesigns(ctx, run.To.Add(time.Microsecond))
	if err != nil {
		return nil, err
	}
	for _, n := range noted {
		if n.Ended == nil && n.Name != model.HoldoutExperiment && !slices.ContainsFunc(run.Experiments, named(n.Name)) {
			warnings = append(warnings, fmt.Sprintf("experiment %s has ended: no playbook in force has it", n.Name))
		}
	}
	for _, d := range run.Experiments {
		i := slices.IndexFunc(noted, named(d.Name))
		if i < 0 {
			continue
		}
		before := noted[i]
		if !before.SameArms(d) {
			return nil, model.Errorf(model.KindConflict,
				"experiment %s of playbook %s had %s and would have %s: its customers would be reshuffled; give it another name", d.Name, d.Playbook, arms(before), arms(d))
		}
		if before.Playbook != d.Playbook || before.Vary != d.Vary || before.Measure != d.Measure || before.Content != d.Content {
			warnings = append(warnings, fmt.Sprintf("experiment %s is another one from now on: what was found before counts no more", d.Name))
		}
	}
	return warnings, nil
}

func named(name string) func(model.ExperimentDesign) bool {
	return func(d model.ExperimentDesign) bool { return d.Name == name }
}

// arms writes the shares of a design.
func arms(d model.ExperimentDesign) string {
	out := make([]string, len(d.Variants))
	for i, v := range d.Variants {
		out[i] = fmt.Sprintf("%s %.4g %%", v.Name, 100*v.Share)
	}
	return strings.Join(out, ", ")
}

// experiments reads what is known as of an instant.
func (s *Service) experiments(ctx context.Context, asOf time.Time) ([]model.ExperimentDesign, model.ExperimentCells, model.ExperimentQuery, error) {
	if asOf.IsZero() {
		var err error
		if asOf, err = s.Now(ctx); err != nil {
			return nil, model.ExperimentCells{}, model.ExperimentQuery{}, err
		}
	}
	query := proof.Query(asOf.UTC().Truncate(time.Microsecond), s.settings.Definition, decide.Randomised())
	designs, err := s.store.ExperimentDesigns(ctx, query.AsOf)
	if err != nil {
		return nil, model.ExperimentCells{}, query, err
	}
	if s.settings.Insight != nil {
		query.DataEnd, err = s.settings.Insight.DataEnd(ctx, query.AsOf)
		if err != nil && model.KindOf(err) != model.KindNoData {
			return nil, model.ExperimentCells{}, query, err
		}
	}
	cells, err := s.store.ExperimentCells(ctx, query)
	return designs, cells, query, err
}
