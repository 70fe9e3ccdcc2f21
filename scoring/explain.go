package scoring

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
)

// mostEvidence bounds the facts listed behind one contribution.
const mostEvidence = 5

// leastEvidenced is the least contribution, in log-odds, that gets evidence.
const leastEvidenced = 0.01

// Explain says why a customer's score is what it is. With a zero asOf it
// explains the published score; otherwise it computes what would have been
// said at that instant, with the model of modelAt.
func (s *Service) Explain(ctx context.Context, customer string, asOf time.Time) (model.Explanation, error) {
	if asOf.IsZero() {
		out, err := s.explainPublished(ctx, customer)
		if err == nil || model.KindOf(err) != model.KindNoData {
			return out, err
		}
	}
	return s.explainAt(ctx, customer, asOf)
}

// explainPublished explains by the contributions that were stored with the
// score, so it says what was published even when facts have come since.
func (s *Service) explainPublished(ctx context.Context, customer string) (model.Explanation, error) {
	score, err := s.warehouse.ScoreOf(ctx, customer)
	if err != nil {
		return model.Explanation{}, err
	}
	out := model.Explanation{Score: score}
	if score.Model == nil {
		return out, nil
	}
	_, file, err := s.load(ctx, *score.Model)
	if err != nil {
		return out, err
	}
	return s.explained(ctx, out, file)
}

// explainAt scores one customer in Go as of an instant.
func (s *Service) explainAt(ctx context.Context, customer string, asOf time.Time) (model.Explanation, error) {
	version, file, err := s.modelAt(ctx, asOf)
	if err != nil {
		return model.Explanation{}, err
	}
	told := !asOf.IsZero()
	if asOf, err = s.at(ctx, asOf, file.Definition); err != nil {
		return model.Explanation{}, err
	}
	known, err := s.warehouse.Known(ctx, customer, asOf)
	if err != nil {
		return model.Explanation{}, err
	}
	if !known {
		return model.Explanation{}, model.Errorf(model.KindNotFound, "customer %q: nothing is known before %s", customer, asOf.Format(time.RFC3339))
	}
	query, err := s.scoringQuery(ctx, version, file, asOf)
	if err != nil {
		return model.Explanation{}, err
	}
	if query.Quality, err = s.scoringQuality(ctx, file, asOf, told); err != nil {
		return model.Explanation{}, err
	}
	score, err := s.warehouse.ScoreCustomer(ctx, query, customer)
	if err != nil {
		return model.Explanation{}, err
	}
	return s.explained(ctx, model.Explanation{Score: score}, file)
}

// explained adds up the contributions, puts the largest first and finds the
// facts behind them.
func (s *Service) explained(ctx context.Context, out model.Explanation, file *File) (model.Explanation, error) {
	out.Groups, out.Warnings = []model.ContributionGroup{}, hindsight(file, out.AsOf)
	if len(out.Contributions) == 0 {
		return out, nil
	}
	c := file.Risk.Predictor.Calibration
	out.Calibration = model.Calibration{Method: c.Method, Slope: c.Slope, Intercept: c.Intercept}
	base := file.Risk.Predictor.BaseLogOdds()
	sum := base
	for _, part := range out.Contributions {
		sum += part.LogOdds
	}
	out.BaseLogOdds, out.LogOdds = &base, &sum
	out.Groups = model.GroupContributions(out.Contributions, sum)
	out.DataShare, out.PriorShare = shares(file.Risk.Predictor.DataShare(rowBehind(file.Risk.Predictor, out.Contributions)))
	slices.SortStableFunc(out.Contributions, func(a, b model.Contribution) int {
		return cmp.Or(cmp.Compare(math.Abs(b.LogOdds), math.Abs(a.LogOdds)), cmp.Compare(a.Name, b.Name))
	})
	return out, s.evidence(ctx, &out, file)
}

// evidence finds the facts behind the contributions that count.
func (s *Service) evidence(ctx context.Context, out *model.Explanation, file *File) error {
	named := map[string]model.Feature{}
	for _, f := range file.Risk.Features {
		named[f.Name] = f
	}
	features := make([]model.Feature, len(out.Contributions))
	for i, part := range out.Contributions {
		if math.Abs(part.LogOdds) >= leastEvidenced {
			features[i] = behind(part.Name, named)
		}
	}
	found, err := s.warehouse.Evidence(ctx, out.CustomerID, out.AsOf, features, mostEvidence)
	if err != nil {
		return err
	}
	for i := range out.Contributions {
		out.Contributions[i].Evidence = found[i]
	}
	return nil
}

// behind returns the feature of a contribution; of one that several features
// make together, named with colons between, one that is made from all of them.
func behind(name string, named map[string]model.Feature) model.Feature {
	if f, ok := named[name]; ok {
		return f
	}
	return model.Feature{Name: name, Source: model.FromFeatures, Of: strings.Split(name, ":")}
}

// rowBehind returns the values that contributions were made from, as input to
// their predictor. What is missing there is missing in the row.
func rowBehind(p *additive.Predictor, parts []model.Contribution) additive.Row {
	values := make(map[string]any, len(parts))
	for _, c := range parts {
		values[c.Name] = c.Value
	}
	row := make(additive.Row, len(p.Terms))
	for j, t := range p.Terms {
		row[j].Number = math.NaN()
		switch v := values[t.Name].(type) {
		case float64:
			row[j].Number = v
		case string:
			row[j].Level = v
		}
	}
	return row
}
