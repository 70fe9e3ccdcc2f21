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
// makes, the rules and runbooks of alerts into folders below, and returns the
// files' paths.
func ExportDashboards(folder string) (paths []string, err error) {
	files, err := dashboards.Files()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // Grafana reads it as another user.
			return nil, fmt.Errorf("export dashboards: %w", err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil { //nolint:gosec // The same.
			return nil, fmt.Errorf("export dashboards: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}
