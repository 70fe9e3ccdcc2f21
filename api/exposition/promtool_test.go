//go:build prometheus

package exposition_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/churnwatch/churnwatch/api/exposition"
)

// promtool comes with Debian's prometheus, which CI installs.
func TestPromtoolHasNothingToSay(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("NOT CHECKED: promtool is not installed (apt-get install prometheus)")
	}
	_, registry := collect(t, full(), exposition.Options{})
	jobs, err := exposition.NewJobs(registry)
	if err != nil {
		t.Fatal(err)
	}
	jobs.Observe("train", true, time.Second)
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(scrape(t, registry))
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
}
