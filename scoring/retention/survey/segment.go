package survey

import (
	"cmp"
	"slices"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// How many days make a newcomer and a veteran.
const (
	newcomerDays = 90
	veteranDays  = 365
)

// unknown is the segment of those of whom it is not known.
const unknown = "unknown"

// Segments returns the names of a customer's segments by dimension, as of an
// instant.
func Segments(t model.SurveyTraits, dimensions []string, asOf time.Time) map[string]string {
	out := make(map[string]string, len(dimensions))
	for _, d := range dimensions {
		out[d] = cmp.Or(t.Segments[d], unknown)
		if d == "tenure" {
			out[d] = tenure(t.Since, asOf)
		}
	}
	return out
}

func tenure(since *time.Time, asOf time.Time) string {
	if since == nil {
		return unknown
	}
	switch days := model.Days(asOf.Sub(*since)); {
	case days < newcomerDays:
		return "newcomer"
	case days < veteranDays:
		return "first_year"
	}
	return "veteran"
}

// stratum is a segment of a dimension.
type stratum struct{ dimension, segment string }

// answered counts the answers of every segment.
func (in Input) answered() map[stratum]int {
	out := map[stratum]int{}
	for _, a := range in.Answers {
		traits, known := in.Traits[a.CustomerID]
		if !known {
			continue
		}
		for d, segment := range Segments(traits, in.Segments, in.From) {
			out[stratum{d, segment}] += a.Answers
		}
	}
	return out
}

// short is the share of its quota that a segment lacks, in 0 to 1.
func (s Settings) short(answers int) float64 {
	if s.Quota == 0 {
		return 0
	}
	return max(0, 1-float64(answers)/float64(s.Quota))
}

// segmentCounts tells how every segment of the eligible was sampled, by
// dimension in the order of the settings and by name.
func segmentCounts(in Input, units []unit, answered map[stratum]int) []model.SurveySegmentCount {
	counts := map[stratum]*model.SurveySegmentCount{}
	for i := range units {
		u := &units[i]
		for d, segment := range u.segments {
			at := stratum{d, segment}
			if counts[at] == nil {
				counts[at] = &model.SurveySegmentCount{Dimension: d, Segment: segment, Answers: answered[at], Quota: in.Quota}
			}
			counts[at].Eligible++
			counts[at].Expected += u.probability()
			if u.chosen {
				counts[at].Chosen++
			}
		}
	}
	out := make([]model.SurveySegmentCount, 0, len(counts))
	for _, c := range counts {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b model.SurveySegmentCount) int {
		return cmp.Or(slices.Index(in.Segments, a.Dimension)-slices.Index(in.Segments, b.Dimension), cmp.Compare(a.Segment, b.Segment))
	})
	return out
}
