//go:build deploy

package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// run runs a program to its end and returns what it told.
func run(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%v: .ci/run installs or builds it (deploy/tools/build.sh)", err)
	}
	command := exec.CommandContext(t.Context(), path, args...)
	command.Stdin = strings.NewReader(stdin)
	var out, told bytes.Buffer
	command.Stdout, command.Stderr = &out, &told
	if err := command.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, &out, &told)
	}
	return out.String()
}

// manifest is what is read of an object.
type manifest struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Spec struct {
		Replicas    int
		Selector    map[string]any
		PodSelector map[string]any `yaml:"podSelector"`
		Ingress     []struct {
			From []struct {
				PodSelector map[string]map[string]string `yaml:"podSelector"`
			}
		}
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     pod
		}
	}
	Data map[string]string
}

type pod struct {
	TerminationGracePeriodSeconds int `yaml:"terminationGracePeriodSeconds"`
	SecurityContext               struct {
		RunAsNonRoot bool `yaml:"runAsNonRoot"`
	} `yaml:"securityContext"`
	Containers []struct {
		Name            string
		SecurityContext struct {
			AllowPrivilegeEscalation bool `yaml:"allowPrivilegeEscalation"`
			ReadOnlyRootFilesystem   bool `yaml:"readOnlyRootFilesystem"`
		} `yaml:"securityContext"`
		VolumeMounts   []mount `yaml:"volumeMounts"`
		ReadinessProbe struct {
			HTTPGet struct{ Path string } `yaml:"httpGet"`
		} `yaml:"readinessProbe"`
	}
	Volumes []struct {
		Name   string
		Secret struct {
			SecretName string `yaml:"secretName"`
		}
		ConfigMap struct{ Name string } `yaml:"configMap"`
	}
}

type mount struct {
	Name      string
	MountPath string `yaml:"mountPath"`
}

// rendered builds the kustomization, holds it against the schemas of Kubernetes
// and returns its objects by kind.
func rendered(t *testing.T) map[string]manifest {
	t.Helper()
	text := run(t, "", "kustomize", "build", "kubernetes")
	path := filepath.Join(t.TempDir(), "churnwatch.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "", "kubectl-validate", path)
	out := map[string]manifest{}
	for decoder := yaml.NewDecoder(strings.NewReader(text)); ; {
		var m manifest
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out[m.Kind] = m
	}
}

func TestManifestsFitTheSchemasAndEachOther(t *testing.T) {
	all := rendered(t)
	set, service, policy, settings := all["StatefulSet"], all["Service"], all["NetworkPolicy"], all["ConfigMap"]
	if set.Spec.Replicas != 1 {
		t.Errorf("%d replicas of what has one owner", set.Spec.Replicas)
	}
	labels := map[string]any{}
	for k, v := range set.Spec.Template.Metadata.Labels {
		labels[k] = v
	}
	for name, got := range map[string]any{
		"service": service.Spec.Selector, "set": set.Spec.Selector["matchLabels"], "policy": policy.Spec.PodSelector["matchLabels"],
	} {
		if diff := cmp.Diff(labels, got); diff != "" {
			t.Errorf("the %s selects other pods (-pod +selector):\n%s", name, diff)
		}
	}
	client := map[string]map[string]string{"matchLabels": {"churnwatch.github.io/client": "true"}}
	if diff := cmp.Diff(client, policy.Spec.Ingress[0].From[0].PodSelector); diff != "" {
		t.Errorf("clients (-want +got):\n%s", diff)
	}
	spec := set.Spec.Template.Spec
	if !spec.SecurityContext.RunAsNonRoot || len(spec.Containers) != 2 || spec.Containers[0].ReadinessProbe.HTTPGet.Path != "/readyz" {
		t.Errorf("pod: %+v", spec)
	}
	for _, c := range spec.Containers {
		if c.SecurityContext.AllowPrivilegeEscalation || !c.SecurityContext.ReadOnlyRootFilesystem {
			t.Errorf("%s: %+v", c.Name, c.SecurityContext)
		}
	}
	for _, v := range spec.Volumes {
		if v.ConfigMap.Name != "" && v.ConfigMap.Name != settings.Metadata.Name {
			t.Errorf("volume %s: there is no settings %s", v.Name, v.ConfigMap.Name)
		}
	}
	checkSettings(t, settings.Data["churnwatch.yaml"], spec)
}

// checkSettings holds the server's own settings against its pod.
func checkSettings(t *testing.T, text string, spec pod) {
	t.Helper()
	var settings struct {
		Server struct {
			Keys            []string
			Drain           time.Duration
			ShutdownTimeout time.Duration `yaml:"shutdown_timeout"`
		}
	}
	if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
		t.Fatal(err)
	}
	s := settings.Server
	if need := s.Drain + s.ShutdownTimeout; s.Drain == 0 || need >= time.Duration(spec.TerminationGracePeriodSeconds)*time.Second {
		t.Errorf("the stop takes %s, and the pod is killed after %d s", need, spec.TerminationGracePeriodSeconds)
	}
	for _, key := range s.Keys {
		file := key[strings.LastIndex(key, " ")+1:]
		if !slices.ContainsFunc(spec.Containers[0].VolumeMounts, func(m mount) bool {
			return m.Name == "keys" && filepath.Dir(file) == m.MountPath
		}) {
			t.Errorf("the key %s is not where the secret is laid", file)
		}
	}
}

func TestAFaultyManifestIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "service.yaml")
	if err := os.WriteFile(path, []byte("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, prot: TCP}]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("kubectl-validate")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, path).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "spec.ports[0].prot") {
		t.Errorf("%v: %s", err, out)
	}
}
