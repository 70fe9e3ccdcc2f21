package survey

// Spread, Systematic and Uniform are what tests see of the drawing of a sample.
var (
	Spread     = spread
	Systematic = systematic
	Uniform    = uniform
)
