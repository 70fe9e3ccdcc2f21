package config_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"github.com/churnwatch/churnwatch/cmd/internal/config"
)

func TestDefaultsAreValidAndLoadAsTheyAre(t *testing.T) {
	if err := config.Default().Validate(); err != nil {
		t.Error(err)
	}
	loaded, err := config.Load(config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), loaded.Config); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
	for _, v := range loaded.Values() {
		if v.Origin != "default" || v.Comment == "" {
			t.Errorf("%+v: want the origin default and a comment", v)
		}
	}
}

func TestTheExampleFileSetsEverythingToItsDefault(t *testing.T) {
	file := write(t, config.Example())
	loaded, err := config.Load(config.Options{File: file})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), loaded.Config); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
	lines := strings.Split(config.Example(), "\n")
	for _, v := range loaded.Values() {
		line := loaded.Origin(v.Path).Line
		name := v.Path[strings.LastIndex(v.Path, ".")+1:]
		if line == 0 || !strings.HasPrefix(strings.TrimSpace(lines[line-1]), name+": "+v.Value+" # ") {
			t.Errorf("%s does not stand on line %d of the example", v.Path, line)
		}
	}
}

func TestEveryValueThatIsShownCanBeWrittenBack(t *testing.T) {
	before, err := config.Load(config.Options{File: write(t, `
time_zone: Europe/Berlin
database: {temp_directory: /var/tmp/churnwatch, memory_limit: 1536MiB, threads: 2}
definition: {horizon: 60d}
drift: {false_alarms_per_1000: 12.5}
training: {seed: 18446744073709551615, interval_level: 0.8}
cohorts: {dimensions: []}
server: {http: "[::1]:0", grpc: "[::1]:0", rescore_every: 0}
`)})
	if err != nil {
		t.Fatal(err)
	}

	values := before.Values()
	environ := make([]string, len(values))
	for i, v := range values {
		value := strings.Trim(v.Value, `"`)
		if strings.HasPrefix(value, "[") && strings.HasSuffix(value, "]") {
			value = strings.Trim(value, "[]")
		}
		environ[i] = variable(v.Path) + "=" + value
	}
	after, err := config.Load(config.Options{Environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before.Config, after.Config); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestASectionMayBeEmpty(t *testing.T) {
	loaded, err := config.Load(config.Options{File: write(t, "server:\nlog: {}\n")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), loaded.Config); diff != "" {
		t.Errorf("loaded (-want +got):\n%s", diff)
	}
}

func TestVariablesThatKubernetesSetsAreNoSettings(t *testing.T) {
	_, err := config.Load(config.Options{Environ: []string{
		"PATH=/usr/bin",
		"CHURNWATCH_SERVICE_HOST=10.0.0.7",
		"CHURNWATCH_SERVICE_PORT=8080",
		"CHURNWATCH_SERVICE_PORT_HTTP=8080",
		"CHURNWATCH_PORT=tcp://10.0.0.7:8080",
		"CHURNWATCH_PORT_8080_TCP=tcp://10.0.0.7:8080",
		"CHURNWATCH_PORT_8080_TCP_ADDR=10.0.0.7",
		"CHURNWATCH_METRICS_PORT_9090_TCP_PROTO=tcp",
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestAListInTheEnvironmentIsSplitAtItsCommas(t *testing.T) {
	loaded, err := config.Load(config.Options{Environ: []string{"CHURNWATCH_COHORTS__DIMENSIONS=industry, plan"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"industry", "plan"}, loaded.Cohorts.Dimensions); diff != "" {
		t.Errorf("dimensions (-want +got):\n%s", diff)
	}
}

// values draws a valid value of each kind, as a user writes it.
var values = map[string]*rapid.Generator[string]{
	"database.path":               rapid.StringMatching(`[a-z]{1,8}\.duckdb`),
	"database.threads":            decimal(0, 1024),
	"database.memory_limit":       rapid.SampledFrom([]string{"64MB", "1536MiB", "2GB", "7GiB"}),
	"definition.kind":             rapid.SampledFrom([]string{"inactivity", "cancellation"}),
	"definition.horizon":          rapid.SampledFrom([]string{"1d", "60d", "730d"}),
	"drift.cycle":                 rapid.SampledFrom([]string{"7d", "28d", "365d"}),
	"drift.false_alarms_per_1000": rapid.SampledFrom([]string{"1", "12.5", "500"}),
	"log.level":                   rapid.SampledFrom([]string{"debug", "warn", "error"}),
	"server.http":                 rapid.SampledFrom([]string{"127.0.0.1:1", "localhost:2", "[::1]:3"}),
	"training.seed":               decimal(0, 1<<40),
}

// flagOf names the flag of those that have one.
var flagOf = map[string]string{
	"database.path":      "db",
	"database.threads":   "threads",
	"definition.kind":    "definition",
	"definition.horizon": "horizon",
	"drift.cycle":        "cycle",
	"log.level":          "log-level",
	"server.http":        "http",
}

func TestALaterLayerWinsAndIsNamedAsTheOrigin(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		want := map[string]string{} // what stands last, by path
		from := map[string]config.Source{}
		var lines, environ, args []string
		for _, path := range slices.Sorted(maps.Keys(values)) {
			if rapid.Bool().Draw(t, "file") {
				want[path], from[path] = values[path].Draw(t, path), config.SourceFile
				lines = append(lines, path+": "+want[path])
			}
			if rapid.Bool().Draw(t, "environment") {
				want[path], from[path] = values[path].Draw(t, path), config.SourceEnvironment
				environ = append(environ, variable(path)+"="+want[path])
			}
			if flag := flagOf[path]; flag != "" && rapid.Bool().Draw(t, "flag") {
				want[path], from[path] = values[path].Draw(t, path), config.SourceFlag
				args = append(args, "--"+flag+"="+want[path])
			}
		}
		file := filepath.Join(dir, "churnwatch.yaml")
		if err := os.WriteFile(file, []byte(nested(lines)), 0o600); err != nil {
			t.Fatal(err)
		}
		flags := commandFlags()
		if err := flags.Parse(args); err != nil {
			t.Fatal(err)
		}

		loaded, err := config.Load(config.Options{File: file, Environ: environ, Flags: flags})
		if err != nil {
			t.Fatal(err)
		}

		defaults, err := config.Load(config.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range loaded.Values() {
			value, source := defaults.Values()[i].Value, config.Source("")
			if text, set := want[v.Path]; set {
				value, source = text, from[v.Path]
			}
			if v.Value != value && v.Value != strconv.Quote(value) || loaded.Origin(v.Path).Source != source {
				t.Errorf("%s = %s from %s, want %s from %q", v.Path, v.Value, v.Origin, value, source)
			}
		}
	})
}

// commandFlags are of the kinds that commands use; only those given count.
func commandFlags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.String("db", "flag-default.duckdb", "")
	flags.Int("threads", 7, "")
	flags.String("definition", "neither", "")
	flags.String("log-level", "info", "")
	flags.String("http", "nowhere", "")
	flags.Bool("quiet", false, "")
	horizon, cycle := config.Days(1), config.Days(1)
	flags.Var(&horizon, "horizon", "")
	flags.Var(&cycle, "cycle", "")
	return flags
}

// nested writes lines of "section.name: value" as YAML sections.
func nested(lines []string) string {
	var b strings.Builder
	last := ""
	for _, line := range lines {
		section, rest, _ := strings.Cut(line, ".")
		if section != last {
			b.WriteString(section + ":\n")
		}
		last = section
		name, value, _ := strings.Cut(rest, ": ")
		if strings.HasPrefix(value, "[") {
			value = strconv.Quote(value)
		}
		b.WriteString("  " + name + ": " + value + "\n")
	}
	return b.String()
}

func variable(path string) string {
	return "CHURNWATCH_" + strings.ToUpper(strings.ReplaceAll(path, ".", "__"))
}

func decimal(low, high int) *rapid.Generator[string] {
	return rapid.Map(rapid.IntRange(low, high), strconv.Itoa)
}
