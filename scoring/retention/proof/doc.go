// Package proof says what experiments have proven: whether customers whom a
// playbook reaches stay longer than those held out, and which tone, moment or
// offer does better.
//
// The unit is the customer, at his first eligible trigger of the experiment, in
// the arm that he was assigned to, whatever came of it (intention to treat).
// Eligible for the holdout is a trigger against which nothing stands but what
// is asked after the holdout itself: up to there nothing depends on what was
// sent, so both arms pass the same questions, and at the same moments: where chance
// varies the moment, it draws one for those held out too. Variants are told apart when a
// trigger is made, since they may differ in their moment.
//
// Later triggers of a customer may depend on what he got, so they count no
// more. For the same reason a playbook's part of the holdout are the customers
// whom it was the first to want to reach.
//
// An outcome counts once its window is over. All that is said of one experiment
// is false with a probability of [Error] at most, at all looks together: half
// of it is for the measure that decides, half for the others, and of each half
// of that for all customers, the rest for parts of them. A playbook's part is that
// of its place in the order in which they brought in customers, out of parts that
// add up however many come, so that no comparison changes when another appears.
package proof
