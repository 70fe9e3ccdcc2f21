package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

var update = flag.Bool("update", false, "write deploy/churnwatch.yaml")

// deployed is where what is deployed stands.
func deployed(path string) string { return filepath.Join("../../../deploy", path) }

// The example is what `churnwatch config show --example` prints.
func TestTheExampleFileEqualsTheDefaults(t *testing.T) {
	path := deployed("churnwatch.yaml")
	if *update {
		if err := os.WriteFile(path, []byte(config.Example()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Example(), string(text)); diff != "" {
		t.Errorf("%s is not up to date: go test ./cmd/internal/config -update (-want +got):\n%s", path, diff)
	}
	loaded, err := config.Load(config.Options{File: path})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), loaded.Config); diff != "" {
		t.Errorf("read back it is no default (-want +got):\n%s", diff)
	}
}

// Every setting that is deployed is one, with a value that may be.
func TestEveryDeployedSettingIsOne(t *testing.T) {
	if _, err := config.Load(config.Options{File: deployed("kubernetes/churnwatch.yaml")}); err != nil {
		t.Error(err)
	}
	set := regexp.MustCompile(`(CHURNWATCH_[A-Z_]+)[:=] ?([^\n\\]+[^\n\\ ])`)
	for path, want := range map[string]int{
		"docker/Dockerfile": 2, "compose/compose.yml": 5, "compose/own.yml": 1, "systemd/churnwatch.service": 1, "systemd/churnwatch-backup.service": 1,
	} {
		text, err := os.ReadFile(deployed(path))
		if err != nil {
			t.Fatal(err)
		}
		var environ []string
		for _, found := range set.FindAllStringSubmatch(string(text), -1) {
			environ = append(environ, found[1]+"="+found[2])
		}
		if len(environ) != want {
			t.Errorf("%s: %q, want %d settings", path, environ, want)
		}
		if _, err := config.Load(config.Options{Environ: environ}); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
