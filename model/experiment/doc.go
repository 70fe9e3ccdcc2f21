// Package experiment says what an experiment has proven so far, at any look.
//
// A test that holds its error at one fixed sample size does not hold it for
// somebody who looks every day: at 50 looks a 5 % test cries wolf in about a
// third of all experiments without effect. Everything here may be looked at
// whenever one likes, and stopped when one likes:
//
//   - [Boundary] and [Compare] bound the difference of two arms by a confidence
//     sequence: an interval that holds the truth at all looks together with the
//     stated confidence (Robbins 1970; Howard, Ramdas, McAuliffe and Sekhon 2021;
//     Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2021).
//   - [CheckRatio] tests whether the arms got their shares, by a Bayes factor
//     that is a martingale if they did (Lindon and Malek 2022).
//   - [Boundary.Need] announces at how many customers an effect worth knowing
//     would be proven.
//   - [Split] shares out the error between several comparisons.
//   - [Judge] puts them together.
//
// An arm is a count, a mean and a variance of independent units: customers, by
// the arm that they were assigned to, whatever they got.
package experiment
