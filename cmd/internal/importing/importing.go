// Package importing runs imports for commands: it finds presets, opens files
// and standard input, and hands them to the import path.
package importing

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/churnwatch/churnwatch/cmd/internal/app"
	"github.com/churnwatch/churnwatch/ingest"
	"github.com/churnwatch/churnwatch/ingest/preset"
	"github.com/churnwatch/churnwatch/ingest/source"
	"github.com/churnwatch/churnwatch/model"
)

// Request is what a command line asks for.
type Request struct {
	Kind model.FactKind
	// Preset is the name of one that ships, or the path of a preset file.
	Preset string
	Files  []File
	Stdin  io.Reader
	Map    map[string]string

	DryRun, Restate                           bool
	TimeZone, DateFormat, Delimiter, Encoding string
	Progress                                  func(Progress)
}

// File is a file by the name that the user gave and the path where it is.
type File struct {
	Name, Path string
	Stdin      bool
}

// Presets returns the names of the presets that ship.
func Presets() []string { return preset.Names() }

// Title says what export a preset that ships is for.
func Title(name string) string {
	p, err := preset.Open(name)
	if err != nil {
		return ""
	}
	return p.Title
}

// IsFile reports whether a preset is named by a file rather than by its name.
func IsFile(name string) bool {
	return strings.ContainsAny(name, "/\\") || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// Stdin is the argument that stands for standard input.
const Stdin = source.Stdin

// Progress is how far an import is.
type Progress = ingest.Progress

// Expand returns the files that arguments name, patterns spelled out.
func Expand(args []string) ([]string, error) {
	files, err := source.Expand(args)
	if err != nil {
		return nil, model.Errorf(model.KindInvalid, "%w", err)
	}
	return files, nil
}

// Run imports. Reports come back beside an error where something was done
// before it.
func Run(ctx context.Context, a *app.App, r Request) ([]model.ImportReport, error) {
	request := ingest.Request{
		Kind: r.Kind, Map: r.Map, DryRun: r.DryRun, Restate: r.Restate,
		TimeZone: r.TimeZone, DateFormat: r.DateFormat, Progress: r.Progress,
	}
	if err := r.form(&request.Source); err != nil {
		return nil, err
	}
	if r.Preset != "" {
		found, err := preset.Open(r.Preset)
		if err != nil {
			return nil, err
		}
		request.Preset = found
	}
	for _, f := range r.Files {
		if f.Stdin {
			request.Files = append(request.Files, ingest.Stream(f.Name, r.Stdin))
			continue
		}
		request.Files = append(request.Files, input(f))
	}
	importer, err := a.Importer()
	if err != nil {
		return nil, err
	}
	return importer.Import(ctx, request)
}

// input opens a file under the name that the user gave it, also where it lies
// elsewhere by now.
func input(f File) ingest.Input {
	if f.Name == f.Path {
		return ingest.File(f.Path)
	}
	return ingest.Input{Name: f.Name, Again: true, Open: func(opts source.Options) (*source.Reader, error) {
		file, err := os.Open(f.Path)
		if err != nil {
			return nil, err
		}
		reader, err := source.New(file, f.Name, opts)
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return reader, nil
	}}
}

// form restates what the user says of the files' form.
func (r Request) form(o *source.Options) error {
	switch d := strings.ReplaceAll(r.Delimiter, `\t`, "\t"); len(d) {
	case 0:
	case 1:
		o.Delimiter = d[0]
	default:
		return model.Errorf(model.KindInvalid, "--delimiter %q: want one character, or \\t", r.Delimiter)
	}
	if r.Encoding == "" {
		return nil
	}
	encoding, err := source.ParseEncoding(r.Encoding)
	if err != nil {
		return model.Wrap(model.KindInvalid, "--encoding", err)
	}
	o.Encoding = encoding
	return nil
}
