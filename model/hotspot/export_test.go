package hotspot

// LogMeanTails exposes the tails of a mean to tests.
var LogMeanTails = logMeanTails
