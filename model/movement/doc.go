// Package movement tells how a group of customers moved from one period to the
// next, beside everybody.
//
// What one customer does in two periods is a pair. A group moved by the sum of
// what its members did after over that before; that of everybody is the shop's
// own movement, a season or a promotion, against which the group is held.
//
// # Inference
//
// Customers are the independent units, whatever they did within a period, so
// that no count needs to be a Poisson's: the standard error of the logarithm of
// a ratio of sums is that of its linearisation (Cochran 1977, section 6.3), in
// which a member's errors count in the group's sum and in that of everybody at
// once. Means take all values of a customer as one cluster (Liang and Zeger
// 1986). Intervals are Student's, with as many degrees of freedom as customers
// less one.
//
// A group that was picked by what its members did before moves back by chance
// (regression to the mean): such groups can be held against each other, not
// against nothing.
package movement
