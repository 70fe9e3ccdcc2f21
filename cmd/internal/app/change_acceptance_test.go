//go:build acceptance

package app_test

import "testing"

// Nothing, each cause that can stand alone, and all of them.
func TestEveryCauseOfAChangeAloneAndAllTogether(t *testing.T) {
	checkChanges(t, 2, causes{}, causes{facts: true}, causes{corrections: true}, causes{model: true}, everything())
}
