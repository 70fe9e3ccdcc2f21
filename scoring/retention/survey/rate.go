package survey

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Rate is how a moment is asked.
type Rate struct {
	Moment model.SurveyMoment
	// Kind is the question: nps, csat or ces.
	Kind string
	// Share is how many of those who come to the moment and may be asked are, in
	// (0, 1].
	Share float64
	// After is how long after what happened; before a renewal how long before it.
	After time.Duration
}

// DefaultRates are those of a shop that sets none.
func DefaultRates() []string {
	return []string{
		"post_purchase csat 5% after 2d", "delivery csat 5%", "support ces 20%", "onboarding csat 20% after 30d",
		"quarterly nps 20%", "pre_renewal nps 50% before 30d", "trial_end csat 50%", "exit csat 50%",
	}
}

var rateText = regexp.MustCompile(`^([a-z_]+) (nps|csat|ces) (\d{1,3}(?:\.\d{1,3})?)%(?: (after|before) (\d{1,3})([dh]))?$`)

// ReadRates reads such as "post_purchase csat 5% after 2d", each moment at most
// once; one that is left out is not asked.
func ReadRates(texts []string) ([]Rate, error) {
	out := []Rate{}
	for _, text := range texts {
		r, err := readRate(text)
		if err != nil {
			return nil, fmt.Errorf("moment %q: %w", text, err)
		}
		if slices.ContainsFunc(out, func(o Rate) bool { return o.Moment == r.Moment }) {
			return nil, fmt.Errorf("moment %q: %s stands twice", text, r.Moment)
		}
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Rate) int { return place(a.Moment) - place(b.Moment) })
	return out, nil
}

func readRate(text string) (Rate, error) {
	m := rateText.FindStringSubmatch(text)
	if m == nil {
		return Rate{}, errors.New("want such as post_purchase csat 5% after 2d")
	}
	r := Rate{Moment: model.SurveyMoment(m[1]), Kind: m[2]}
	percent, err := strconv.ParseFloat(m[3], 64)
	switch {
	case place(r.Moment) < 0:
		names := make([]string, len(model.SurveyMoments()))
		for i, known := range model.SurveyMoments() {
			names[i] = string(known)
		}
		return r, fmt.Errorf("%q is no moment: want one of %s", m[1], strings.Join(names, ", "))
	case err != nil || !(percent > 0 && percent <= 100):
		return r, fmt.Errorf("%s%%: want more than 0%% and at most 100%%", m[3])
	case m[4] != "" && r.Moment == model.EveryQuarter:
		return r, fmt.Errorf("a quarter's day is each customer's own, nothing is %s it", m[4])
	case (m[4] == "before") != (r.Moment == model.BeforeRenewal) && m[4] != "":
		return r, errors.New("want before for pre_renewal and after for the others")
	}
	r.Share = percent / 100
	number, _ := strconv.Atoi(m[5]) // none is 0
	r.After = time.Duration(number) * time.Hour
	if m[6] == "d" {
		r.After = time.Duration(number) * model.Day
	}
	return r, nil
}

// place is where a moment stands in the order of preference, -1 for none.
func place(m model.SurveyMoment) int { return slices.Index(model.SurveyMoments(), m) }
