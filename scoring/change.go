package scoring

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// station is a score on the way from one instant to another.
type station struct {
	base  float64
	score model.Score
}

func (s station) logOdds() float64 {
	sum := s.base
	for _, c := range s.score.Contributions {
		sum += c.LogOdds
	}
	return sum
}

// ExplainSince says why a customer's score as of an instant (zero: the
// published one's own, that of the customer alone where he was rescored by
// himself, else the watermark) differs from what it was as of since. The way
// leads over five scores, each one step from the one before:
//
//  1. as of since, by the model of the snapshot that was published then (the
//     newest with an as_of not after since; without one, by the newest model
//     trained not after it, without one, by the active one)
//  2. as of since, by the model of the other end, that which made the published
//     score for zero, whichever is active now: the model version
//  3. as of since, knowing what is known now of the time before: corrections
//  4. now, had nothing happened since: time passing, what is common to the
//     shop included
//  5. now: new facts
//
// The published score ends the way as it stands, even where rows came in since
// that count from before its instant. KindNoData where the customer was not
// eligible at one of the two ends, or where a model that had too little data for
// a risk spoke there.
func (s *Service) ExplainSince(ctx context.Context, customer string, since, asOf time.Time) (model.ScoreChange, error) {
	since = since.UTC()
	out := model.ScoreChange{CustomerID: customer, Since: since, Warnings: []string{}}
	now, err := s.saidBy(ctx, customer, asOf)
	if err != nil {
		return out, err
	}
	version, file, until := now.version, now.file, now.asOf
	out.AsOf = until
	if !since.Before(out.AsOf) {
		return out, model.Errorf(model.KindInvalid, "since %s is not before %s, the instant of the score", since.Format(time.RFC3339), out.AsOf.Format(time.RFC3339))
	}
	oldVersion, oldFile, err := s.modelAt(ctx, since)
	if err != nil {
		return out, err
	}
	for _, f := range []*File{oldFile, file} {
		if f.Risk.Predictor == nil {
			return out, model.Errorf(model.KindNoData, "there is no score to compare with: the model of %s had too little data: %s", f.AsOf.Format(time.DateOnly), f.unfit())
		}
	}
	out.Warnings = append(out.Warnings, hindsight(oldFile, since)...)
	var way []station
	var query model.ScoringQuery
	steps := []struct {
		version int
		file    *File
		at      time.Time
		sight   *model.Sight
	}{
		{oldVersion, oldFile, since, nil},
		{version, file, since, nil},
		{version, file, since, &model.Sight{Since: since, Until: until, Corrected: true}},
		{version, file, until, &model.Sight{Since: since, Until: until}},
		{version, file, until, nil},
	}
	for i, step := range steps {
		// Computing a score takes seconds in a large shop: what is known is not
		// computed.
		if i == 1 && version == oldVersion { // No other model speaks now.
			way = append(way, way[0])
			continue
		}
		if i == len(steps)-1 && now.published != nil {
			way = append(way, station{step.file.Risk.Predictor.BaseLogOdds(), *now.published})
			continue
		}
		if len(way) == 0 || query.Model != step.version || !query.AsOf.Equal(step.at) { // else it is that of the step before
			if query, err = s.scoringQuery(ctx, step.version, step.file, step.at); err != nil {
				return out, err
			}
		}
		query.Regardless, query.Sight = true, step.sight
		score, err := s.warehouse.ScoreCustomer(ctx, query, customer)
		if err != nil {
			return out, err
		}
		way = append(way, station{step.file.Risk.Predictor.BaseLogOdds(), score})
	}
	for _, end := range []station{way[0], way[len(way)-1]} {
		if end.score.Status == model.StatusNotEligible {
			return out, model.Errorf(model.KindNoData, "customer %q was not eligible as of %s (%s): there is no score to compare with",
				customer, end.score.AsOf.Format(time.DateOnly), end.score.StatusReason)
		}
	}
	out.Before, out.After = way[0].point(), way[len(way)-1].point()
	out.LogOdds = out.After.LogOdds - out.Before.LogOdds
	out.Points = 100 * (out.After.Probability - out.Before.Probability)
	for i, p := range parts() {
		out.Parts = append(out.Parts, partOf(p, way[i], way[i+1]))
	}
	news, corrections, err := s.warehouse.Changes(ctx, customer, since, until)
	out.Parts[1].Facts, out.Parts[3].Facts = corrections, news
	return out, err
}

// parts names the steps of the way.
func parts() []model.ScorePart {
	return []model.ScorePart{
		{Name: model.PartModel, Label: "another model version"},
		{Name: model.PartCorrections, Label: "corrections of what was known then"},
		{Name: model.PartTime, Label: "time passing"},
		{Name: model.PartFacts, Label: "new facts"},
	}
}

func (s station) point() model.ScorePoint {
	sum := s.logOdds()
	probability := 1 / (1 + math.Exp(-sum))
	if s.score.ChurnProbability != nil { // The same but for the last bits, by the order of the sum.
		probability = *s.score.ChurnProbability
	}
	return model.ScorePoint{
		AsOf: s.score.AsOf, Model: *s.score.Model, Status: s.score.Status, LogOdds: sum, Probability: probability,
	}
}

// partOf takes the step between two stations apart by feature and by family.
func partOf(part model.ScorePart, from, to station) model.ScorePart {
	part.Base = to.base - from.base
	part.Facts, part.Groups, part.Changes = []model.Evidence{}, []model.FamilyChange{}, []model.ContributionChange{}
	changes := map[string]*model.ContributionChange{}
	at := func(c model.Contribution) *model.ContributionChange {
		if changes[c.Name] == nil {
			changes[c.Name] = &model.ContributionChange{Name: c.Name, Label: c.Label, Family: c.Family}
		}
		return changes[c.Name]
	}
	for _, c := range from.score.Contributions {
		at(c).From = c.Value
		at(c).LogOdds -= c.LogOdds
	}
	for _, c := range to.score.Contributions {
		at(c).To = c.Value
		at(c).LogOdds += c.LogOdds
	}
	for _, c := range changes {
		if c.LogOdds != 0 {
			part.Changes = append(part.Changes, *c)
		}
	}
	slices.SortFunc(part.Changes, func(a, b model.ContributionChange) int {
		return cmp.Or(cmp.Compare(math.Abs(b.LogOdds), math.Abs(a.LogOdds)), cmp.Compare(a.Name, b.Name))
	})
	part.LogOdds = part.Base
	for _, family := range model.Families() {
		group := model.FamilyChange{Family: family}
		for _, c := range part.Changes {
			if c.Family == family {
				group.LogOdds += c.LogOdds
			}
		}
		part.LogOdds += group.LogOdds
		part.Groups = append(part.Groups, group)
	}
	part.Points = 100 * (to.point().Probability - from.point().Probability)
	return part
}
