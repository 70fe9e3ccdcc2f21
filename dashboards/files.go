package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
)

//go:embed json/*.json
var files embed.FS

// Files returns every dashboard's JSON by its file name.
func Files() (map[string][]byte, error) {
	names, err := fs.Glob(files, "json/*.json")
	if err != nil {
		return nil, fmt.Errorf("dashboards: %w", err)
	}
	out := map[string][]byte{}
	for _, name := range names {
		if out[path.Base(name)], err = files.ReadFile(name); err != nil {
			return nil, fmt.Errorf("dashboards: %w", err)
		}
	}
	return out, nil
}
