// Command generate writes the dashboards as JSON into a folder.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "generate dashboards:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("want one argument, the folder")
	}
	board, err := cohorts().Build()
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(board, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // Generated code is for everyone to read.
		return err
	}
	return os.WriteFile(filepath.Join(args[0], "churnwatch-cohorts.json"), append(text, '\n'), 0o644) //nolint:gosec // The same.
}
