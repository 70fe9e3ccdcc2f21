package post

// RetryAfter opens the reading of a header to tests.
var RetryAfter = retryAfter
