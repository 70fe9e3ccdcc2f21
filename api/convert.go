package api

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	churnwatchv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/v1"
	"github.com/churnwatch/churnwatch/model"
)

// scoreOut converts a score.
func scoreOut(s model.Score) (*churnwatchv1.Score, error) {
	parts, err := contributionsOut(s.Contributions)
	if err != nil {
		return nil, err
	}
	return &churnwatchv1.Score{
		CustomerId:                s.CustomerID,
		Status:                    string(s.Status),
		StatusReason:              s.StatusReason,
		ChurnProbability:          s.ChurnProbability,
		Interval:                  intervalOut(s.Interval),
		Band:                      text(s.Band),
		Percentile:                s.Percentile,
		HorizonDays:               int32(s.HorizonDays),
		AsOf:                      instant(&s.AsOf),
		ScoredAt:                  instant(&s.ScoredAt),
		Sequence:                  s.Sequence.String(),
		Model:                     number(s.Model),
		LabelDefinition:           s.LabelDefinition,
		SatisfactionIndex:         s.SatisfactionIndex,
		SatisfactionStandardError: s.SatisfactionSE,
		SatisfactionAnswers:       int32(s.SatisfactionN),
		NpsSegment:                s.NPSSegment,
		Drift:                     string(s.Drift),
		PainIndex:                 s.PainIndex,
		ExpectedValue:             s.ExpectedValue,
		RevenueAtRisk:             s.RevenueAtRisk,
		ExpectedDateOfNextOrder:   instant(s.ExpectedNextOrder),
		Contributions:             parts,
		Holdout:                   s.Holdout,
		OpenTriggers:              s.OpenTriggers,
		DataQuality:               qualityOut(s.DataQuality),
		ExpectedValueInterval:     intervalOut(s.ValueInterval),
		RevenueAtRiskInterval:     intervalOut(s.RevenueInterval),
		ValueBasis:                text(s.ValueBasis),
		PAlive:                    s.PAlive,
		PNoOrder:                  s.PNoOrder,
		ExpectedOrders:            s.ExpectedOrders,
		ExpectedOrderValue:        s.OrderValue,
	}, nil
}

// explanationOut converts an explanation. What adds up to a probability is
// absent where there is no probability.
func explanationOut(e model.Explanation) (*churnwatchv1.Explanation, error) {
	s, err := scoreOut(e.Score)
	if err != nil {
		return nil, err
	}
	out := &churnwatchv1.Explanation{
		CustomerId:                s.GetCustomerId(),
		Status:                    s.GetStatus(),
		StatusReason:              s.GetStatusReason(),
		ChurnProbability:          s.ChurnProbability,
		Interval:                  s.GetInterval(),
		Band:                      s.Band,
		Percentile:                s.Percentile,
		HorizonDays:               s.GetHorizonDays(),
		AsOf:                      s.GetAsOf(),
		ScoredAt:                  s.GetScoredAt(),
		Sequence:                  s.GetSequence(),
		Model:                     s.Model,
		LabelDefinition:           s.GetLabelDefinition(),
		SatisfactionIndex:         s.SatisfactionIndex,
		SatisfactionStandardError: s.SatisfactionStandardError,
		SatisfactionAnswers:       s.GetSatisfactionAnswers(),
		NpsSegment:                s.NpsSegment,
		Drift:                     s.GetDrift(),
		PainIndex:                 s.PainIndex,
		ExpectedValue:             s.ExpectedValue,
		RevenueAtRisk:             s.RevenueAtRisk,
		ExpectedDateOfNextOrder:   s.GetExpectedDateOfNextOrder(),
		Contributions:             s.GetContributions(),
		Holdout:                   s.GetHoldout(),
		OpenTriggers:              s.GetOpenTriggers(),
		DataQuality:               s.GetDataQuality(),
		ExpectedValueInterval:     s.GetExpectedValueInterval(),
		RevenueAtRiskInterval:     s.GetRevenueAtRiskInterval(),
		ValueBasis:                s.ValueBasis,
		PAlive:                    s.PAlive,
		PNoOrder:                  s.PNoOrder,
		ExpectedOrders:            s.ExpectedOrders,
		ExpectedOrderValue:        s.ExpectedOrderValue,
		Groups:                    groupsOut(e.Groups),
		DataShare:                 e.DataShare,
		PriorShare:                e.PriorShare,
		Warnings:                  e.Warnings,
	}
	if e.ChurnProbability != nil {
		out.BaseLogOdds, out.LogOdds = e.BaseLogOdds, e.LogOdds
		out.Calibration = &churnwatchv1.Calibration{
			Method: e.Calibration.Method, Slope: e.Calibration.Slope, Intercept: e.Calibration.Intercept,
		}
	}
	return out, nil
}

func groupsOut(groups []model.ContributionGroup) []*churnwatchv1.ContributionGroup {
	out := make([]*churnwatchv1.ContributionGroup, 0, len(groups))
	for _, g := range groups {
		out = append(out, &churnwatchv1.ContributionGroup{
			Family: string(g.Family), LogOdds: g.LogOdds, OddsRatio: g.OddsRatio, PercentagePoints: g.Points, Contributions: int32(g.Contributions),
		})
	}
	return out
}

func contributionsOut(parts []model.Contribution) ([]*churnwatchv1.Contribution, error) {
	out := make([]*churnwatchv1.Contribution, 0, len(parts))
	for _, p := range parts {
		value, err := structpb.NewValue(p.Value)
		if err != nil {
			return nil, fmt.Errorf("contribution %s: %w", p.Name, err)
		}
		out = append(out, &churnwatchv1.Contribution{
			Name: p.Name, Label: p.Label, LogOdds: p.LogOdds, Value: value,
			Evidence: evidenceOut(p.Evidence), Family: string(p.Family), Unit: p.Unit,
		})
	}
	return out, nil
}

func evidenceOut(facts []model.Evidence) []*churnwatchv1.Evidence {
	out := make([]*churnwatchv1.Evidence, 0, len(facts))
	for _, f := range facts {
		out = append(out, &churnwatchv1.Evidence{
			What: f.What, At: instant(&f.At), OrderId: f.OrderID, TicketId: f.TicketID,
			PromisedAt: instant(f.Promised), DeliveredAt: instant(f.Delivered), Value: f.Value,
			File: given(f.File), Line: given(int32(f.Line)), KnownAt: instant(f.KnownAt),
		})
	}
	return out
}

func qualityOut(q *model.DataQuality) *churnwatchv1.DataQuality {
	if q == nil {
		return nil
	}
	return &churnwatchv1.DataQuality{Status: string(q.Status), Reasons: q.Reasons, CustomerReasons: q.CustomerReasons}
}

func intervalOut(i *model.Interval) *churnwatchv1.Interval {
	if i == nil {
		return nil
	}
	return &churnwatchv1.Interval{Low: i.Low, High: i.High, Level: i.Level}
}

// instant converts a time; none for nil and for the zero time.
func instant(t *time.Time) *timestamppb.Timestamp {
	if t == nil || t.IsZero() {
		return nil
	}
	return timestamppb.New(*t)
}

func number(n *int) *int32 {
	if n == nil {
		return nil
	}
	out := int32(*n)
	return &out
}

func text[T ~string](s *T) *string {
	if s == nil {
		return nil
	}
	out := string(*s)
	return &out
}

// given returns a value that is not its type's zero, which stands for nothing.
func given[T comparable](v T) *T {
	var nothing T
	if v == nothing {
		return nil
	}
	return &v
}
