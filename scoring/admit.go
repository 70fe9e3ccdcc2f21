package scoring

import (
	"context"

	"github.com/churnwatch/churnwatch/model"
)

// admit lets the gates judge what a training would see. It refuses where they
// hold back every part, unless forced; riskErr comes back as the reason for
// which the risk can't be fitted, if there is one.
func (s *Service) admit(ctx context.Context, line *timeline, training []*model.Panel, cutoffs int, report *TrainReport, force bool, riskErr error) (error, error) {
	var err error
	if report.Quality, err = s.gate(ctx, line, training, cutoffs); err != nil {
		return nil, err
	}
	if force {
		if red := report.Quality.Red(); red != nil {
			report.Warnings = append(report.Warnings, "forced: "+red.Error())
		}
		report.Quality.Held, report.Quality.Refused = map[string][]string{}, false
		return riskErr, nil
	}
	if err := report.Quality.Refusal(); err != nil {
		return nil, err
	}
	if held := report.Quality.Held[partRisk]; len(held) > 0 {
		riskErr = model.Errorf(model.KindNoData, "%s", held[0])
	}
	return riskErr, nil
}

// hold takes back the parts that gates hold.
func (f *File) hold(held map[string][]string) {
	refuse := func(part string, status *model.PartStatus) bool {
		if len(held[part]) == 0 {
			return false
		}
		*status = model.PartStatus{Status: statusRefused, Needs: held[part]}
		return true
	}
	refuse(partRisk, &f.Risk.Status)
	refuse(partSatisfaction, &f.Satisfaction.Status)
	refuse(partDrift, &f.Drift.Status)
	if refuse(partPainPoints, &f.PainPoints.Status) {
		f.PainPoints.Weights, f.PainPoints.Worst = []model.PainPointWeight{}, ""
	}
}
