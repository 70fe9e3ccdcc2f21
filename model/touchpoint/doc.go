// Package touchpoint ranks the moments of a customer's journey by how strongly
// they go with churn.
//
// A row is a customer at a cutoff: whether a moment came in the window before,
// how active he was, and whether he churned in the horizon after. Where windows
// are as long as cutoffs lie apart, every moment is in the row of the first
// cutoff after it.
//
// The rows of all cutoffs are stacked and fitted together, as landmarks are (van
// Houwelingen 2007): the odds are those of churn within the horizon, on average
// over the cutoffs. Horizons may overlap. With cutoffs 30 days apart and a
// horizon of 90 one churn is the outcome of up to three rows, so this is no
// discrete-time hazard, where each one counts in one interval alone (D'Agostino
// et al. 1990), and the number of rows that churned is not one of customers.
//
// # Touchpoints
//
// A low answer is held against the other answers of its touchpoint. All
// touchpoints are fitted together,
//
//	log odds(churn) = a + sum_k (b_k low_k + g_k answered_k) + activity
//
// so that an unhappy customer, who answers low everywhere, is not counted
// against each of them: b_k is what a low answer there adds to the others.
//
// # Moments
//
// Moments overlap (a first delivery follows a first order), so each is fitted
// alone beside activity: log odds(churn) = a + b happened + activity.
//
// # Inference
//
// Standard errors are clustered by customer (Liang and Zeger 1986), which counts
// the outcome that his rows share as one. P-values
// are two-sided and normal, the family is all that were fitted, and q-values are
// Benjamini and Hochberg's (1995), which tolerates their positive dependence
// (Benjamini and Yekutieli 2001). What has too few customers who churned after
// it, or who stayed, is not fitted: below ten of either a logistic coefficient
// can't be trusted (Peduzzi et al. 1996).
//
// None of it is a cause.
package touchpoint
