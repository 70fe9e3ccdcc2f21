// Package painpoint says what one incident costs.
//
// A pain point is a detector that found incidents: late deliveries, returns,
// slow replies. Its weight is how many points of satisfaction one incident
// costs ([FitSatisfaction]), and how much it raises the log-odds of churn
// ([FitChurn]). All detectors are fitted together, because they overlap: a late
// order is also returned more often, and each should carry its own part only.
//
// The weights are plain least squares and plain maximum likelihood, without a
// prior, so that what is printed is what the data says; standard errors are
// clustered by customer. What cannot be told apart is dropped by name, with a
// warning, and never split at random.
package painpoint
