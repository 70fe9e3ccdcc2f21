// Package model is the vocabulary of churnwatch.
//
// It holds the words that every other package speaks, the results that leave
// the program, and the two contracts that storage engines fulfil. It performs
// no I/O, reads no clock and keeps no state.
//
// # Glossary
//
//   - customer: who may churn. Known by an opaque id, never by name.
//   - fact: one dated thing that happened to a customer: an order placed, a
//     parcel delivered, an answer given. Each dated column of an imported row
//     is a fact of its own.
//   - occurred at, known at: when a fact happened and when it could be known.
//   - as of T: with what occurred before T and was known before T.
//   - window: a half-open span [from, to) in UTC.
//   - cutoff: an instant T at which features are taken and after which the
//     label is read.
//   - horizon: the length H of the label's window [T, T+H).
//   - churn definition: who is eligible at T and what counts as churned.
//   - panel: one row per eligible customer and cutoff: features and label.
//   - feature: a number or level about a customer as of T, named in the
//     catalogue.
//   - label: the truth, churned or not. A score is never called a label.
//   - predictor: a fitted thing. "Model" in a name means a stored, numbered
//     predictor with its evaluation.
//   - score: what a predictor says of a customer as of T.
//   - contribution: the part of a score's log-odds that one feature adds.
//   - pain point: a kind of bad experience, found by a detector.
//   - incident: one occurrence of a pain point.
//   - exposure: the incidents that count for an answer or a cutoff.
//   - drift: satisfaction or orders below expectation in two cycles running.
//   - cycle: the span in which drift is measured, 30 days by default.
//   - run: one training or scoring; invisible until published.
//   - snapshot: the scores of the newest published run.
//   - trigger: one step of a playbook for one customer and one cause.
//   - holdout: the customers who get no retention, for comparison.
//   - experiment: customers assigned by chance to arms, to tell which does better.
//   - arm: what an experiment assigns; the variants of a playbook's step, or held
//     out and treated. All are compared with the first.
//   - quarantine: where rows that could not be used are kept, with the reason.
package model
