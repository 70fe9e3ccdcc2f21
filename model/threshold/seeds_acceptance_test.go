//go:build acceptance

package threshold_test

import "testing"

// Where the best threshold lies outside 0.35 to 0.65 the net-value rule beats the
// fixed 0.5 on fresh outcomes in at least 95 % of the seeds.
func TestNetValueBeatsAFixedProbabilityInManySeeds(t *testing.T) {
	const seeds = 300
	for name, e := range economies() {
		won, gain, net := beats(t, e, seeds, 2000)
		t.Logf("%s: better in %d of %d seeds, by %.0f on the mean of a net of %.0f", name, won, seeds, gain, net)
		if won < seeds*95/100 {
			t.Errorf("%s: better in %d of %d seeds, want %d", name, won, seeds, seeds*95/100)
		}
	}
}
