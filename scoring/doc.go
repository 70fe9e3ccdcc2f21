// Package scoring turns what is known into a churn risk that was checked.
//
// Train fits the four models as of an instant and validates the risk out of
// time; Score applies the active one to everyone and publishes a snapshot;
// Evaluate tests at cutoffs of the caller's choice; Explain says why.
//
// The package decides what is fitted on what, and when it was known. How
// numbers are estimated is the business of the packages under model; how
// facts are stored and features computed is the warehouse's.
//
// # What is known when
//
// Everything that is fitted for use as of T is fitted on facts known before T:
// each row of the panel is made with parameters fitted as of its own cutoff,
// and a label enters a fit for T only when it was complete before T. The
// validation repeats the whole fit, choice of penalties and calibration
// included, for each of its cutoffs.
//
// # What retention did
//
// A score means the risk if nothing is done. Customers to whom a retention
// message was sent in the horizon, or in the one before and who have not ordered
// since, tell nothing of that: they and those whom a playbook wanted to reach
// are left out of every fit and test on labels, and who was held out from the
// same stands for them, by the inverse of the holdout's share. Without a holdout
// nobody can stand for them; they stay in then, and every report says so.
package scoring
