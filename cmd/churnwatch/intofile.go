package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// intoFile runs a command whose standard output is a file: a new one beside
// it, which takes its place when all went well. A server that works for a
// client writes to the client, which alone opens files. "-" is standard
// output as it is.
func (env *environment) intoFile(path string, run func() error) error {
	return env.intoFileFor(path, 0o644, run) // A report is for others to read.
}

// intoFileFor does the same with the file's permissions.
func (env *environment) intoFileFor(path string, mode os.FileMode, run func() error) (err error) {
	if path == "-" || env.serving != nil {
		return run()
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	stdout := env.stdout
	env.stdout = file
	defer func() { env.stdout = stdout }()
	if err := errors.Join(run(), file.Sync(), file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Chmod(file.Name(), mode); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(file.Name())))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(file.Name())))
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	env.say("wrote %s", path)
	return nil
}

// syncFolder brings the name of a file that took its place there to the disk:
// what it replaces, or older copies, may go then.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
