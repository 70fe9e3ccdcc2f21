//go:build acceptance

package service_test

import (
	"os"
	"strconv"
	"testing"
)

// It is killed at CHURNWATCH_KILLS moments, or 10.
func TestWhatWasAcknowledgedSurvivesManyKillsOnce(t *testing.T) {
	rounds := 10
	if text := os.Getenv("CHURNWATCH_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	killAndCheck(t, rounds)
}
