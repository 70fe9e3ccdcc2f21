//go:build acceptance

package service_test

import (
	"os"
	"strconv"
	"testing"
)

func TestWhatWasAcknowledgedSurvivesManyKillsOnce(t *testing.T) { killAndCheck(t, kills(t)) }

func TestAReceiverHearsOfEachChangeThroughManyKills(t *testing.T) { hearThroughKills(t, kills(t)) }

// kills is how often the acceptance tests kill: CHURNWATCH_KILLS times, or 10.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("CHURNWATCH_KILLS")
	if text == "" {
		return 10
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
