// Package satisfaction makes one index of 0-100 out of every kind of answer.
//
// An answer is mapped linearly to points of 0-100 ([Points]). Kinds that ask
// differently answer differently, so each kind's offset against a reference
// kind is measured on customers who gave both at one moment, and taken off
// ([Align]). Old answers count less, by a half-life, and customers with few
// answers are shrunk towards their cohort ([Fit]).
//
// # The index in SQL
//
// Given the parameters of a [Fitted] f, the answers a of one customer of
// cohort c known as of T, each of kind k and age d in days:
//
//	w_a   = 2^(-d / f.HalfLifeDays), rounded to six decimals
//	x_a   = points_a - f.Offsets[k]          (0 for a kind that f does not know)
//	W     = sum w_a,   S = sum w_a x_a
//	mean  = f.Cohorts[c], or f.Mean for a cohort that f does not know
//	index = (S + f.PriorAnswers mean) / (W + f.PriorAnswers), cut to [0, 100]
//	error = sqrt(f.Within / (W + f.PriorAnswers))
//
// With decimals for w and x the sums are exact in any order.
package satisfaction
