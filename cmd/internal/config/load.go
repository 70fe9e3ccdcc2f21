package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// prefix starts every variable of the environment that is ours.
const prefix = "CHURNWATCH_"

// Options are the layers over the defaults. The zero value reads none.
type Options struct {
	File    string         // the path of a YAML file; "" reads none
	Environ []string       // of the form of os.Environ; nil reads none
	Flags   *pflag.FlagSet // parsed; nil reads none; flags that were not given do not count
}

// Loaded is a configuration that knows where its values came from.
type Loaded struct {
	Config

	origins map[string]Origin
}

// Value is a setting as it is shown.
type Value struct {
	Path    string `json:"path"`
	Value   string `json:"value"`
	Origin  string `json:"origin"`
	Comment string `json:"comment"`
}

// Load reads the layers and validates the result. The error is [FaultsError] with
// everything that is wrong in any layer, unless the file cannot be read at all.
func Load(o Options) (Loaded, error) {
	r := reader{loaded: Loaded{Config: Default(), origins: map[string]Origin{}}}
	if o.File != "" {
		if err := r.file(o.File); err != nil {
			return Loaded{}, err
		}
	}
	if err := r.environment(o.Environ); err != nil {
		return Loaded{}, err
	}
	if o.Flags != nil {
		if err := r.flags(o.Flags); err != nil {
			return Loaded{}, err
		}
	}
	for _, f := range r.loaded.faults() {
		f.Origin = r.loaded.Origin(f.Path)
		r.faults = append(r.faults, f)
	}
	if len(r.faults) > 0 {
		return Loaded{}, r.faults
	}
	return r.loaded, nil
}

// Origin is where the value at path came from.
func (l Loaded) Origin(path string) Origin { return l.origins[path] }

// Values is every setting in the order of [Example].
func (l Loaded) Values() []Value {
	values := make([]Value, len(settings))
	for i, s := range settings {
		values[i] = Value{
			Path:    s.path,
			Value:   s.text(l.Config),
			Origin:  l.Origin(s.path).String(),
			Comment: s.comment,
		}
	}
	return values
}

// reader lays one layer over another and collects what is wrong.
type reader struct {
	loaded Loaded
	faults FaultsError
}

// file reads the layer by itself, so that a misspelt or misplaced name cannot
// hide among what the other layers say.
func (r *reader) file(path string) error {
	content, err := file.Provider(path).ReadBytes()
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	layer := koanf.New(".")
	if err := layer.Load(file.Provider(path), yaml.Parser()); err != nil {
		return fmt.Errorf("read configuration %s: %w", path, err)
	}
	lines, err := lineNumbers(content)
	if err != nil {
		return fmt.Errorf("read configuration %s: %w", path, err)
	}
	r.walk("", layer.Raw(), func(name string) Origin {
		return Origin{Source: SourceFile, Name: path, Line: lines[name]}
	})
	return nil
}

func (r *reader) walk(section string, content map[string]any, origin func(path string) Origin) {
	for _, key := range slices.Sorted(maps.Keys(content)) {
		path, raw := strings.TrimPrefix(section+"."+key, "."), content[key]
		below, nested := raw.(map[string]any)
		switch s, known := settingAt(path); {
		case known:
			r.set(s, raw, origin(path))
		case isSection(path) && (nested || raw == nil):
			r.walk(path, below, origin)
		case isSection(path):
			r.fault(path, origin(path), problem(quote(raw), "a section, with its settings below it"))
		default:
			r.fault(path, origin(path), unknown(nearestPath(path)))
		}
	}
}

// environment never repeats the value of a variable that it does not know: it
// may be a secret of something else.
func (r *reader) environment(environ []string) error {
	byName := map[string]setting{}
	for _, s := range settings {
		byName[s.variable()] = s
	}
	layer := koanf.New(".")
	err := layer.Load(env.Provider(".", env.Opt{
		Prefix:      prefix,
		EnvironFunc: func() []string { return slices.Sorted(slices.Values(environ)) },
		TransformFunc: func(name, value string) (string, any) {
			s, known := byName[name]
			if !known && !serviceLink(name, value) {
				r.fault(name, Origin{}, unknown(nearestVariable(name)))
			}
			return s.path, typeless(value)
		},
	}), nil)
	if err != nil {
		return fmt.Errorf("read configuration from the environment: %w", err)
	}
	for _, s := range settings {
		if layer.Exists(s.path) {
			r.set(s, layer.Get(s.path), Origin{Source: SourceEnvironment, Name: s.variable()})
		}
	}
	return nil
}

// serviceNames are the variables that Kubernetes sets in every pod for a
// service called churnwatch, or churnwatch-something.
var serviceNames = regexp.MustCompile(
	`^CHURNWATCH_([A-Z0-9]+_)*(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// serviceLink tells whether Kubernetes set the variable, which must not stop
// the program. NAME_PORT is one only if it holds an address.
func serviceLink(name, value string) bool {
	return serviceNames.MatchString(name) || strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}

func (r *reader) flags(flags *pflag.FlagSet) error {
	byFlag := map[string]setting{}
	for _, s := range settings {
		if s.flag != "" {
			byFlag[s.flag] = s
		}
	}
	layer := koanf.New(".")
	err := layer.Load(posflag.ProviderWithFlag(flags, ".", nil, func(f *pflag.Flag) (string, any) {
		value := posflag.FlagVal(flags, f)
		if text, ok := value.(string); ok {
			value = typeless(text)
		}
		return byFlag[f.Name].path, value
	}), nil)
	if err != nil {
		return fmt.Errorf("read configuration from flags: %w", err)
	}
	for _, s := range settings {
		if layer.Exists(s.path) {
			r.set(s, layer.Get(s.path), Origin{Source: SourceFlag, Name: "--" + s.flag})
		}
	}
	return nil
}

func (r *reader) set(s setting, raw any, origin Origin) {
	if wanted := s.read(&r.loaded.Config, raw); wanted != "" {
		r.fault(s.path, origin, problem(quote(raw), wanted))
		return
	}
	r.loaded.origins[s.path] = origin
}

func (r *reader) fault(path string, origin Origin, text string) {
	r.faults = append(r.faults, Fault{Path: path, Origin: origin, Problem: text})
}

func unknown(near string) string {
	if near == "" {
		return "is not a setting; `churnwatch config show` lists them"
	}
	return "is not a setting; did you mean " + near + "?"
}
