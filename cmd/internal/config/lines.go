package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// lineNumbers gives the line of every name in a YAML file, counted from 1, by
// its path.
func lineNumbers(content []byte) (map[string]int, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("find its lines: %w", err)
	}
	lines := map[string]int{}
	for _, root := range document.Content {
		addLines("", root, lines)
	}
	return lines, nil
}

func addLines(section string, node *yaml.Node, lines map[string]int) {
	if node.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		path := strings.TrimPrefix(section+"."+name.Value, ".")
		lines[path] = name.Line
		addLines(path, value, lines)
	}
}
