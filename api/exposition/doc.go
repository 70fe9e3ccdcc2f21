// Package exposition shows the published snapshot and the quality of the data
// and the model behind it to Prometheus.
//
// Figures are read once per snapshot ([Collector.Refresh]) and served from
// memory, so that a scrape costs the database nothing; ages alone are
// computed at the scrape.
//
// Labels are bounded sets: a dimension's cohorts beyond a number are `other`,
// and no customer is ever named. Of a cohort with fewer customers than the
// minimum cell only their number is shown, so that nobody's answers or orders
// can be read off.
package exposition
