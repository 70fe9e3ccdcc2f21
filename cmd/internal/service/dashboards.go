package service

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/churnwatch/churnwatch/dashboards"
)

// ExportDashboards writes every Grafana dashboard into a folder, which it
// makes, and returns the files' paths.
func ExportDashboards(folder string) (paths []string, err error) {
	files, err := dashboards.Files()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // Grafana reads it as another user.
		return nil, fmt.Errorf("export dashboards: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, files[name], 0o644); err != nil { //nolint:gosec // The same.
			return nil, fmt.Errorf("export dashboards: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
