// Package btyd says from a customer's rhythm of orders how likely he is to
// order again, how often, when, and for how much ("buy till you die").
//
// # Orders: BG/NBD
//
// While a customer is active he orders at random at a rate lambda of his own,
// and after any order he may become inactive for good with a probability p of
// his own. Rates differ between customers as a gamma with shape r and rate
// alpha, dropout as a beta with a and b. What is known of a customer is x
// (repeat orders: days with an order beyond the first), t (from the first to
// the last) and T (from the first to now), all in one unit of time:
//
//	L = G(r+x) alpha^r / G(r) * {
//	      B(a, b+x) / B(a, b)       / (alpha+T)^(r+x)     still active
//	    + B(a+1, b+x-1) / B(a, b)   / (alpha+t)^(r+x) }   inactive since t, if x > 0
//
// [Fit] maximises it over customers grouped by (x, t, T). Fader, Hardie and Lee
// (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).
//
// A customer with one order has had no chance to become inactive after a
// repeat, so the model calls him active with certainty. That is no reason to
// think that he comes back: rank by the probability of no order in a horizon
// ([Parameters.NoOrder]), never by that of being inactive.
//
// Where dropout doesn't raise the likelihood, a goes to 0 and what is left is
// the negative binomial (NBD) of rates alone. That is a finding ("no dropout
// found"), not a failure: A is then 0.
//
// # Order values: Gamma-Gamma
//
// The values of a customer's orders vary about a mean of his own as a gamma
// with shape p, and means differ between customers so that the rate of that
// gamma is itself gamma with shape q and rate v. Frequency and value are taken
// as independent; [FitSpend] says where they are not. Fader and Hardie (2013),
// The Gamma-Gamma Model of Monetary Value.
package btyd
