package scoring

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
	"github.com/churnwatch/churnwatch/model/additive"
	"github.com/churnwatch/churnwatch/model/estimate"
	"github.com/churnwatch/churnwatch/model/satisfaction"
)

// The features of satisfaction that follow from answers by a straight line, so
// that it can be said what they would be after other answers.
const (
	indexFeature  = "satisfaction_index"
	lastFeature   = "satisfaction_last"
	changeFeature = "satisfaction_change"
)

// answering is the way from incidents to churn by what customers answered
// after them: an answer would have been better by the pain point's weight for
// each incident behind it. It is apart from the direct way, since the
// predictor holds satisfaction beside incidents: with x the features that count
// incidents and m those of satisfaction, and a prime for fewer incidents,
//
//	P(x', m') - P(x, m) = [P(x', m) - P(x, m)] + [P(x', m') - P(x', m)]
//
// the direct way and that by satisfaction (VanderWeele and Vansteelandt 2009).
type answering struct {
	// weight is the change of satisfaction by one incident of mean severity, in
	// points.
	weight estimate.Estimate
	// index, last and change are the features' places in a row, -1 without.
	index, last, change int
	// answers are those of each row of the panel.
	answers [][]answered
	prior   float64
}

// answered is one answer: its recency weight, whether it is the last one,
// whether it counts in the year's mean, how many incidents that may be removed
// lie behind it, and by how much it could be better on its scale.
type answered struct {
	weight    float64
	last      bool
	year      bool
	incidents float64
	room      float64
}

// lift is by how much the features of satisfaction would be higher.
type lift struct{ index, last, change float64 }

// readAnswering reads the answers of the customers with incidents, for the way
// by satisfaction; where it can't be followed it says why.
func (s *Service) readAnswering(ctx context.Context, t *thinning, w *model.PainPointWeight, asOf time.Time) (*answering, string, error) {
	if w == nil || w.SatisfactionWeight == nil {
		return nil, "no weight in points of satisfaction could be fitted", nil
	}
	a := &answering{
		weight: *w.SatisfactionWeight, prior: t.satisfaction.PriorAnswers,
		index: t.placeOf(indexFeature), last: t.placeOf(lastFeature), change: t.placeOf(changeFeature),
	}
	if a.index < 0 && a.last < 0 && a.change < 0 {
		return nil, "the risk model holds no satisfaction", nil
	}
	exposed, err := s.fillAnswers(ctx, a, t, w.Name, asOf)
	if err != nil {
		return nil, "", err
	}
	if !exposed {
		return nil, "nobody has answered after an incident of these days", nil
	}
	return a, "", nil
}

// fillAnswers reads each row's answers, oldest first, and whether an incident
// that may be removed lies behind any.
func (s *Service) fillAnswers(ctx context.Context, a *answering, t *thinning, name string, asOf time.Time) (exposed bool, err error) {
	window := time.Duration(t.features[len(t.features)-1].Window) * model.Day
	all, err := s.warehouse.Answers(ctx, model.AnswersQuery{
		AsOf: asOf, PainPoints: []string{name}, Own: t.file.ownPainPoints(), WindowDays: s.settings.ExposureDays,
		Since: asOf.Add(-window), Seed: s.settings.Seed,
	})
	if err != nil {
		return false, err
	}
	row := make(map[string]int, len(t.panel.Customers))
	for i, id := range t.panel.Customers {
		row[id] = i
	}
	a.answers = make([][]answered, len(t.panel.Customers))
	for _, answer := range all {
		i, ok := row[answer.Customer]
		if !ok {
			continue
		}
		points, err := satisfaction.Points(satisfaction.Kind(answer.Kind), answer.Score)
		if err != nil {
			return false, model.Wrap(model.KindInternal, "what if: answers", err)
		}
		age := model.Days(asOf.Sub(answer.At))
		b := answered{weight: 1, last: true, year: age <= 365, incidents: answer.Incidents[0], room: 100 - points}
		if t.satisfaction.HalfLifeDays > 0 {
			b.weight = satisfaction.Weight(age, t.satisfaction.HalfLifeDays)
		}
		exposed = exposed || b.incidents > 0
		if n := len(a.answers[i]); n > 0 {
			a.answers[i][n-1].last = false
		}
		a.answers[i] = append(a.answers[i], b)
	}
	return exposed, nil
}

// placeOf is a feature's place in a row of the predictor, -1 without.
func (t *thinning) placeOf(name string) int {
	return slices.IndexFunc(t.file.Risk.Features, func(f model.Feature) bool { return f.Name == name })
}

// lift says what fewer incidents do to one customer's satisfaction: with d the
// change of each answer, the share gone of the incidents behind it times the
// weight, at most up to either end of its scale,
//
//	index  += sum w d / (sum w + prior)
//	last   += d of the last answer
//	change += d of the last answer - mean of d over the year
func (a *answering) lift(row int, gone, weight float64) lift {
	var out lift
	total, year, inYear := a.prior, 0.0, 0.0
	for _, b := range a.answers[row] {
		total += b.weight
		better := math.Max(b.room-100, math.Min(b.room, -weight*gone*b.incidents))
		out.index += b.weight * better
		if b.year {
			year += better
			inYear++
		}
		if b.last && b.year {
			out.last = better
		}
	}
	if total > 0 {
		out.index /= total
	}
	if inYear > 0 {
		out.change = out.last - year/inYear
	}
	return out
}

// raise writes a row as it would be after other answers.
func (a *answering) raise(x additive.Row, l lift) {
	for _, f := range []struct {
		at int
		by float64
	}{{a.index, l.index}, {a.last, l.last}, {a.change, l.change}} {
		if f.at >= 0 {
			x[f.at].Number += f.by // what is missing stays so
		}
	}
	if a.index >= 0 {
		x[a.index].Number = math.Min(100, math.Max(0, x[a.index].Number))
	}
}

// used names the features that are followed.
func (a *answering) used() (names []string) {
	for _, f := range []struct {
		at   int
		name string
	}{{a.index, indexFeature}, {a.last, lastFeature}, {a.change, changeFeature}} {
		if f.at >= 0 {
			names = append(names, f.name)
		}
	}
	return names
}
