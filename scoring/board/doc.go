// Package board draws up what people who run a shop look at together: the
// matrix of answers by orders, the targets, what was complained of and mended,
// and the quarter's review.
//
// A board tells what was measured, from facts that were known at its instant. A
// figure that nothing can be said of is left out with a reason; it is never 0.
// Outcomes are those of periods that have closed: what became of customers is
// told of those who stood in a cell one horizon ago.
package board
