// Package additive is a churn risk that adds up.
//
// The log-odds of churn are a base plus one contribution a feature, read off
// a shape function: piecewise linear between quantile knots, constant beyond
// the outer ones, with a value of its own for missing; a category has a value
// a level. Such a model can be read term by term, never extrapolates, is data
// (it is scored by SQL as well as here), and on a few thousand rows ranks no
// worse than forests that cannot be explained (Hastie and Tibshirani 1990;
// Lou, Caruana and Gehrke 2012).
//
// [Fit] is a penalised logistic regression on the hat functions of the knots.
// Two numbers rule the [Penalty]: the precision of bends, which makes every
// shape a line as it grows, and the precision of effects, which shrinks all
// of them, lines and levels and missing, towards none or towards a prior
// slope. [Choose] picks them on held-out rows, [Calibrate] moves the result
// by as much as its evidence can carry.
//
// # Scoring a Predictor elsewhere
//
// All is in the data. The coefficient vector has base at 0, then for every
// term in order its Values, for a category Other, then Missing, then for every
// pair in order its Values row by row: q numbers in all. A row x has weights h
// on it:
//
//	h[0] = 1
//	numeric x, K knots k_0 < ... < k_(K-1), first slot s:
//	  x missing                  h[s+K] = 1
//	  x <= k_0                   h[s] = 1
//	  x >= k_(K-1)               h[s+K-1] = 1
//	  k_j <= x < k_(j+1)         h[s+j] = 1-f, h[s+j+1] = f,  f = (x-k_j) / (k_(j+1)-k_j)
//	category, L levels, first slot s:
//	  missing                    h[s+L+1] = 1
//	  level l of Levels          h[s+l] = 1
//	  any other                  h[s+L] = 1
//	pair of R x C cells, first slot s, x in cell (r, c):
//	                             h[s+r*C+c] = 1
//	  numeric axis, K cuts: cell = number of cuts <= x, missing K+1
//	  category axis, L levels: cell = l of level l, any other L, missing L+1
//
// A contribution is the weighted sum over its own slots, v_j + f (v_(j+1) - v_j)
// between knots; that of a pair is the value of its cell. Then
//
//	raw  = Base + sum of contributions
//	eta  = Calibration.Intercept + Calibration.Slope raw
//	v    = sum_r (Factor[r] . h)^2 + Remainder + sum of the OtherVariance or MissingVariance of the slots hit
//	       + sum of the UnseenVariance of the cells hit whose weight is 0
//	var  = Slope^2 v + InterceptVariance + 2 raw Covariance + raw^2 SlopeVariance + SeasonVariance
//	P    = 1 / (1 + exp(-eta)),  interval = the same of eta -+ z sqrt(var),  z = estimate.Quantile(level)
//
// Contributions shown to people are Slope times those above, beside the base
// Intercept + Slope Base; they add up to eta.
package additive
