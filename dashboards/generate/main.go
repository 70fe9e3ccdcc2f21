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
	if err := os.MkdirAll(args[0], 0o755); err != nil { //nolint:gosec // Generated code is for everyone to read.
		return err
	}
	for _, b := range boards() {
		made, err := b.build().Build()
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		for i := range made.Templating.List {
			v := &made.Templating.List[i]
			v.Auto, v.AutoMin, v.AutoCount = nil, nil, nil // Known to variables of intervals alone.
		}
		text, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			return fmt.Errorf("%s: %w", b.name, err)
		}
		path := filepath.Join(args[0], uid(b.name)+".json")
		if err := os.WriteFile(path, append(text, '\n'), 0o644); err != nil { //nolint:gosec // The same.
			return err
		}
	}
	return nil
}
