package model

import "github.com/churnwatch/churnwatch/model/estimate"

// AddsVerdict says whether satisfaction adds to what behaviour tells.
type AddsVerdict string

// The verdicts on what satisfaction adds.
const (
	Adds           AddsVerdict = "adds"
	AddsNoEvidence AddsVerdict = "no_evidence"
	AddsNoData     AddsVerdict = "no_data"
)

// SatisfactionAdds compares, out of time, the risk fitted with satisfaction and
// pain points to the one fitted on behaviour alone, by the same rows and the
// same penalty. Differences are with minus without, on average over the
// cutoffs, with paired 95 % intervals that draw customers anew; nil where there
// is nothing to compare. A higher ROC-AUC and a lower Brier are better.
type SatisfactionAdds struct {
	ROCAUCDifference *estimate.Estimate `json:"roc_auc_difference"`
	BrierDifference  *estimate.Estimate `json:"brier_difference"`
	Verdict          AddsVerdict        `json:"verdict"`
	Sentence         string             `json:"sentence"`
	// Features are those that the comparison leaves out.
	Features []string `json:"features"`
}
