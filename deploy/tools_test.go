//go:build deploy

package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The units are put into a folder where the program they start is one that is
// here: systemd asks for it.
func TestUnitsAreWellFormedAndLockedDown(t *testing.T) {
	units, err := filepath.Glob("systemd/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("%v, %v", units, err)
	}
	dir := t.TempDir()
	var copied []string
	for _, unit := range units {
		text, err := os.ReadFile(unit)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Base(unit))
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), "/usr/local/bin/churnwatch", "/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		copied = append(copied, path)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, append([]string{"verify", "--man=no"}, copied...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	// 10 is wide open, 0 is shut; the threshold is in tenths.
	for _, unit := range units {
		out := run(t, "", "systemd-analyze", "security", "--offline=yes", "--no-pager", "--json=short", "--threshold=15", unit)
		var found []struct{ Name string }
		if err := json.Unmarshal([]byte(out), &found); err != nil || len(found) < 50 {
			t.Errorf("%s: %d settings, %v", unit, len(found), err)
		}
	}
	system, err := os.ReadFile("systemd/churnwatch.sysusers")
	if err != nil {
		t.Fatal(err)
	}
	run(t, string(system), "systemd-sysusers", "--root="+dir, "--dry-run", "-")
}

// The configurations are those that Prometheus and Alertmanager read, with the
// rules and the key where they look for them.
func TestConfigurationsAreRead(t *testing.T) {
	dir := t.TempDir()
	key := filepath.Join(dir, "prometheus.key")
	if err := os.WriteFile(key, []byte("cw_x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := filepath.Abs("../dashboards/rules")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"prometheus/prometheus.yml", "compose/prometheus.yml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		there := strings.NewReplacer("/run/churnwatch/keys/prometheus.key", key, "churnwatch/rules/", rules+"/").Replace(string(text))
		copied := filepath.Join(dir, "prometheus.yml")
		if err := os.WriteFile(copied, []byte(there), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := run(t, "", "promtool", "check", "config", copied); !strings.Contains(out, "3 rule files found") {
			t.Errorf("%s: %s", path, out)
		}
	}
	for _, path := range []string{"alertmanager/alertmanager.yml", "compose/alertmanager.yml"} {
		run(t, "", "amtool", "check-config", path)
		for alert, want := range map[string]string{"ChurnwatchAbsent": "on-duty", "ChurnwatchSystemicHotspot": "retention"} {
			severity := map[string]string{"on-duty": "critical", "retention": "warning"}[want]
			got := strings.TrimSpace(run(t, "", "amtool", "config", "routes", "test", "--config.file="+path, "alertname="+alert, "severity="+severity))
			if got != want {
				t.Errorf("%s: %s goes to %s, want %s", path, alert, got, want)
			}
		}
	}
}

var pinnedAction = regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestTheWorkflowIsOne(t *testing.T) {
	workflows, err := filepath.Glob("../.github/workflows/*.yml")
	if err != nil || len(workflows) == 0 {
		t.Fatalf("%v, %v", workflows, err)
	}
	run(t, "", "actionlint", append([]string{"-no-color"}, workflows...)...)
	for _, path := range workflows {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if _, action, uses := strings.Cut(line, "uses: "); uses && !pinnedAction.MatchString(strings.TrimSpace(action)) {
				t.Errorf("%s: %s: want a commit, and its version behind it", path, strings.TrimSpace(action))
			}
		}
	}
}
