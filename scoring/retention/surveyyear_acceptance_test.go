//go:build acceptance

package retention_test

import (
	"os"
	"testing"
)

// A year, or a third of one where few seeds are asked for.
func TestOverAYearNobodyIsAskedTwiceWithinNinetyDays(t *testing.T) {
	days := 365
	if few := os.Getenv("ACCEPTANCE_SEEDS"); few == "1" || few == "2" {
		days = 120
	}
	surveysOver(t, days, 100)
}

func TestManyPlansKnowNothingOfTheirDay(t *testing.T) { plansKnowNothingOfTheirDay(t, 40) }
