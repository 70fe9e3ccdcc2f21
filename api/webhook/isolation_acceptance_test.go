//go:build acceptance

package webhook_test

import (
	"testing"
	"time"
)

func TestAHealthyReceiverBesideAHundredDeadOnesHearsWithinTwoSeconds(t *testing.T) {
	besideDead(t, 100, 600, 50*time.Millisecond)
}
