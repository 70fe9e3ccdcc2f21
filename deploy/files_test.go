package deploy_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// read reads a YAML file.
func read(t *testing.T, path string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := yaml.Unmarshal(text, &out); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return out
}

// The alerts of the compose file go the way of the example, to nobody yet.
func TestAlertsAreRoutedAlikeEverywhere(t *testing.T) {
	example, composed := read(t, "alertmanager/alertmanager.yml"), read(t, "compose/alertmanager.yml")
	names := func(receivers any) (out []string) {
		for _, r := range receivers.([]any) {
			out = append(out, r.(map[string]any)["name"].(string))
		}
		return out
	}
	if diff := cmp.Diff(names(example["receivers"]), names(composed["receivers"])); diff != "" {
		t.Errorf("receivers (-example +compose):\n%s", diff)
	}
	delete(example, "receivers")
	delete(composed, "receivers")
	if diff := cmp.Diff(example, composed); diff != "" {
		t.Errorf("routing (-example +compose):\n%s", diff)
	}
}

// What one file says of another is there: rules, dashboards, the home page, keys.
func TestWhatTheComposeFileNamesIsThere(t *testing.T) {
	text, err := os.ReadFile("compose/compose.yml")
	if err != nil {
		t.Fatal(err)
	}
	home := regexp.MustCompile(`HOME_DASHBOARD_PATH: /var/lib/grafana/dashboards/churnwatch/(\S+)`).FindSubmatch(text)
	if home == nil {
		t.Fatal("there is no home dashboard")
	}
	if _, err := os.Stat(filepath.Join("../dashboards/json", string(home[1]))); err != nil {
		t.Error(err)
	}
	provider := read(t, "grafana/dashboards.yml")["providers"].([]any)[0].(map[string]any)
	if path := provider["options"].(map[string]any)["path"]; !strings.Contains(string(text), "../../dashboards/json:"+path.(string)+":ro") {
		t.Errorf("the dashboards are not where Grafana looks for them: %v", path)
	}
	scrape := read(t, "compose/prometheus.yml")["scrape_configs"].([]any)[0].(map[string]any)
	key := scrape["authorization"].(map[string]any)["credentials_file"].(string)
	if !strings.Contains(string(text), "metrics:read "+key+"\n") {
		t.Errorf("Prometheus reads its key from %s, and the server writes it elsewhere", key)
	}
}

// Every image but our own has an exact version.
func TestImagesAreExact(t *testing.T) {
	exact := regexp.MustCompile(`^(churnwatch:local|[a-z]+/[a-z]+:v?\d+\.\d+\.\d+)$`)
	for _, path := range []string{"compose/compose.yml", "compose/own.yml"} {
		services := read(t, path)["services"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(services)) {
			if image, ok := services[name].(map[string]any)["image"]; ok && !exact.MatchString(image.(string)) {
				t.Errorf("%s: %s: %v", path, name, image)
			}
		}
	}
}
