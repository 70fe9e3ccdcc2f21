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
package scoring
