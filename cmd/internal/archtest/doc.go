// Package archtest holds the architecture as tests: who may import whom, where
// SQL stands, that no query reads the clock, that every package says what it
// is, that files stay short, and what lies at the top of the repository.
//
// Each rule is a function from a file system to the faults in it, so that it is
// seen to pass on the repository and to fail on a fault planted in a made-up
// one.
package archtest
