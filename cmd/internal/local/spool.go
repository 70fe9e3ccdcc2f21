package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	localv1 "github.com/churnwatch/churnwatch/api/gen/churnwatch/local/v1"
)

// spool is the folder into which one call's inputs are written. The paths in
// it are ours: a client names files, but never where they go.
type spool struct {
	folder string
	paths  map[string]string // the client's name -> our path
	open   *os.File          // the input that is being written
	name   string            // its name with the client
}

// callPrefix begins the names of the folders of calls.
const callPrefix = "call-"

// removeCalls removes the folders of calls that a process has left which
// ended without notice.
func removeCalls(parent string) error {
	entries, err := os.ReadDir(parent)
	if err != nil {
		return fmt.Errorf("spool inputs: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), callPrefix) {
			if err := os.RemoveAll(filepath.Join(parent, e.Name())); err != nil {
				return fmt.Errorf("spool inputs: %w", err)
			}
		}
	}
	return nil
}

// newSpool makes a folder of mode 0700 below parent.
func newSpool(parent string) (*spool, error) {
	folder, err := os.MkdirTemp(parent, callPrefix)
	if err != nil {
		return nil, fmt.Errorf("spool inputs: %w", err)
	}
	return &spool{folder: folder, paths: map[string]string{}}, nil
}

// add appends a piece. Pieces of one input come in a row.
func (s *spool) add(piece *localv1.Piece) error {
	if s.open == nil || piece.GetName() != s.name {
		if err := s.next(piece.GetName()); err != nil {
			return err
		}
	}
	if _, err := s.open.Write(piece.GetData()); err != nil {
		return fmt.Errorf("spool inputs: %w", err)
	}
	return nil
}

// next begins another input.
func (s *spool) next(name string) error {
	if err := s.close(); err != nil {
		return err
	}
	if _, found := s.paths[name]; found {
		return fmt.Errorf("spool inputs: %s came twice", name)
	}
	folder := filepath.Join(s.folder, strconv.Itoa(len(s.paths)+1))
	if err := os.Mkdir(folder, 0o700); err != nil {
		return fmt.Errorf("spool inputs: %w", err)
	}
	path := filepath.Join(folder, baseOf(name))
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("spool inputs: %w", err)
	}
	s.paths[name], s.open, s.name = path, file, name
	return nil
}

// baseOf is the last part of a client's name, whose extensions tell the
// format, where that can be a name here.
func baseOf(name string) string {
	const longest = 200
	base := filepath.Base(name)
	switch {
	case name == StandardInput:
		return "stdin"
	case base == "." || base == ".." || base == string(filepath.Separator):
		return "input"
	case len(base) > longest:
		return base[len(base)-longest:]
	}
	return base
}

// close ends the input that is being written.
func (s *spool) close() error {
	if s.open == nil {
		return nil
	}
	err := s.open.Close()
	s.open = nil
	return err
}

// remove deletes everything.
func (s *spool) remove() error {
	return errors.Join(s.close(), os.RemoveAll(s.folder))
}
