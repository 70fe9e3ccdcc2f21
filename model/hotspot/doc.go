// Package hotspot finds the cells of a shop that do worse, or better, than the
// rest of it: a supplier whose parcels come late, a product that is sent back,
// a week in which support was slow.
//
// # Excess
//
// A cell is a set of exposures (orders due, tickets opened, answers given) that
// share a value of a dimension; its outcome y is 0 or 1 (an incident), or a
// number (points of satisfaction). The shop is cut into strata s (weeks, kinds
// of answer), so that a product which sold in a bad week is compared with that
// week. With n_s exposures of the cell among N_s, and sums S_s among T_s,
//
//	f_s    = n_s / N_s
//	excess = sum (S_s - f_s T_s)                 observed minus expected of the cell in the whole
//	info   = sum n_s (1 - f_s)
//	rate   = sum S_s / n,  expected = rate - excess/info
//
// so that expected is the rate of the others in the same strata: the cell is
// left out of its own expectation. A cell that is the whole has no information,
// and a stratum whose outcomes are all 0 or all 1 has none for any cell.
//
// # Overdispersion
//
// Outcomes that share a cluster j (a supplier's week, a day, a customer) are
// correlated by r, estimated from counts by cluster in [Correlation]. With n_j
// of the cell among N_j,
//
//	V = sigma^2 (info + r sum_j ((n_j - f N_j)^2 - own))
//
// where own leaves out the pairs of an exposure with itself. It holds the
// uncertainty of the expectation, and what cell and rest share cancels out of
// it. D = V n / (sigma^2 info^2) is the design effect of the cell's rate.
//
// # Tails
//
// Incidents are beta-binomial with the expected rate as mean and an intra-class
// correlation (D-1)/(n-1); both tails are exact sums ([BetaBinomial]). They are
// not mid-p values: exact tails keep the promised rate of false discoveries at
// every cell size, and at the exposures asked for they cost little. Means have a
// gamma (Pearson III) tail, since answers are skewed. A p-value is twice the
// smaller tail, so one family holds hotspots and what excels.
//
// # Family
//
// [Adjust] is Benjamini and Hochberg's step-up: cells of different dimensions
// overlap, so their tests are positively dependent, which it tolerates
// (Benjamini and Yekutieli 2001). [Distinct] tells problems from their shadows.
package hotspot
