// Package quality tells data that a fit can trust from data that would
// mislead it.
//
// Everything is judged against the data's own past, so that a seasonal shop
// and a shop of ten orders a week are each measured by their own rhythm:
// volume by how it has moved before ([Volume]), gaps by the gaps between its
// days ([Rhythm]), inputs by how far they have moved between past cutoffs
// ([Stability]), and a feature that knows the answer by how well it alone
// tells who left ([Separation]).
package quality
