package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed json/*.json rules/*.yml runbooks/*.md
var files embed.FS

// Files returns every dashboard's JSON by its file name, and the rules and
// runbooks below rules/ and runbooks/.
func Files() (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		out[strings.TrimPrefix(name, "json/")], err = files.ReadFile(name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("dashboards: %w", err)
	}
	return out, nil
}
