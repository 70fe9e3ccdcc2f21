package scoring

import (
	"context"
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
		Offsets: map[string]estimate.Estimate{},
	}
	answers, err := s.warehouse.Answers(ctx, model.AnswersQuery{
		AsOf: asOf, WindowDays: s.settings.ExposureDays, MaxRows: s.sampleRows(), Seed: s.settings.Seed,
	})
	if err != nil {
		return out, err
	}
	points, customers := s.asPoints(answers, asOf)
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
	out.Status = model.PartStatus{Status: statusOK}
	for kind, offset := range fit.Offsets {
		out.Offsets[string(kind)] = offset
		out.Parameters.Offset[string(kind)] = offset.Value
	}
	out.Parameters.Mean, out.Parameters.Within, out.Parameters.PriorAnswers = fit.Mean.Value, fit.Within, fit.PriorAnswers
	out.Mean = fit.Mean
	return out, nil
}

// leastAnswers is the least number of answers that an index is fitted on.
const leastAnswers = 20

// asPoints maps answers to 0-100 and counts their customers. Answers of one
// customer within one drift cycle are one occasion for the alignment of kinds.
func (s *Service) asPoints(answers []model.Answer, asOf time.Time) ([]satisfaction.Answer, int) {
	code := codes(answers)
	out := make([]satisfaction.Answer, 0, len(answers))
	for _, a := range answers {
		points, err := satisfaction.Points(satisfaction.Kind(a.Kind), a.Score)
		if err != nil {
			continue // the schema admits no other kind or score
		}
		age := model.Days(asOf.Sub(a.At))
		out = append(out, satisfaction.Answer{
			Customer: code[a.Customer], Moment: int(age) / s.settings.CycleDays,
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
