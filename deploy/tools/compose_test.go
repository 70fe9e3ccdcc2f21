package tools_test

import (
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// The compose files are read by the library that docker compose reads them with,
// which holds them against the schema of the Compose Specification, merges them
// and checks what refers to what.
func TestTheComposeFilesAreThoseOfTheSpecification(t *testing.T) {
	for name, files := range map[string][]string{
		"a made-up shop": {"../compose/compose.yml"},
		"one's own data": {"../compose/compose.yml", "../compose/own.yml"},
	} {
		options, err := cli.NewProjectOptions(files, cli.WithInterpolation(true), cli.WithResolvedPaths(true), cli.WithConsistency(true))
		if err != nil {
			t.Fatal(err)
		}
		project, err := options.LoadProject(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, service := range project.Services {
			checkService(t, name+": "+service.Name, service)
		}
		if got := project.Services["churnwatch"].Environment["CHURNWATCH_SERVER__KEYS"]; got == nil {
			t.Errorf("%s: the server has no key to begin with", name)
		}
	}
}

// checkService holds what every container of ours keeps to.
func checkService(t *testing.T, name string, s types.ServiceConfig) {
	t.Helper()
	for _, port := range s.Ports {
		if port.HostIP != "127.0.0.1" {
			t.Errorf("%s: port %s is published on %q, want 127.0.0.1", name, port.Published, port.HostIP)
		}
	}
	if len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" || len(s.SecurityOpt) != 1 || s.MemLimit == 0 || s.Privileged {
		t.Errorf("%s: capabilities %v dropped, security %v, memory %d", name, s.CapDrop, s.SecurityOpt, s.MemLimit)
	}
	if !s.ReadOnly && s.Name != "grafana" { // Grafana unpacks what it comes with.
		t.Errorf("%s: its root can be written to", name)
	}
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeBind {
			continue
		}
		if found, err := filepath.Glob(v.Source); err != nil || len(found) != 1 || !v.ReadOnly {
			t.Errorf("%s: %s: there is none, or it can be written to", name, v.Source)
		}
	}
}
