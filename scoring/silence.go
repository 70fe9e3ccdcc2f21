package scoring

import "github.com/churnwatch/churnwatch/model"

const (
	// silentSurveys left unanswered, or usual gaps without an answer, make a
	// customer silent; so many surveys that are over judge him by them.
	silentSurveys = 2
	// ownGaps is the number of gaps from which a customer's own usual gap counts.
	ownGaps = 3
	// leastGap in days is what no usual gap is taken to be shorter than: several
	// answers about one purchase are no rhythm.
	leastGap = 30
)

// silenceRule says who counts as silent. Gap is the shop's mean gap in days
// between two days on which a customer answers, 0 where nobody answered twice.
type silenceRule struct{ gap float64 }

func silenceOf(t model.Turnout) silenceRule {
	var days, gaps float64
	for _, r := range t.Respondents {
		if r.AnswerDays > 1 {
			days += r.AnswerSpanDays
			gaps += float64(r.AnswerDays - 1)
		}
	}
	if gaps == 0 {
		return silenceRule{}
	}
	return silenceRule{gap: days / gaps}
}

// judge says by what a customer is judged, "" by nothing, and whether he is
// silent. Surveys are looked at customer by customer: that some were sent to
// others says nothing of him.
func (s silenceRule) judge(r model.Respondent) (by model.SilenceBasis, silent bool) {
	switch {
	case r.ClosedSurveys >= silentSurveys:
		return model.BySurveys, r.UnansweredSurveys >= silentSurveys
	case r.AnswerDays > 0 && s.gap > 0:
		gap := s.gap
		if r.AnswerDays > ownGaps {
			gap = r.AnswerSpanDays / float64(r.AnswerDays-1)
		}
		return model.ByUsualGaps, r.SinceAnswerDays > silentSurveys*max(gap, leastGap)
	}
	return "", false
}

// say counts a cohort's silent customers among the eligible.
func (s silenceRule) say(t model.Turnout, members []int, out *model.CohortNPS) {
	for _, m := range members {
		if r := t.Respondents[m]; r.Eligible {
			switch by, silent := s.judge(r); by {
			case model.BySurveys:
				out.SilentBy.Surveys.Customers++
				out.SilentBy.Surveys.Silent += one(silent)
			case model.ByUsualGaps:
				out.SilentBy.UsualGaps.Customers++
				out.SilentBy.UsualGaps.Silent += one(silent)
			case model.ByBoth:
			}
		}
	}
	surveys, gaps := out.SilentBy.Surveys, out.SilentBy.UsualGaps
	basis := model.ByBoth
	switch {
	case surveys.Customers+gaps.Customers == 0:
		out.SilentStatus = model.FigureInsufficient
		out.SilentReason = because("nobody was sent two surveys that are over, or has answered while a usual gap is known")
		return
	case gaps.Customers == 0:
		basis = model.BySurveys
	case surveys.Customers == 0:
		basis = model.ByUsualGaps
	}
	count := surveys.Silent + gaps.Silent
	out.SilentStatus, out.SilentCustomers, out.SilenceBasis = model.FigureOK, &count, &basis
}
