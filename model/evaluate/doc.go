// Package evaluate says how good a churn score was, once the truth is known.
//
// A row is one customer at one cutoff: a score (higher means more likely to
// churn), whether the customer churned, and for the measures of probability a
// score in [0, 1]. Rankings are judged by ROC-AUC, average precision, lift and
// gain; probabilities by Brier score, log loss and calibration; warnings by
// their lead time. Intervals come from resampling customers, with all the rows
// of one customer over all cutoffs together (a cluster bootstrap), because the
// rows of one customer at overlapping cutoffs are not independent; DeLong's
// variance serves a single cutoff, where each customer stands once.
//
// Two families of functions do the same sums. The plain ones ([AUC], [Brier],
// [Lift], ...) check their input and return an error. The methods of [Ranking]
// take weights, assume checked input, and return NaN where a measure is not
// defined: they are what the bootstrap runs a thousand times on one sort.
//
// Nothing here draws a random number without the caller's seed, and no result
// depends on the number of threads.
package evaluate
