package scoring

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// fitSatisfaction fits how the answers known before asOf become an index.
// Without answers the part says what it needs, and the parameters are such
// that no customer has an index.
func (s *Service) fitSatisfaction(ctx context.Context, asOf time.Time) (model.SatisfactionFit, error) {
	out := model.SatisfactionFit{
		Parameters: model.SatisfactionParameters{
			Offset: map[string]float64{}, HalfLifeDays: s.settings.HalfLifeDays, Mean: 50, PriorAnswers: 1,
		},
		Offsets: map[string]estimate.Estimate{}, Cohorts: map[string]estimate.Estimate{},
		HalfLife: model.AnswerHalfLife{Days: s.settings.HalfLifeDays, Basis: model.HalfLifeConfigured, Reason: "as configured"},
	}
	answers, err := s.warehouse.Answers(ctx, model.AnswersQuery{
		AsOf: asOf, Dimension: s.settings.SatisfactionCohort,
		WindowDays: s.settings.ExposureDays, MaxRows: s.sampleRows(), Seed: s.settings.Seed,
	})
	if err != nil {
		return out, err
	}
	cohorts := cohortsOf(answers)
	points, customers := s.asPoints(answers, cohorts, asOf)
	out.Answers, out.Customers = len(points), customers
	if len(points) < leastAnswers {
		out.Status = model.PartStatus{Status: statusNoData, Needs: []string{
			fmt.Sprintf("at least %d answers (responses), %d are known", leastAnswers, len(points)),
		}}
		return out, nil
	}
	fit, err := satisfaction.Fit(points, satisfaction.Options{HalfLifeDays: s.settings.HalfLifeDays})
	if err != nil {
		return out, s.fitError(ctx, "satisfaction", err)
	}
	if !s.settings.HalfLifeFixed {
		if fit, out.HalfLife, err = s.fitHalfLife(points, fit); err != nil {
			return out, s.fitError(ctx, "satisfaction", err)
		}
	}
	out.Status = model.PartStatus{Status: statusOK}
	s.describeSatisfaction(&out, fit, cohorts)
	return out, nil
}

// describeSatisfaction restates a fit in the words of the vocabulary.
func (s *Service) describeSatisfaction(out *model.SatisfactionFit, fit satisfaction.Fitted, cohorts map[string]int) {
	p := &out.Parameters
	for kind, offset := range fit.Offsets {
		out.Offsets[string(kind)] = offset
		p.Offset[string(kind)] = offset.Value
	}
	p.HalfLifeDays, p.Mean, p.Within, p.PriorAnswers = fit.HalfLifeDays, fit.Mean.Value, fit.Within, fit.PriorAnswers
	p.Dimension = s.settings.SatisfactionCohort
	out.Mean = fit.Mean
	for name, code := range cohorts {
		if mean, ok := fit.Cohorts[code]; ok {
			if p.Cohorts == nil {
				p.Cohorts = map[string]float64{}
			}
			out.Cohorts[name], p.Cohorts[name] = mean, mean.Value
		}
	}
	if rest, ok := fit.Cohorts[0]; ok && len(p.Cohorts) > 0 {
		p.Rest = &rest.Value
	}
}

// fitHalfLife measures the half-life and fits the index with it, where the
// answers hold it within a factor of 8 or speak against the configured one.
func (s *Service) fitHalfLife(points []satisfaction.Answer, configured satisfaction.Fitted) (satisfaction.Fitted, model.AnswerHalfLife, error) {
	out := model.AnswerHalfLife{Days: s.settings.HalfLifeDays, Basis: model.HalfLifeConfigured}
	found, err := satisfaction.FitHalfLife(points, configured, 0)
	if errors.Is(err, satisfaction.ErrTooFewAnswers) {
		out.Reason = err.Error()
		return configured, out, nil
	}
	if err != nil {
		return configured, out, err
	}
	out.Foretold = found.Foretold
	if !found.Foretells {
		out.Reason = fmt.Sprintf("earlier answers do not foretell any of the %d that follow them, so that nothing speaks against it", found.Foretold)
		return configured, out, nil
	}
	out.Interval = &model.Interval{Low: found.Low, High: found.High, Level: found.Confidence}
	out.OpenLow, out.OpenHigh = found.OpenLow, found.OpenHigh
	if !found.Sharp() && !found.RejectsFitted {
		out.Reason = fmt.Sprintf("%d answers that follow others allow %s and do not speak against the configured one", found.Foretold, out.Range())
		return configured, out, nil
	}
	out.Days, out.Basis = found.Days, model.HalfLifeMeasured
	out.Reason = fmt.Sprintf("foretells the next answer best of %d answers that follow others", found.Foretold)
	fit, err := satisfaction.Fit(points, satisfaction.Options{HalfLifeDays: found.Days})
	return fit, out, err
}

// leastAnswers is the least number of answers that an index is fitted on.
const leastAnswers = 20

const (
	// leastOfCohort is the least number of customers with an answer whose cohort
	// has a mean of its own, and mostOfCohorts the most such cohorts; the rest
	// have one together.
	leastOfCohort = 20
	mostOfCohorts = 50
)

// cohortsOf numbers the cohorts that have a mean of their own from 1, in the
// order of their names.
func cohortsOf(answers []model.Answer) map[string]int {
	customers := map[string]int{}
	for i, a := range answers {
		if a.Cohort != "" && (i == 0 || answers[i-1].Customer != a.Customer) {
			customers[a.Cohort]++
		}
	}
	var names []string
	for name, n := range customers {
		if n >= leastOfCohort {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(customers[b], customers[a]), cmp.Compare(a, b))
	})
	names = names[:min(len(names), mostOfCohorts)]
	slices.Sort(names)
	code := make(map[string]int, len(names))
	for i, name := range names {
		code[name] = i + 1
	}
	return code
}

// asPoints maps answers to 0-100 and counts their customers. Answers of one
// customer within one drift cycle are one occasion for the alignment of kinds.
func (s *Service) asPoints(answers []model.Answer, cohorts map[string]int, asOf time.Time) ([]satisfaction.Answer, int) {
	code := codes(answers)
	out := make([]satisfaction.Answer, 0, len(answers))
	for _, a := range answers {
		points, err := satisfaction.Points(satisfaction.Kind(a.Kind), a.Score)
		if err != nil {
			continue // the schema admits no other kind or score
		}
		age := model.Days(asOf.Sub(a.At))
		out = append(out, satisfaction.Answer{
			Customer: code[a.Customer], Cohort: cohorts[a.Cohort], Moment: int(age) / s.settings.CycleDays,
			Kind: satisfaction.Kind(a.Kind), Points: points, AgeDays: age,
		})
	}
	return out, len(code)
}

// codes numbers the customers of answers in the order of their ids.
func codes(answers []model.Answer) map[string]int {
	ids := make([]string, len(answers))
	for i, a := range answers {
		ids[i] = a.Customer
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	code := make(map[string]int, len(ids))
	for i, id := range ids {
		code[id] = i
	}
	return code
}
