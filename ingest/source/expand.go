package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Stdin is the argument that stands for standard input.
const Stdin = "-"

// Expand returns the files that args name, sorted and without repeats.
//
// An argument is a file, a pattern of [filepath.Match], or "-" for standard
// input, which is kept as it is. An existing file is never read as a pattern.
// The error is an [ErrMissing] that names every argument without a file.
func Expand(args []string) ([]string, error) {
	var files []string
	missing := make([]error, 0, len(args))
	for _, arg := range args {
		found, err := expand(arg)
		files = append(files, found...)
		missing = append(missing, err)
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// expand returns the files of one argument.
func expand(arg string) ([]string, error) {
	if arg == Stdin {
		return []string{arg}, nil
	}
	info, err := os.Stat(arg)
	if err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("%s: %w: a folder; name its files, as in %s", arg, ErrMissing, filepath.Join(arg, "*.csv"))
		}
		return []string{filepath.Clean(arg)}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", arg, err)
	}
	found, err := filepath.Glob(arg)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", arg, ErrMissing, err)
	}
	files := slices.DeleteFunc(found, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || info.IsDir()
	})
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: %w", arg, ErrMissing)
	}
	return files, nil
}
