package scoring

import (
	"context"
	"fmt"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/evaluate"
)

// mostComparing is the most rows of a cutoff's training set that the risk is
// fitted on twice, to see what satisfaction adds.
const mostComparing = 20_000

// isVoice reports whether a feature holds what customers said or suffered, so
// that what is left without it is behaviour: orders, money, visits, profile.
func isVoice(f model.Feature) bool {
	switch f.Family {
	case model.Satisfaction, model.Pain:
		return true
	case model.Drift:
		return f.Measure == "satisfaction"
	case model.Rhythm, model.Value, model.Decline, model.Support, model.Behaviour, model.Profile:
	}
	return false
}

// satisfactionAdds says whether satisfaction and pain points tell more of who
// leaves than behaviour does. At each tested cutoff the risk is fitted twice on
// the same rows, complete before it, under the penalty that was chosen for it,
// with those features and without them; both predict at the cutoff.
func (s *Service) satisfactionAdds(tests []tested) (model.SatisfactionAdds, error) {
	out := model.SatisfactionAdds{Verdict: model.AddsNoData, Features: voices(tests)}
	if len(out.Features) == 0 {
		out.Sentence = "no answer and no incident is known before the tested cutoffs: whether satisfaction adds anything over behaviour can't be said"
		return out, nil
	}
	cutoffs, without := asCutoffs(tests), make([][]float64, len(tests))
	for i, t := range tests {
		cutoffs[i].Score, without[i] = t.with, t.without
	}
	auc, err := evaluate.PairedDifference(cutoffs, without, (*evaluate.Ranking).AUC, s.bootstrap())
	if err != nil {
		return out, model.Wrap(model.KindInternal, "evaluate: what satisfaction adds", err)
	}
	brier, err := evaluate.PairedDifference(cutoffs, without, (*evaluate.Ranking).Brier, s.bootstrap())
	if err != nil {
		return out, model.Wrap(model.KindInternal, "evaluate: what satisfaction adds", err)
	}
	out.ROCAUCDifference, out.BrierDifference = &auc.Mean, &brier.Mean
	out.Verdict, out.Sentence = addsVerdict(out, len(tests), rarerRows(tests))
	return out, nil
}

// rarerRows counts the rows of the rarer outcome over all tests.
func rarerRows(tests []tested) int {
	churned, rows := 0, 0
	for _, t := range tests {
		churned += trues(t.panel.Churned)
		rows += t.panel.Rows()
	}
	return min(churned, rows-churned)
}

// voices names the features left out, those that any test's risk was fitted on.
func voices(tests []tested) []string {
	names := []string{}
	seen := map[string]bool{}
	for _, t := range tests {
		for _, f := range t.fit.features {
			if isVoice(f) && !seen[f.Name] {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// bothWays predicts at a test's panel by a fit with all features and by one
// without the voices, neither calibrated. Where no behaviour is left, the base
// rate predicts; where no voice was fitted, both are one.
func (s *Service) bothWays(ctx context.Context, t *tested) (err error) {
	d := t.fit.data.thinned(mostComparing, s.settings.Seed)
	if t.with, err = s.refit(ctx, d, t, func(model.Feature) bool { return true }); err != nil {
		return err
	}
	t.without = t.with
	if len(voices([]tested{*t})) > 0 {
		t.without, err = s.refit(ctx, d, t, func(f model.Feature) bool { return !isVoice(f) })
	}
	return err
}

// refit fits the columns of d that are kept and predicts at the test's panel.
func (s *Service) refit(ctx context.Context, d *dataset, t *tested, keep func(model.Feature) bool) ([]float64, error) {
	design := &additive.Design{Weight: d.design.Weight, Cluster: d.design.Cluster}
	var features []model.Feature
	for i, f := range d.features {
		if keep(f) {
			features = append(features, f)
			design.Columns = append(design.Columns, d.design.Columns[i])
		}
	}
	out := make([]float64, t.panel.Rows())
	if len(features) == 0 {
		base := weightedMean(d.churned, d.design.Weight)
		for i := range out {
			out[i] = base
		}
		return out, nil
	}
	predictor, err := additive.Fit(design, d.churned, additive.Options{Penalty: t.fit.penalty, Stop: stopper(ctx)})
	if err != nil {
		return nil, s.fitError(ctx, "what satisfaction adds", err)
	}
	at, err := positions(t.panel, features)
	if err != nil {
		return nil, err
	}
	var row additive.Row
	for i := range out {
		row = rowOf(t.panel, at, i, row)
		out[i] = predictor.Probability(row)
	}
	return out, nil
}

// addsVerdict reads the interval of the difference in ranking; a difference in
// Brier is shown beside it and decides nothing, so that one look is one test. A
// ranking of a few customers of the rarer outcome is not read at all.
func addsVerdict(a model.SatisfactionAdds, cutoffs, rarer int) (model.AddsVerdict, string) {
	auc, brier := a.ROCAUCDifference, a.BrierDifference
	figures := fmt.Sprintf("ROC-AUC %+.4f [%+.4f, %+.4f], Brier %+.4f [%+.4f, %+.4f], %d customers at %d %s",
		auc.Value, auc.Low, auc.High, brier.Value, brier.Low, brier.High, auc.N, cutoffs, plural(cutoffs, "cutoff"))
	switch {
	case rarer < leastClasses:
		return model.AddsNoData, fmt.Sprintf("the tests hold only %d of the rarer outcome, need %d to say whether satisfaction adds anything over behaviour: %s",
			rarer, leastClasses, figures)
	case auc.Low > 0:
		return model.Adds, "satisfaction and pain points add to what behaviour tells of churn: " + figures
	case auc.High < 0:
		return model.AddsNoEvidence, "satisfaction and pain points made the ranking worse than behaviour alone: " + figures
	}
	return model.AddsNoEvidence, "no evidence that satisfaction and pain points add to what behaviour tells of churn: " + figures
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
