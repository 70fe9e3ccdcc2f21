package duckdb

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/churnwatch/churnwatch/model"
)

// Options say how a database is opened.
type Options struct {
	// Path of the file; empty is a database in memory.
	Path string
	// MemoryLimit in DuckDB's form; empty is 1GB. Real memory can exceed it
	// by a third.
	MemoryLimit string
	// TempDirectory takes what does not fit into memory; empty is a folder
	// beside the file, or one of the system's for a database in memory.
	TempDirectory string
	// KeepFree is the space beside the file, in bytes, below which nothing is
	// loaded, scored, published or trained, so that the disk hardly ever fills up in
	// the middle of a write; the handle that this kills is opened anew by itself.
	// Keys, erasures, the audit log, operations, webhooks and what comments say are
	// written down to a quarter of it. 0 is none.
	KeepFree int64
	// Threads bounds DuckDB's threads; 0 is all.
	Threads int
	// AllowedFiles are the only files that SQL may read outside of the
	// spool. They are made absolute, and SQL must name them so.
	AllowedFiles []string
	// SpoolDirectory is the one folder that SQL may touch; empty is none. It
	// is made absolute too.
	SpoolDirectory string
	// Logger takes what happens; nil discards it.
	Logger *slog.Logger
	// Clock tells when something was recorded. It must be set.
	Clock func() time.Time
}

// checked fills in defaults and makes paths absolute.
func (o Options) checked() (Options, error) {
	if o.Clock == nil {
		return o, model.Errorf(model.KindInvalid, "open database: no clock")
	}
	if o.Threads < 0 {
		return o, model.Errorf(model.KindInvalid, "open database: threads %d: want 0 or more", o.Threads)
	}
	if o.MemoryLimit == "" {
		o.MemoryLimit = "1GB"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o, err := o.absolute()
	if err != nil || o.Path == "" {
		return o, err
	}
	// The driver reads the path as an address and would cut it at these.
	if strings.ContainsAny(o.Path, "?#%") {
		return o, model.Errorf(model.KindInvalid, "open database %s: its path may not hold any of ? # %%", o.Path)
	}
	if o.TempDirectory == "" {
		o.TempDirectory = o.Path + ".tmp"
	}
	return o, nil
}

// absolute makes the paths absolute; an empty one stays empty.
func (o Options) absolute() (Options, error) {
	o.AllowedFiles = slices.Clone(o.AllowedFiles)
	paths := make([]*string, 0, 2+len(o.AllowedFiles))
	paths = append(paths, &o.Path, &o.SpoolDirectory)
	for i := range o.AllowedFiles {
		paths = append(paths, &o.AllowedFiles[i])
	}
	for _, path := range paths {
		if *path == "" {
			continue
		}
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return o, model.Wrap(model.KindInvalid, "open database: "+*path, err)
		}
		*path = absolute
	}
	return o, nil
}

// address is what the driver opens: the file with the settings that count
// only from the start.
func (o Options) address() string {
	settings := url.Values{
		"memory_limit":                 {o.MemoryLimit},
		"temp_directory":               {o.TempDirectory},
		"autoinstall_known_extensions": {"false"},
		"autoload_known_extensions":    {"false"},
	}
	if o.Threads > 0 {
		settings.Set("threads", strconv.Itoa(o.Threads))
	}
	return o.Path + "?" + settings.Encode()
}
